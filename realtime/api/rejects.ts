/** `/rejects`: messages that were acknowledged but not used, and handing one in again. */
import Type from 'typebox'
import type { MessageLog } from '../../routing/trace.js'
import type { Reject } from '../../storage/rejects.js'
import type { Store } from '../../storage/store.js'
import { Problem } from '../problem.js'
import { RejectBody, rejectBody } from '../reject-body.js'
import { type Resource, route } from '../route.js'

export interface RejectsOptions {
  store: Store
  /** Hands a rejected message in again; resolves when it has been dealt with. */
  retry: (reject: Reject) => Promise<{ code: string }>
  messages: MessageLog
}

/** Where in the log of messages rejects are, by their numbers. */
function messageIds(messages: MessageLog): ReadonlyMap<number, number> {
  const ids = new Map<number, number>()
  for (let id = messages.oldest; id <= messages.newest; id++) {
    const reject_id = messages.rejectOf(id)
    if (reject_id > 0) ids.set(reject_id, id)
  }
  return ids
}

export const rejects = ({ store, retry, messages }: RejectsOptions): Resource => ({
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
        const ids = messageIds(messages)
        const data = store.rejects
          .list()
          .filter((reject) => code === undefined || reject.code === code)
          .filter((reject) => esp_id === undefined || reject.esp_id === esp_id)
          .map((reject) => rejectBody(reject, ids.get(reject.id) ?? null))
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
