/** `/rejects`: messages that were acknowledged but not used, and handing one in again. */
import Type from 'typebox'
import type { Reject } from '../../storage/rejects.js'
import type { Store } from '../../storage/store.js'
import { Problem } from '../problem.js'
import { type Resource, route } from '../route.js'
import { nullable, Time } from '../shapes.js'
import { iso } from '../web.js'

/** A reject as people read it: the payload as text, and as base64 where it is none. */
const RejectBody = Type.Object({
  id: Type.Integer(),
  received_at: Time,
  topic: Type.String(),
  payload: Type.String(),
  payload_base64: Type.String(),
  payload_bytes: Type.Integer({ description: 'of the whole message; refusals keep the first 512' }),
  qos: Type.Integer(),
  code: Type.String({ description: 'why it was not used' }),
  detail: Type.String(),
  esp_id: nullable(Type.String()),
  client_id: nullable(Type.String()),
  said_by: nullable(Type.String({ description: 'the person who commanded it over MQTT' })),
  retried_at: nullable(Time),
  can_retry: Type.Boolean({ description: 'all of its payload was kept' }),
})

const rejectBody = (reject: Reject) => ({
  id: reject.id,
  received_at: iso(reject.received_at)!,
  topic: reject.topic,
  payload: Buffer.from(reject.payload).toString('utf8'),
  payload_base64: Buffer.from(reject.payload).toString('base64'),
  payload_bytes: reject.payload_bytes,
  qos: reject.qos,
  code: reject.code,
  detail: reject.detail,
  esp_id: reject.esp_id,
  client_id: reject.client_id,
  said_by: reject.said_by,
  retried_at: iso(reject.retried_at),
  can_retry: reject.payload.length === reject.payload_bytes,
})

export interface RejectsOptions {
  store: Store
  /** Hands a rejected message in again; resolves when it has been dealt with. */
  retry: (reject: Reject) => Promise<{ code: string }>
}

export const rejects = ({ store, retry }: RejectsOptions): Resource => ({
  prefix: '/rejects',
  tag: 'Rejects',
  routes: [
    route({
      method: 'GET',
      path: '',
      role: 'operator',
      summary: 'Messages that were acknowledged but not used, newest first',
      query: Type.Object({
        code: Type.Optional(Type.String()),
        esp_id: Type.Optional(Type.String()),
      }),
      answer: Type.Object({
        success: Type.Literal(true),
        data: Type.Array(RejectBody),
        total: Type.Integer(),
      }),
      handle({ query: { code, esp_id } }) {
        const data = store.rejects
          .list()
          .filter((reject) => code === undefined || reject.code === code)
          .filter((reject) => esp_id === undefined || reject.esp_id === esp_id)
          .map(rejectBody)
        return { success: true as const, data, total: data.length }
      },
    }),

    route({
      method: 'POST',
      path: '/{id}/retry',
      role: 'operator',
      summary: 'Hand a kept message in again, as if it had just arrived',
      params: Type.Object({ id: Type.Integer() }),
      answer: Type.Object({ success: Type.Boolean(), message: Type.String(), code: Type.String() }),
      errors: ['not_found'],
      async handle({ params: { id } }) {
        const reject = store.rejects.find(id)
        if (!reject) throw new Problem('not_found', `Reject ${id} is not in the list`)
        if (reject.payload.length < reject.payload_bytes)
          throw new Problem(
            'request_invalid',
            `Only the first ${reject.payload.length} of ${reject.payload_bytes} bytes were kept`,
          )
        const { code } = await retry(reject)
        return { success: code === 'processed', message: `The message was ${code}`, code }
      },
    }),
  ],
})
