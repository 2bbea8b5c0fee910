/** What an actuator is, may be, and was, over REST. */
import t from 'tap'
import { actuatorDevice } from '../support/actuator-device.js'
import { openApp, type Teardown } from '../support/app.js'
import { people, request } from '../support/http.js'
import { until } from '../support/until.js'

const ESP = 'ESP_12AB34CD'

async function house(t: Teardown) {
  const app = await openApp(t)
  const { operator, viewer } = await people(app)
  await request(app, 'POST', '/esp/devices', { token: operator, body: { device_id: ESP } })
  const ask = (method: string, path: string, body?: unknown, token = operator) =>
    request(app, method, `/actuators${path}`, { token, ...(body !== undefined && { body }) })
  const get = (path: string) => ask('GET', path, undefined, viewer)
  const sensor = (gpio: number, body: object) =>
    request(app, 'POST', `/sensors/${ESP}/${gpio}`, { token: operator, body })
  return { app, ask, get, sensor }
}

t.test(
  'an actuator that nobody has heard of yet is unknown, one that nobody knows is not found',
  async (t) => {
    const { ask, get } = await house(t)
    await ask('POST', `/${ESP}/5`, { actuator_type: 'pump' })
    const { status, body } = await get(`/${ESP}/5/status`)
    t.equal(status, 200)
    t.strictSame(body, {
      success: true,
      message: 'GPIO 5 of ESP_12AB34CD is unknown',
      esp_id: ESP,
      gpio: 5,
      state: {
        gpio: 5,
        mode: 'digital',
        state: 'unknown',
        value: 0,
        is_active: false,
        last_command: null,
        last_command_at: null,
        runtime_seconds: null,
        error: null,
        emergency: 'normal',
        stale_since: null,
        stale_reason: null,
        desired: null,
        reported_at: null,
      },
      limits: {
        max_runtime_seconds: 3_600,
        max_runtime_left: 3_600,
        duration_left: null,
        override_left: null,
        min_off_left: null,
        daily_quota_left: null,
        starts_left: null,
        emergency_stop: null,
        interlocks: [],
        required_sensors: [],
        on: { possible: true, limit_name: null, detail: null, possible_at: null },
      },
      commands: [],
    })
    t.match(await get(`/${ESP}/6/status`), { status: 404, body: { detail: /no actuator on GPIO 6/ } })
    t.match(await get('/ESP_NONE/5/status'), {
      status: 404,
      body: { detail: 'Device ESP_NONE is not known' },
    })
    t.match(await get(`/${ESP}/255/status`), { status: 422 })
    t.match(await get(`/${ESP}/5/status?include_config=maybe`), { status: 422 })
  },
)

t.test('one that runs shows what is wanted, what is on its way, and what each limit leaves', async (t) => {
  const { app, ask, get, sensor } = await house(t)
  await ask('POST', `/${ESP}/18`, { actuator_type: 'fan' })
  await sensor(4, { sensor_type: 'level' })
  await ask('POST', `/${ESP}/5`, {
    actuator_type: 'pump',
    max_runtime_seconds: 600,
    cooldown_seconds: 60,
    starts_per_hour: 4,
    daily_quota: 1_000,
    interlocks: [{ kind: 'never_with', gpio: 18 }],
    required_sensors: [{ gpio: 4, sensor_type: 'level', max_age: 300 }],
    safe_value: 1,
  })
  const device = await actuatorDevice(t, app, ESP)
  await device.is('off')
  const { body } = await ask('POST', `/${ESP}/5/command`, { command: 'ON', duration: 100 })
  const { correlation_id } = body
  await until(() => device.commands().length > 0, 'the command')
  t.match((await get(`/${ESP}/5/status`)).body.commands, [{ correlation_id, is_final: false }])
  await device.is('on', 5, { last_command: 'ON', correlation_id })
  const running = (await get(`/${ESP}/5/status?include_config=true`)).body
  t.match(running, {
    message: 'GPIO 5 of ESP_12AB34CD is on',
    state: {
      state: 'on',
      value: 1,
      is_active: true,
      last_command: 'ON',
      last_command_at: /^20/,
      runtime_seconds: 0,
      desired: { value: 1, until: /^20/, issued_by: 'user:a-operator', correlation_id },
    },
    limits: {
      max_runtime_seconds: 600,
      starts_left: 3,
      min_off_left: null,
      interlocks: [{ kind: 'never_with', esp_id: ESP, gpio: 18, is_active: false }],
      required_sensors: [{ esp_id: ESP, gpio: 4, sensor_type: 'level', max_age: 300, age: null }],
    },
    commands: [],
    config: { kind: 'pump', max_runtime_seconds: 600 },
  })
  const { max_runtime_left, duration_left, override_left, daily_quota_left } = running.limits as Record<
    string,
    number
  >
  for (const [left, most] of [
    [max_runtime_left, 600],
    [duration_left, 100],
    [override_left, 100],
    [daily_quota_left, 1_000],
  ])
    t.ok(left! <= most! && left! > most! - 30, `${left} of ${most}`)
  await device.is('off')
  const off = (await get(`/${ESP}/5/status`)).body
  t.match(off.limits, { on: { possible: false, limit_name: 'min_off', possible_at: /^20/ } })
  const { min_off_left } = off.limits as { min_off_left: number }
  t.ok(min_off_left > 30 && min_off_left <= 60)
  t.notOk('config' in off)
})

