/** Every actuator at once, as a page needs it before the events say more. */
import t from 'tap'
import { actuatorDevice } from '../support/actuator-device.js'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'
import { until } from '../support/until.js'

const ESP = 'ESP_12AB34CD'

t.test(
  'what was reported, until when, and the latest command; unreported and unconfigured ones too',
  async (t) => {
    const app = await openApp(t)
    const { operator, viewer } = await people(app)
    await request(app, 'POST', '/esp/devices', { token: operator, body: { device_id: ESP } })
    const ask = (method: string, path: string, body?: unknown, token = operator) =>
      request(app, method, `/actuators${path}`, { token, ...(body !== undefined && { body }) })
    await ask('POST', `/${ESP}/5`, {
      actuator_type: 'pump',
      name: 'Irrigation',
      cooldown_seconds: 30,
      daily_quota: 900,
    })
    await ask('POST', `/${ESP}/18`, { actuator_type: 'fan', min_value: 0.2 })
    const device = await actuatorDevice(t, app, ESP)
    await device.is('off', 7, { actuator_type: 'relay' })

    const { body: sent } = await ask('POST', `/${ESP}/5/command`, { command: 'ON', duration: 60 })
    await until(() => device.commands().length > 0, 'the command')
    const states = async (query = '') => (await ask('GET', `/states${query}`, undefined, viewer)).body
    const before = (await states()).data as Record<string, unknown>[]
    t.match(before, [
      {
        esp_id: ESP,
        gpio: 5,
        name: 'Irrigation',
        kind: 'pump',
        state: null,
        value: null,
        off_at: null,
        reported_at: null,
        limits: {
          max_runtime_seconds: 3600,
          min_off_seconds: 30,
          daily_quota_seconds: 900,
          starts_per_hour: null,
        },
        required_sensors: [],
      },
      {
        gpio: 7,
        name: null,
        kind: 'relay',
        enabled: null,
        state: 'off',
        value: 0,
        command: null,
        reported_at: /Z$/,
      },
      { gpio: 18, kind: 'fan', actuator_type: 'pwm', enabled: true, min_value: 0.2, state: null },
    ])
    t.match(before[0]!.command, { correlation_id: sent.correlation_id, is_final: false, command: 'ON' })

    await device.answers(sent.correlation_id, 'ON')
    await device.is('on')
    const after = ((await states()).data as Record<string, unknown>[])[0]!
    t.match(after, {
      state: 'on',
      value: 1,
      stale_since: null,
      stale_reason: null,
      command: { state: 'done' },
      on_since: /Z$/,
    })
    const left = Date.parse(String(after.off_at)) - Date.now()
    t.ok(left > 0 && left <= 60_000, `the sooner of its timers: ${left} ms`)

    t.match(await states('?page_size=2&page=2'), {
      data: [{ gpio: 18 }],
      pagination: { total_items: 3, has_next: false },
    })
    t.strictSame((await states('?esp_id=ESP_NONE')).data, [])
  },
)

t.test('the latest command is known after a restart, also when reports came since', async (t) => {
  const first = await openApp(t)
  const { operator } = await people(first)
  await request(first, 'POST', '/esp/devices', { token: operator, body: { device_id: ESP } })
  await request(first, 'POST', `/actuators/${ESP}/5`, { token: operator, body: { actuator_type: 'pump' } })
  const device = await actuatorDevice(t, first, ESP)
  await device.is('off')
  const { body } = await request(first, 'POST', `/actuators/${ESP}/5/command`, {
    token: operator,
    body: { command: 'ON', duration: 60 },
  })
  await until(() => device.commands().length > 0, 'the command')
  await device.answers(body.correlation_id, 'ON')
  await device.is('on')
  await device.is('off', 5, { last_command: 'OFF' })
  await device.is('off', 7)
  await first.close()

  const second = await openApp(t, { dir: first.dir })
  const { body: states } = await request(second, 'GET', '/actuators/states', { token: operator })
  t.match(states.data, [
    {
      gpio: 5,
      command: { correlation_id: body.correlation_id, command: 'ON', state: 'done', is_final: true },
    },
    { gpio: 7, command: null },
  ])
})
