/** Interlocks with an actuator whose device is gone: what is believed of it, and what is not. */
import t from 'tap'
import { actuatorDevice } from '../support/actuator-device.js'
import { openApp, type Teardown } from '../support/app.js'
import { people, request } from '../support/http.js'
import { until } from '../support/until.js'

const A = 'ESP_AAAAAAAA'
const B = 'ESP_BBBBBBBB'

/** B 13 has this to do with A 16; both are connected and off. */
async function house(t: Teardown, kind: 'only_while' | 'never_with') {
  const app = await openApp(t)
  const { operator: token } = await people(app)
  const ask = (method: string, path: string, body: unknown) => request(app, method, path, { token, body })
  for (const device_id of [A, B]) await ask('POST', '/esp/devices', { device_id })
  await ask('POST', `/actuators/${A}/16`, { actuator_type: 'pump' })
  await ask('POST', `/actuators/${B}/13`, {
    actuator_type: 'pump',
    interlocks: [{ kind, esp_id: A, gpio: 16 }],
  })
  const [a, b] = [await actuatorDevice(t, app, A), await actuatorDevice(t, app, B)]
  await a.is('off', 16)
  await b.is('off', 13)
  return {
    app,
    a,
    b,
    on: (esp_id: string, gpio: number, body = {}) =>
      ask('POST', `/actuators/${esp_id}/${gpio}/command`, { command: 'ON', ...body }),
    /** Its Will says that it is gone. */
    async dies() {
      await a.says('system/will', { status: 'offline', reason: 'power_loss' })
      await a.leaves()
      await until(() => !app.broker.present(A), 'it is gone')
    },
  }
}

t.test('what needs one whose device is gone is told OFF and stays off', async (t) => {
  const { a, b, on, dies } = await house(t, 'only_while')
  await a.is('on', 16)
  t.match(await on(B, 13), { status: 200 })
  await b.is('on', 13)
  await dies()
  await until(() => b.commands(13).some(({ command }) => command === 'OFF'), 'OFF')
  t.match(b.commands(13).at(-1), { issued_by: 'gate:only_while' })
  t.match(await on(B, 13), {
    status: 400,
    body: { detail: /GPIO 16 of ESP_AAAAAAAA is, which is not heard of/ },
  })
})

t.test('one that was off when its device went lets another one on, and that is said', async (t) => {
  const { on, dies } = await house(t, 'never_with')
  await dies()
  t.match(await on(B, 13), {
    status: 200,
    body: { safety_warnings: [/GPIO 16 of ESP_AAAAAAAA, which is not heard of/] },
  })
})

t.test(
  'one that was told to go on before its device went may be on, also when that is given up',
  async (t) => {
    const { app, a, on, dies } = await house(t, 'never_with')
    const { body } = await on(A, 16)
    await until(() => a.commands(16).length > 0, 'ON')
    await dies()
    t.match(await on(B, 13), { status: 400 })
    await app.store.group.run(() => {
      const command = app.store.actuatorHistory.find(String(body.correlation_id))!
      app.store.actuatorHistory.update(command, { state: 'expired', success: 0, finished_at: Date.now() })
    })
    t.match(await on(B, 13), { status: 400, body: { detail: /not heard of since it was told to go on/ } })
    await app.store.group.run(() => app.store.actuatorHistory.tidy(Date.now() + 700_000))
    t.match(await on(B, 13), { status: 400 }, 'however long ago that was')
  },
)
