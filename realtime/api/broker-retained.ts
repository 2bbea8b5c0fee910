/** `/broker/retained`: the retained messages, and clearing them. */
import Type from 'typebox'
import { holdsSecrets } from '../../routing/contract/secrets.js'
import type { Store } from '../../storage/store.js'
import { Problem } from '../problem.js'
import { type Resource, route } from '../route.js'
import { nullable, PageInfo, PageQuery, paged } from '../shapes.js'
import { byUser } from '../user-audit.js'

interface RetainedMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: number
}

export interface BrokerRetainedOptions {
  store: Store
  /** Those whose topic matches a filter, or all; by topic. */
  retained: (filter?: string) => Promise<readonly RetainedMessage[]>
  /** Publishes the empty retained message that clears a topic. */
  clearRetained: (topic: string) => Promise<void>
  now: () => number
}

/** Bytes of a payload that are shown. */
const SHOWN = 4_096

const RetainedBody = Type.Object({
  topic: Type.String(),
  qos: Type.Integer({ minimum: 0, maximum: 2 }),
  payload_bytes: Type.Integer({ minimum: 1 }),
  payload: nullable(
    Type.String({ description: `the first ${SHOWN} bytes as text; null when it holds secrets` }),
  ),
  payload_base64: nullable(Type.String({ description: 'the same bytes' })),
})

const retainedBody = ({ topic, qos, payload }: RetainedMessage) => {
  const shown = holdsSecrets(topic) ? null : Buffer.from(payload.subarray(0, SHOWN))
  return {
    topic,
    qos,
    payload_bytes: payload.length,
    payload: shown === null ? null : shown.toString('utf8'),
    payload_base64: shown === null ? null : shown.toString('base64'),
  }
}

export const brokerRetained = ({ store, retained, clearRetained, now }: BrokerRetainedOptions): Resource => ({
  prefix: '/broker/retained',
  tag: 'Broker',
  routes: [
    route({
      method: 'GET',
      path: '',
      role: 'admin',
      summary: 'Retained messages, by topic',
      query: Type.Object({
        filter: Type.Optional(Type.String({ description: 'topic or topic filter; all without one' })),
        ...PageQuery,
      }),
      answer: Type.Object({
        success: Type.Literal(true),
        data: Type.Array(RetainedBody),
        pagination: PageInfo,
      }),
      async handle({ query: { filter, ...page } }) {
        const { data, pagination } = paged(await retained(filter), page)
        return { success: true as const, data: data.map(retainedBody), pagination }
      },
    }),

    route({
      method: 'DELETE',
      path: '',
      role: 'admin',
      summary: 'Clear retained messages; subscribers hear an empty message on each topic',
      query: Type.Object({ filter: Type.String({ minLength: 1, description: 'topic or topic filter' }) }),
      answer: Type.Object({
        success: Type.Literal(true),
        message: Type.String(),
        cleared: Type.Integer({ minimum: 0 }),
      }),
      errors: ['not_found'],
      async handle(asked) {
        const { filter } = asked.query
        const found = await retained(filter)
        if (found.length === 0) throw new Problem('not_found', `Nothing is retained on ${filter}`)
        for (const { topic } of found) await clearRetained(topic)
        store.auditLogs.note(
          byUser(asked, { event_type: 'retained_cleared', details: { filter, cleared: found.length } }),
          now(),
        )
        return {
          success: true as const,
          message: `${found.length} retained messages were cleared`,
          cleared: found.length,
        }
      },
    }),
  ],
})
