/**
 * `/errors`: what devices reported as errors, from the audit, and what each code means. protocol.md §6, §11
 */
import Type from 'typebox'
import type { Store } from '../../storage/store.js'
import { DeviceParams, deviceOf } from '../device-registry.js'
import { ErrorBody, errorBody } from '../error-body.js'
import { createErrorCodes, ErrorCodeBody, type EspErrorCode, SeverityName } from '../error-codes.js'
import { Problem } from '../problem.js'
import { type Resource, route } from '../route.js'
import { PageInfo, PageQuery, pageInfo } from '../shapes.js'

const HOUR = 3_600_000
/** Entries a summary looks at. */
const MOST = 10_000
/** Codes a summary names. */
const TOP = 10

const Hours = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 168, description: 'back from now, default 24' }),
)
const Count = Type.Integer({ minimum: 0 })
const Counts = Type.Record(Type.String(), Count)

/** How often each of these was there, the most frequent first. */
function counted(words: readonly (string | null | undefined)[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const word of words) if (word != null) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)
}

export interface ErrorsOptions {
  store: Store
  now: () => number
  /** The codes of the firmware. */
  espErrorCodes: readonly EspErrorCode[]
}

export function errors({ store, now, espErrorCodes }: ErrorsOptions): Resource {
  const codes = createErrorCodes(espErrorCodes)
  const reported = { event_type: 'mqtt_error' } as const

  return {
    prefix: '/errors',
    tag: 'Errors',
    routes: [
      route({
        method: 'GET',
        path: '/esp/{esp_id}',
        role: 'viewer',
        summary: 'Errors a device reported, latest first',
        params: Type.Object(DeviceParams),
        query: Type.Object({ severity: Type.Optional(SeverityName), hours: Hours, ...PageQuery }),
        answer: Type.Object({
          success: Type.Literal(true),
          errors: Type.Array(ErrorBody),
          total_count: Count,
          pagination: PageInfo,
        }),
        errors: ['not_found'],
        async handle({ params: { esp_id }, query: { severity, hours = 24, page = 1, page_size = 100 } }) {
          const { name } = deviceOf(store, esp_id)
          const filter = { ...reported, source_id: esp_id, severity, from: now() - hours * HOUR }
          const { rows, total } = await store.auditLogs.page(filter, page, page_size)
          return {
            success: true as const,
            errors: rows.map((entry) => errorBody(entry, name, codes)),
            total_count: total,
            pagination: pageInfo(total, page, page_size),
          }
        },
      }),

      route({
        method: 'GET',
        path: '/summary',
        role: 'viewer',
        summary: 'How many errors devices reported, by severity, category, device and code',
        query: Type.Object({ hours: Hours }),
        answer: Type.Object({
          success: Type.Literal(true),
          period_hours: Type.Integer(),
          total_errors: Count,
          counted: Type.Integer({
            description: `entries the figures below are of: the latest ${MOST} at most`,
          }),
          errors_by_severity: Counts,
          errors_by_category: Counts,
          errors_by_esp: Counts,
          top_error_codes: Type.Array(
            Type.Object({ error_code: Type.Integer(), count: Count, message: Type.String() }),
          ),
          action_required_count: Count,
        }),
        async handle({ query: { hours = 24 } }) {
          const filter = { ...reported, from: now() - hours * HOUR }
          const { rows, total } = await store.auditLogs.page(filter, 1, MOST)
          const bodies = rows.map((entry) => errorBody(entry, null, codes))
          const by = (of: (body: (typeof bodies)[number]) => string | null): Record<string, number> =>
            Object.fromEntries(counted(bodies.map(of)))
          const top = counted(bodies.map(({ error_code }) => error_code?.toString())).slice(0, TOP)
          return {
            success: true as const,
            period_hours: hours,
            total_errors: total,
            counted: bodies.length,
            errors_by_severity: by(({ severity }) => severity),
            errors_by_category: by(({ category }) => category),
            errors_by_esp: by(({ esp_id }) => esp_id),
            top_error_codes: top.map(([code, count]) => ({
              error_code: Number(code),
              count,
              message: codes.find(code)?.message ?? `Unknown error code ${code}`,
            })),
            action_required_count: bodies.filter((body) => body.user_action_required).length,
          }
        },
      }),

      route({
        method: 'GET',
        path: '/codes',
        role: 'viewer',
        summary: 'Every code and what it means',
        query: Type.Object({
          source: Type.Optional(ErrorCodeBody.properties.source),
          category: Type.Optional(Type.String({ description: 'in any case' })),
        }),
        answer: Type.Object({
          success: Type.Literal(true),
          error_codes: Type.Array(ErrorCodeBody),
          total_count: Count,
        }),
        handle({ query: { source, category } }) {
          const error_codes = codes
            .list()
            .filter((code) => source === undefined || code.source === source)
            .filter((code) => category === undefined || code.category === category.toUpperCase())
          return { success: true as const, error_codes, total_count: error_codes.length }
        },
      }),

      route({
        method: 'GET',
        path: '/codes/{code}',
        role: 'viewer',
        summary: 'What a code means, by its number or by its name',
        params: Type.Object({ code: Type.String({ pattern: '^\\w{1,64}$' }) }),
        answer: ErrorCodeBody,
        errors: ['not_found'],
        handle({ params: { code } }) {
          const found = codes.find(code)
          if (!found) throw new Problem('not_found', `There is no error code ${code}`)
          return found
        },
      }),
    ],
  }
}