t.test('an emergency stop and a device that went away are shown', async (t) => {
  const { app, ask, get } = await house(t)
  await ask('POST', `/${ESP}/5`, { actuator_type: 'pump' })
  const device = await actuatorDevice(t, app, ESP)
  await device.is('on')
  await app.store.group.run(() =>
    app.store.actuatorStates.upsert(ESP, 5, { stale_since: Date.now(), stale_reason: 'offline' }, Date.now()),
  )
  await ask('POST', '/emergency_stop', { reason: 'smoke', esp_id: ESP })
  t.match((await get(`/${ESP}/5/status`)).body, {
    message: /is on, or was when it was last heard/,
    state: { stale_since: /^20/, stale_reason: 'offline' },
    limits: {
      emergency_stop: { reason: 'smoke', issued_by: 'emergency:a-operator' },
      on: { possible: false, limit_name: 'stopped' },
    },
  })
})

t.test(
  'the history has every command with its stages and every fact of the device, newest first',
  async (t) => {
    const { app, ask, get } = await house(t)
    await ask('POST', `/${ESP}/5`, { actuator_type: 'pump' })
    const device = await actuatorDevice(t, app, ESP)
    await device.is('off')
    await device.is('on')
    await ask('POST', `/${ESP}/5/command`, { command: 'OFF', correlation_id: 'mine' })
    await until(() => device.commands().length > 0, 'the command')
    await device.answers('mine', 'OFF', { success: false, message: 'stuck' })
    await until(async () => (await get('/commands/mine')).body.state === 'failed', 'the answer')
    const { body } = await get(`/${ESP}/5/history`)
    const [first, second] = body.entries as Record<string, unknown>[]
    t.match(first, {
      id: /^\d+$/,
      gpio: 5,
      actuator_type: 'pump',
      command_type: 'OFF',
      value: 0,
      success: false,
      issued_by: 'user:a-operator',
      error_message: /stuck/,
      state: 'failed',
      correlation_id: 'mine',
      metadata: {},
      timestamp: /^20/,
      sent_at: /^20/,
    })
    t.match(second, { command_type: 'ON', issued_by: 'esp32', success: true, correlation_id: null })
    t.match(body, { success: true, esp_id: ESP, gpio: 5, total_count: 2 })
    t.equal(((await get(`/${ESP}/5/history?limit=1`)).body.entries as unknown[]).length, 1)
    for (const limit of [0, 101, 'x']) t.equal((await get(`/${ESP}/5/history?limit=${limit}`)).status, 422)
    t.match(await get(`/${ESP}/255/history`), { status: 200, body: { entries: [], total_count: 0 } })
    t.match(await get(`/${ESP}/6/history`), { status: 404 })
    t.match(await get('/ESP_NONE/5/history'), { status: 404 })
    await ask('DELETE', `/${ESP}/5`)
    t.match(await get(`/${ESP}/5/history`), { status: 200 }, 'it outlives its config')
  },
)
