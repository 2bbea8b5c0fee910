/** A kaiser with one device that takes its configuration, or does not. */
import { type OpenApp, openApp, type Teardown } from './app.js'
import { people, request } from './http.js'
import { type ConfigMessage, firmware, type StandIn, standIn } from './stand-in.js'
import { until } from './until.js'

export const ESP = 'ESP_12AB34CD'
export const TOPIC = `kaiser/god/esp/${ESP}/config`

export interface House {
  app: OpenApp
  device: StandIn
  clock: { ahead: number }
  post(what: string, body: object): ReturnType<typeof request>
  patch(what: string, body: object): ReturnType<typeof request>
  remove(what: string): ReturnType<typeof request>
  get(what: string): Promise<Record<string, unknown>>
  /** Entries of a kind, newest first. */
  audit(event_type: string): Promise<unknown>
}

/** A kaiser whose clock can be moved on, and one online device. */
export async function house(
  t: Teardown,
  answer: ((message: ConfigMessage) => readonly object[]) | undefined = firmware(),
  { beat = {} }: { beat?: object } = {},
): Promise<House> {
  const clock = { ahead: 0 }
  const app = await openApp(t, { now: () => Date.now() + clock.ahead })
  const device = await standIn(t, app, ESP, answer)
  await device.beats(beat)
  const { operator: token } = await people(app)
  return {
    app,
    device,
    clock,
    post: (what, body) => request(app, 'POST', what, { token, body }),
    patch: (what, body) => request(app, 'PATCH', what, { token, body }),
    remove: (what) => request(app, 'DELETE', what, { token }),
    get: async (what) => (await request(app, 'GET', what, { token })).body,
    audit: async (kind) => (await request(app, 'GET', `/audit?event_type=${kind}`, { token })).body.data,
  }
}
export const sensor = (gpio: number) => `/sensors/${ESP}/${gpio}`
export const actuator = (gpio: number) => `/actuators/${ESP}/${gpio}`
export const told = ({ device }: House, count: number) =>
  until(() => device.told.length === count, `${count} configurations`)
