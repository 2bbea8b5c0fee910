/** What is connected to pins, over REST: to the field as the contract says, with every limit, and sent to the device. */
import t from 'tap'
import { openApp } from '../support/app.js'
import { request } from '../support/http.js'
import { until } from '../support/until.js'
import { ESP, house } from '../support/wired.js'

t.test('a config is made, found, changed field by field, and answered to the field', async (t) => {
  const { app, post, sensor, get } = await house(t)
  const made = await post(25, { esp_id: ESP, gpio: 25, actuator_type: 'Pump', name: 'Well' })
  t.equal(made.status, 200)
  const { id, ...fields } = made.body
  t.match(id, /^[0-9a-f-]{36}$/)
  t.strictSame(
    { ...fields, created_at: 'z', updated_at: 'z' },
    {
      esp_id: app.store.devices.find(ESP)!.id,
      esp_device_id: ESP,
      gpio: 25,
      actuator_type: 'digital',
      kind: 'pump',
      name: 'Well',
      enabled: true,
      max_runtime_seconds: null,
      effective_max_runtime_seconds: 3_600,
      cooldown_seconds: 0,
      starts_per_hour: null,
      daily_quota: null,
      min_value: 0,
      max_value: 1,
      default_value: 0,
      safe_value: 0,
      interlocks: [],
      required_sensors: [],
      require_rule_sensors: true,
      sanity: null,
      aux_gpio: null,
      critical: false,
      inverted_logic: false,
      pwm_frequency: null,
      servo_min_pulse: null,
      servo_max_pulse: null,
      metadata: {},
      current_value: null,
      is_active: false,
      last_command_at: null,
      config_status: 'pending',
      config_error: null,
      created_at: 'z',
      updated_at: 'z',
    },
  )
  await post(26, { actuator_type: 'valve' })
  await sensor(4, { sensor_type: 'level' })
  await sensor(5, { sensor_type: 'flow' })
  const changed = await post(25, {
    max_runtime_seconds: 600,
    cooldown_seconds: 60,
    starts_per_hour: 4,
    daily_quota: 7_200,
    interlocks: [{ kind: 'only_while', gpio: 26 }],
    required_sensors: [{ gpio: 4, sensor_type: 'level' }],
    sanity: { kind: 'flow', gpio: 5, sensor_type: 'flow', min: 0.5, within_s: 20 },
    aux_gpio: 27,
    critical: true,
    name: '',
    metadata: { note: 'left' },
  })
  t.match(changed.body, {
    id,
    kind: 'pump',
    name: null,
    max_runtime_seconds: 600,
    effective_max_runtime_seconds: 600,
    cooldown_seconds: 60,
    interlocks: [{ kind: 'only_while', esp_id: ESP, gpio: 26 }],
    required_sensors: [{ esp_id: ESP, gpio: 4, sensor_type: 'level', max_age: 300 }],
    aux_gpio: 27,
    critical: true,
    metadata: { note: 'left' },
  })
  const cleared = await post(25, { max_runtime_seconds: null, interlocks: null, aux_gpio: null })
  t.match(cleared.body, { max_runtime_seconds: null, interlocks: [], aux_gpio: null, daily_quota: 7_200 })
  await until(() => app.store.actuatorConfigs.find(ESP, 25)!.config_status === 'applied', 'the answer')
  const { updated_at, ...now } = (await get(`/${ESP}/25`)).body
  t.match(updated_at, String)
  t.strictSame({ ...now, updated_at: 0 }, { ...cleared.body, config_status: 'applied', updated_at: 0 })
  t.match(await get(`/${ESP}/26`), { status: 200, body: { kind: 'valve' } })
})

t.test('what pages read they may write back: a light stays a light', async (t) => {
  const { post } = await house(t)
  const { body } = await post(25, { actuator_type: 'light', name: 'Top' })
  t.match(body, { actuator_type: 'digital', kind: 'light', effective_max_runtime_seconds: 64_800 })
  const { esp_id: _, ...shown } = body
  t.match(await post(25, shown), {
    status: 200,
    body: { id: body.id, kind: 'light', effective_max_runtime_seconds: 64_800, aux_gpio: null },
  })
  t.match(await post(25, { actuator_type: 'pump' }), { body: { kind: 'pump' } })
})

