/** A kaiser with one device whose actuators are configured. */
import { openApp, type Teardown } from './app.js'
import { people, request } from './http.js'
import { firmware, standIn } from './stand-in.js'

export const ESP = 'ESP_12AB34CD'

/** A kaiser with one online device that takes what it is told, and people. */
export async function house(t: Teardown, refuses: readonly number[] = []) {
  const app = await openApp(t)
  const device = await standIn(t, app, ESP, firmware(refuses))
  await device.beats()
  const { operator, viewer } = await people(app)
  const post = (gpio: number | string, body: object, token = operator) =>
    request(app, 'POST', `/actuators/${ESP}/${gpio}`, { token, body })
  const sensor = (gpio: number, body: object) =>
    request(app, 'POST', `/sensors/${ESP}/${gpio}`, { token: operator, body })
  const get = (path: string, token = viewer) => request(app, 'GET', `/actuators${path}`, { token })
  const remove = (gpio: number, token = operator) =>
    request(app, 'DELETE', `/actuators/${ESP}/${gpio}`, { token })
  return { app, device, operator, viewer, post, sensor, get, remove }
}
