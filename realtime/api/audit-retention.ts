/** `/audit/retention`: how long entries are kept, and cleaning up now. Wire format: rest-contract §12. */
import Type, { type Static } from 'typebox'
import { type RetentionChanges, type RetentionRule, retentionFault } from '../../routing/retention.js'
import type { Store } from '../../storage/store.js'
import { perSeverity, RetentionBody, retentionBody } from '../audit-body.js'
import { Problem } from '../problem.js'
import { type Resource, route } from '../route.js'
import { given } from '../shapes.js'
import { byUser } from '../user-audit.js'

const Days = given(Type.Integer({ description: '1 to 3650; null for default_days' }))

// What a number may be is a rule of the house, answered with 400 (rest-contract §12); its shape is checked here.
const Changes = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
  default_days: Type.Optional(Type.Integer({ description: '1 to 3650' })),
  severity_days: Type.Optional(
    Type.Object(
      { info: Days, warning: Days, error: Days, critical: Days },
      { additionalProperties: false, description: 'those that are left out stay' },
    ),
  ),
  max_records: Type.Optional(Type.Integer({ description: '0 = no limit' })),
  batch_size: Type.Optional(Type.Integer({ description: '100 to 10000' })),
  preserve_emergency_stops: Type.Optional(Type.Boolean()),
})

type Changes = Static<typeof Changes>

/** What is given. Throws Problem (400) where a number is not allowed. */
function changesIn(body: Changes): RetentionChanges {
  const { enabled, default_days, severity_days, max_records, batch_size, preserve_emergency_stops } = body
  const changes = Object.fromEntries(
    Object.entries({
      enabled,
      default_days,
      severity_days,
      max_records,
      batch_size,
      preserve_emergency_stops,
    }).filter(([, value]) => value !== undefined),
  )
  const fault = retentionFault(changes)
  if (fault) throw new Problem('request_refused', fault)
  return changes
}

export interface AuditRetentionOptions {
  store: Store
  now: () => number
  retention: RetentionRule
}

export const auditRetention = ({ store, now, retention }: AuditRetentionOptions): Resource => ({
  prefix: '/audit/retention',
  tag: 'Audit',
  routes: [
    route({
      method: 'GET',
      path: '/config',
      role: 'viewer',
      summary: 'How long entries are kept',
      answer: RetentionBody,
      handle: () => retentionBody(retention),
    }),

    route({
      method: 'PUT',
      path: '/config',
      role: 'admin',
      summary: 'Change how long entries are kept; what is left out stays',
      body: Changes,
      answer: RetentionBody,
      errors: ['request_refused'],
      async handle(asked) {
        const changes = changesIn(asked.body)
        await store.group.run(() => {
          retention.change(changes, now())
          store.auditLogs.insert(byUser(asked, { event_type: 'retention_changed', details: changes }), now())
        })
        return retentionBody(retention)
      },
    }),

    route({
      method: 'POST',
      path: '/cleanup',
      role: 'admin',
      summary: 'Delete what is over now, also when the hourly cleanup is off; or count it with dry_run',
      description:
        'With dry_run the body may have a configuration that is to be tried: it counts as if that were set.',
      query: Type.Object({ dry_run: Type.Optional(Type.Boolean({ description: 'default false' })) }),
      body: Changes,
      answer: Type.Object({
        deleted_count: Type.Integer({ minimum: 0 }),
        deleted_by_severity: perSeverity('entries'),
        duration_ms: Type.Integer({ minimum: 0 }),
        dry_run: Type.Boolean(),
        errors: Type.Array(Type.String(), { description: 'why it ended early' }),
      }),
      errors: ['request_refused'],
      async handle(asked) {
        const { dry_run = false } = asked.query
        const supposed = changesIn(asked.body)
        if (!dry_run && Object.keys(supposed).length > 0)
          throw new Problem(
            'request_refused',
            'A configuration is tried with dry_run only; PUT …/config sets it',
          )
        const done = await retention.cleanup(dry_run, supposed)
        if (!dry_run)
          store.auditLogs.note(
            byUser(asked, {
              event_type: 'audit_cleaned',
              status: done.errors.length === 0 ? 'success' : 'failed',
              message: `${done.deleted_count} old entries were deleted`,
              details: { deleted_by_severity: done.deleted_by_severity },
            }),
            now(),
          )
        return { ...done, dry_run }
      },
    }),
  ],
})
