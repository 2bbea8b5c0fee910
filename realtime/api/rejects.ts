/** `/rejects`: messages that were acknowledged but not used, and handing one in again. */
import { Hono } from 'hono'
import type { Reject } from '../../storage/rejects.js'
import type { Store } from '../../storage/store.js'
import { Problem } from '../problem.js'
import type { Tokens } from '../tokens.js'
import { type Env, iso, requires } from '../web.js'

/** A reject as people read it: the payload as text, and as base64 where it is none. */
const rejectBody = (reject: Reject) => ({
  id: reject.id,
  received_at: iso(reject.received_at),
  topic: reject.topic,
  payload: Buffer.from(reject.payload).toString('utf8'),
  payload_base64: Buffer.from(reject.payload).toString('base64'),
  payload_bytes: reject.payload_bytes,
  qos: reject.qos,
  code: reject.code,
  detail: reject.detail,
  esp_id: reject.esp_id,
  client_id: reject.client_id,
  retried_at: iso(reject.retried_at),
  can_retry: reject.payload.length === reject.payload_bytes,
})

export interface RejectsOptions {
  store: Store
  tokens: Tokens
  /** Hands a rejected message in again; resolves when it has been dealt with. */
  retry: (reject: Reject) => Promise<{ code: string }>
}

export function rejects({ store, tokens, retry }: RejectsOptions): Hono<Env> {
  return new Hono<Env>()
    .get('/', requires(tokens, 'operator'), (c) => {
      const { code, esp_id } = c.req.query()
      const data = store.rejects
        .list()
        .filter((reject) => code === undefined || reject.code === code)
        .filter((reject) => esp_id === undefined || reject.esp_id === esp_id)
      return c.json({ success: true, data: data.map(rejectBody), total: data.length })
    })

    .post('/:id/retry', requires(tokens, 'operator'), async (c) => {
      const reject = store.rejects.find(Number(c.req.param('id')))
      if (!reject) throw new Problem('not_found', `Reject ${c.req.param('id')} is not in the list`)
      if (reject.payload.length < reject.payload_bytes)
        throw new Problem(
          'request_invalid',
          `Only the first ${reject.payload.length} of ${reject.payload_bytes} bytes were kept`,
        )
      const { code } = await retry(reject)
      return c.json({ success: code === 'processed', message: `The message was ${code}`, code })
    })
}
