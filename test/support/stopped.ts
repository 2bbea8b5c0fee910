/** A kaiser with two devices that can be stopped, and what is heard of that. */
import t from 'tap'
import { outsider } from '../storage/open.js'
import { type OpenApp, type OpenOptions, openApp, type Teardown } from './app.js'
import { people, request } from './http.js'

export const A = 'ESP_AAAAAAAA'
export const B = 'ESP_BBBBBBBB'

/** Two devices with a pump each, one of them in zone `north`, and people. */
export async function house(t: Teardown, options: OpenOptions = {}) {
  const app = await openApp(t, options)
  const { admin, operator, viewer } = await people(app)
  const ask = (method: string, path: string, body?: unknown, token = operator, headers = {}) =>
    request(app, method, `/actuators${path}`, { token, headers, ...(body !== undefined && { body }) })
  for (const [device_id, zone_id] of [
    [A, 'North'],
    [B, null],
  ]) {
    await request(app, 'POST', '/esp/devices', { token: operator, body: { device_id, zone_id } })
    await ask('POST', `/${device_id}/5`, { actuator_type: 'pump' })
  }
  return {
    app,
    admin,
    operator,
    viewer,
    ask,
    stop: (body: unknown, headers = {}) => ask('POST', '/emergency_stop', body, undefined, headers),
    clear: (body: unknown) => ask('POST', '/clear_emergency', body),
    seen: async () => (await ask('GET', '/emergency', undefined, viewer)).body,
    on: (esp_id: string) => ask('POST', `/${esp_id}/5/command`, { command: 'ON' }),
  }
}
export type House = Awaited<ReturnType<typeof house>>

export interface Seen {
  stops: { stop_id: number; scope: string; armed: unknown; devices: { esp_id: string; state: string }[] }[]
}
export const stateOf = async ({ seen }: House, esp_id: string, n = 0): Promise<string | undefined> =>
  ((await seen()) as unknown as Seen).stops[n]?.devices.find((device) => device.esp_id === esp_id)?.state

export const audited = (app: OpenApp) => {
  const db = outsider(t, `${app.dir}/kaiser.db`)
  const found = db
    .prepare(
      "SELECT event_type, source_id, request_id, message FROM audit_logs WHERE event_type LIKE 'emergency%' ORDER BY id",
    )
    .all()
  db.close()
  return found
}