t.test(
  'a setting nobody knows is refused by name: a limit that is misspelt would limit nothing',
  async (t) => {
    const { post } = await house(t)
    t.match(await post(25, { actuator_type: 'pump', max_runtime_seconds: 60 }), { status: 200 })
    const allowed = /^is not known; allowed: .*max_runtime_seconds, cooldown_seconds/
    for (const [body, field] of [
      [{ max_runtme_seconds: 5 }, 'max_runtme_seconds'],
      [{ cooldown: 3 }, 'cooldown'],
    ] as const) {
      const { status, body: answer } = await post(25, body)
      t.equal(status, 422)
      t.match(answer.detail, [{ loc: ['body', field], msg: allowed }])
      t.notMatch(
        (answer.detail as { msg: string }[])[0]!.msg,
        /updated_at|effective/,
        'only what sets something',
      )
    }
    t.match(await post(25, {}), { body: { max_runtime_seconds: 60 } })
  },
)

t.test('configs are listed by device, type and state, in pages', async (t) => {
  const { app, operator, post, get } = await house(t)
  await request(app, 'POST', '/esp/devices', { token: operator, body: { device_id: 'ESP_2' } })
  await post(25, { actuator_type: 'pump' })
  await post(26, { actuator_type: 'fan', enabled: false })
  await post(27, { actuator_type: 'light', pwm_frequency: 1_000 })
  await request(app, 'POST', '/actuators/ESP_2/4', { token: operator, body: {} })
  const total = async (query: string) =>
    ((await get(query)).body.pagination as { total_items: number }).total_items
  t.equal(await total(''), 4)
  t.equal(await total('?esp_id=ESP_2'), 1)
  t.equal(await total('?actuator_type=digital'), 2)
  t.equal(await total('?actuator_type=pwm'), 2)
  t.equal(await total('?actuator_type=Light'), 1)
  t.equal(await total('?enabled=false'), 1)
  t.match((await get('?page=2&page_size=3')).body, {
    success: true,
    message: '4 actuator configs',
    data: [{ esp_device_id: 'ESP_2', gpio: 4, actuator_type: 'digital', kind: 'digital' }],
    pagination: { page: 2, total_pages: 2 },
  })
})

t.test('what goes is told OFF first, and then that it is gone', async (t) => {
  const { app, device, post, get, remove } = await house(t)
  await post(25, { actuator_type: 'pump' })
  await post(26, { actuator_type: 'valve' })
  await until(() => device.told.length === 2, 'two configurations')
  const before = device.order.length
  t.match(await remove(25), { status: 200, body: { gpio: 25, kind: 'pump' } })
  t.match(await get(`/${ESP}/25`), { status: 404, body: { detail: /no actuator config on GPIO 25/ } })
  await until(() => device.told.length === 3, 'the configuration without it')
  t.strictSame(device.order.slice(before), ['actuator/25/command', 'config'])
  t.match(device.told[2], { reason_code: 'actuator_config_deleted', actuators: [{ gpio: 26 }] })
  t.equal(device.told[2]!.actuators!.length, 1)
  t.match(app.store.actuatorHistory.list(ESP, 25), [
    { command_type: 'OFF', issued_by: 'gate:config_deleted' },
  ])
  t.match(await remove(25), { status: 404 })

  t.match(await post(26, { enabled: false }), { body: { enabled: false } })
  await until(() => device.told.length === 4, 'the configuration without that')
  t.strictSame(device.order.slice(before + 2), ['actuator/26/command', 'config'])
  t.strictSame(device.told[3]!.actuators, [], 'what is disabled is not told')
})

t.test('who changed what stands in the audit; a config outlives a restart', async (t) => {
  const { app, viewer, post, remove } = await house(t)
  await post(25, { actuator_type: 'pump', metadata: { a: 1 } })
  await post(26, {})
  await remove(26)
  const { body } = await request(app, 'GET', '/audit?page_size=500', { token: viewer })
  t.strictSame(
    (body.data as { event_type: string }[])
      .map(({ event_type }) => event_type)
      .filter((kind) => kind.startsWith('actuator_config') || kind === 'config_published')
      .reverse(),
    [
      'actuator_config_changed',
      'config_published',
      'actuator_config_changed',
      'config_published',
      'actuator_config_deleted',
      'config_published',
    ],
  )
  await app.close()
  const again = await openApp(t, { dir: app.dir })
  t.match(again.store.actuatorConfigs.find(ESP, 25), { actuator_type: 'pump', metadata: { a: 1 } })
})
