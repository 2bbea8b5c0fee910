/** `/sensors`: the latest reading of every sensor. The rest of rest-contract §9 has its own issue. */
import { Hono } from 'hono'
import type { Reading } from '../../storage/readings.js'
import type { Store } from '../../storage/store.js'
import type { Tokens } from '../tokens.js'
import { type Env, iso, requires } from '../web.js'

/** A reading as the pages know one. */
export const readingBody = (reading: Reading) => ({
  ...reading,
  address: reading.address || null,
  value: reading.processed_value ?? reading.raw_value,
  timestamp: iso(reading.timestamp),
  received_at: iso(reading.received_at),
})

export function sensors({ store, tokens }: { store: Store; tokens: Tokens }): Hono<Env> {
  return new Hono<Env>().get('/latest', requires(tokens), (c) => {
    const data = store.readings.latest(c.req.query('esp_id')).map(readingBody)
    return c.json({ success: true, data, total: data.length })
  })
}
