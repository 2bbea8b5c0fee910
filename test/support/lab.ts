/** A kaiser with one mock, and somebody who asks for things of it. */
import { type OpenApp, openApp, type Teardown } from './app.js'
import { type Answer, people, request } from './http.js'

export const ID = 'ESP_MOCK_A1B2C3'

export async function house(t: Teardown, made: object | null = {}) {
  const app = await openApp(t)
  const { admin, operator, viewer } = await people(app)
  const as = (method: string, path: string, body?: unknown): Promise<Answer> =>
    request(app, method, `/debug/mock-esp${path}`, { token: admin, body })
  if (made) await as('POST', '', { esp_id: ID, ...made })
  return { app, as, admin, operator, viewer }
}

export const devices = (app: OpenApp): string[] => app.store.devices.list().map(({ device_id }) => device_id)
