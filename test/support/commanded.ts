/** A kaiser with a device that has actuators, and somebody who commands it over REST. */
import t from 'tap'
import { outsider } from '../storage/open.js'
import { actuatorDevice } from './actuator-device.js'
import { type OpenApp, type OpenOptions, openApp, type Teardown } from './app.js'
import { people, request } from './http.js'
import { until } from './until.js'

export const ESP = 'ESP_12AB34CD'

/** A kaiser with one device that has a pump on gpio 5 and a fan on gpio 18, and people. */
export async function house(
  t: Teardown,
  { connected = true, ...options }: OpenOptions & { connected?: boolean } = {},
) {
  const app = await openApp(t, options)
  const { admin, operator, viewer } = await people(app)
  const ask = (method: string, path: string, body?: unknown, token = operator, headers = {}) =>
    request(app, method, `/actuators${path}`, { token, headers, ...(body !== undefined && { body }) })
  await request(app, 'POST', '/esp/devices', { token: operator, body: { device_id: ESP } })
  await ask('POST', `/${ESP}/5`, { actuator_type: 'pump' })
  await ask('POST', `/${ESP}/18`, { actuator_type: 'fan', min_value: 0.2 })
  const device = connected ? await actuatorDevice(t, app, ESP) : undefined
  await device?.is('off')
  await device?.is('off', 18, { actuator_type: 'pwm' })
  const command = (body: unknown, gpio: number | string = 5, token = operator) =>
    ask('POST', `/${ESP}/${gpio}/command`, body, token)
  const found = (correlation_id: unknown) => ask('GET', `/commands/${correlation_id}`, undefined, viewer)
  const reaches = (correlation_id: unknown, state: string) =>
    until(async () => (await found(correlation_id)).body.state === state, `${correlation_id} is ${state}`)
  return { app, device: device!, admin, operator, viewer, ask, command, found, reaches }
}
export const rows = (app: OpenApp, sql: string): unknown[] => {
  const db = outsider(t, `${app.dir}/kaiser.db`)
  const all = db.prepare(sql).all()
  db.close()
  return all
}
