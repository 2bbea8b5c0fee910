/** A kaiser with readings, and somebody who asks for them. */
import { Compile } from 'typebox/compile'
import { DataAnswer, LatestAnswer } from '../../realtime/reading-answers.js'
import type { Reading } from '../../storage/readings.js'
import { NOON, reading } from '../storage/open.js'
import { setUp } from './administrator.js'
import { type OpenApp, openApp, type Teardown } from './app.js'
import { request } from './http.js'

export const isData = Compile(DataAnswer)
export const isLatest = Compile(LatestAnswer)
export const PERIOD = 'start_time=2025-06-01T00:00:00Z&end_time=2025-06-02T00:00:00Z'

export interface Asking {
  app: OpenApp
  token: string
  store(...readings: Partial<Reading>[]): Promise<unknown>
  get(path: string): ReturnType<typeof request>
  /** GET /sensors/data of the day of these readings; the answer is what its schema says. */
  data(query?: string): Promise<Record<string, unknown> & { readings: Reading[]; next_cursor: string | null }>
}

export async function opened(t: Teardown): Promise<Asking> {
  const app = await openApp(t, { now: () => NOON + 3_600_000 })
  const token = (await setUp(app.origin)).access_token
  const get = (path: string) => request(app, 'GET', path, { token })
  return {
    app,
    token,
    get,
    store: (...readings) =>
      app.store.group.run(() => {
        for (const fields of readings) app.store.readings.insert(reading(fields))
      }),
    async data(query = '') {
      const { status, body } = await get(`/sensors/data?${PERIOD}&${query}`)
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
      if (!isData.Check(body)) throw new Error(JSON.stringify(isData.Errors(body)))
      return body as unknown as Awaited<ReturnType<Asking['data']>>
    },
  }
}

export const series = (count: number, fields: Partial<Reading> = {}): Partial<Reading>[] =>
  Array.from({ length: count }, (_, n) => ({ timestamp: NOON + n * 1000, raw_value: n, ...fields }))
