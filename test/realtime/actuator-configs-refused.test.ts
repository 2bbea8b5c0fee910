/** Configs of actuators that cannot be: pins that are taken, wrong words and numbers, too many of them. */
import t from 'tap'
import { request } from '../support/http.js'
import { until } from '../support/until.js'
import { ESP, house } from '../support/wired.js'

t.test('conflicts name the owner: sensors, actuators, second pins, buses, the board itself', async (t) => {
  const { post, sensor } = await house(t)
  const conflict = (answer: { status: number; body: object }, detail: RegExp) =>
    t.match(answer, { status: 409, body: { code: 'gpio_conflict', detail } })
  await sensor(4, { sensor_type: 'ds18b20', name: 'Tank' })
  conflict(await post(4, { actuator_type: 'pump' }), /GPIO 4 of ESP_12AB34CD is read as ds18b20 \(Tank\)/)
  await post(25, { actuator_type: 'pump', name: 'Well', aux_gpio: 26 })
  conflict(await sensor(25, { sensor_type: 'flow' }), /GPIO 25 of ESP_12AB34CD drives the pump \(Well\)/)
  conflict(await sensor(26, { sensor_type: 'flow' }), /is the second pin of the pump \(Well\) on GPIO 25/)
  conflict(await post(26, { actuator_type: 'fan' }), /is the second pin of the pump \(Well\) on GPIO 25/)
  conflict(await post(27, { aux_gpio: 25 }), /GPIO 25 of ESP_12AB34CD drives the pump \(Well\)/)
  conflict(await post(27, { aux_gpio: 4 }), /is read as ds18b20/)
  t.match(await post(25, { aux_gpio: 26, critical: true }), { status: 200 }, 'itself is no stranger')

  await sensor(0, { sensor_type: 'sht31_temp' })
  conflict(await post(21, {}), /GPIO 21 of ESP_12AB34CD is read as sht31_temp on the I²C bus/)
  conflict(await post(22, {}), /sht31_temp on the I²C bus/)
  t.match(await post(0, {}), { status: 200 }, 'its 0 is no pin')
  t.match(await sensor(21, { sensor_type: 'sht31_humidity' }), { status: 200 }, 'a bus is shared')
  conflict(await sensor(4, { sensor_type: 'sht31_temp' }), /GPIO 4 of ESP_12AB34CD is read as ds18b20/)
  conflict(await sensor(4, { sensor_type: 'flow' }), /GPIO 4 of ESP_12AB34CD is read as ds18b20/)
  t.match(await sensor(4, { sensor_type: 'ds18b20', address: '28FF641E8D3C0C79' }), { status: 200 })

  conflict(await post(6, {}), /GPIO 6 of ESP_12AB34CD belongs to the flash memory of an ESP32_WROOM/)
  conflict(await sensor(6, { sensor_type: 'flow' }), /belongs to the flash memory/)
  conflict(await post(1, {}), /GPIO 1 of ESP_12AB34CD belongs to the serial port of an ESP32_WROOM/)
  conflict(await post(3, {}), /serial port/)
  conflict(await sensor(3, { sensor_type: 'flow' }), /serial port/)
  conflict(await post(27, { aux_gpio: 1 }), /serial port/)
  conflict(await post(35, {}), /can only be read on an ESP32_WROOM/)
  conflict(await post(27, { aux_gpio: 35 }), /GPIO 35 .* can only be read/)
  conflict(await post(40, {}), /does not exist on an ESP32_WROOM, whose pins are 0 to 39/)
  t.match(await sensor(35, { sensor_type: 'ph' }), { status: 200 })

  t.match(await post(4, { enabled: false }), { status: 200 }, 'what is disabled is not connected')
  conflict(await post(4, { enabled: true }), /is read as ds18b20/)
})

t.test('another board has other pins; what it is can be corrected', async (t) => {
  const { app, operator, post } = await house(t)
  t.equal((await post(6, {})).status, 409)
  const patch = (body: object) => request(app, 'PATCH', `/esp/devices/${ESP}`, { token: operator, body })
  t.match(await patch({ hardware_type: 'XIAO_ESP32_C3' }), { body: { hardware_type: 'XIAO_ESP32_C3' } })
  t.match(await post(6, {}), { status: 200 })
  t.match(await post(18, {}), { status: 409, body: { detail: /belongs to USB of an XIAO_ESP32_C3/ } })
  t.match(await patch({ hardware_type: '' }), { body: { hardware_type: 'XIAO_ESP32_C3' } })
  await patch({ hardware_type: 'SOMETHING_NEW' })
  t.match(await post(18, {}), { status: 200 }, 'of a board nobody knows nothing is reserved')
})

t.test(
  'a sensor that an actuator must hear from was configured, or heard; another one is refused by name',
  async (t) => {
    const { app, device, post, sensor } = await house(t)
    const needs = (item: object) =>
      post(25, { actuator_type: 'pump', required_sensors: [{ gpio: 4, sensor_type: 'ds18b20', ...item }] })
    const refused = async (item: object, part: string, msg: string) =>
      t.match(await needs(item), {
        status: 422,
        body: { code: 'request_invalid', detail: [{ loc: ['body', 'required_sensors', 0, part], msg }] },
      })
    await refused({ sensor_type: 'DS18B2O' }, 'sensor_type', 'must be a sensor type: kaiser knows no ds18b2o')
    await refused(
      {},
      'gpio',
      `must be a sensor: ds18b20 on GPIO 4 of ${ESP} was neither configured nor heard`,
    )
    await refused({ esp_id: 'ESP_NONE' }, 'esp_id', 'must be the id of a device: ESP_NONE is not known')
    await sensor(4, { sensor_type: 'ds18b20', address: '28FF641E8D3C0C79' })
    await refused(
      { address: '28ff641e8d3c0c70' },
      'gpio',
      `must be a sensor: ds18b20 on GPIO 4 of ${ESP} at 28FF641E8D3C0C70 was neither configured nor heard; GPIO 4 has ds18b20`,
    )
    t.match(await needs({ address: '28ff641e8d3c0c79' }), { status: 200 })
    t.match(await needs({}), { status: 200 })

    // Heard only, and of a type nobody knows: it is there.
    await device.says('sensor/33/data', { gpio: 33, sensor_type: 'wobble', raw: 7, raw_mode: true })
    await until(() => app.store.sensors.count(ESP) > 0, 'the reading')
    t.match(await needs({ gpio: 33, sensor_type: 'Wobble' }), { status: 200 })
    const sanity = { kind: 'flow', gpio: 13, sensor_type: 'flow', min: 0.5, within_s: 20 }
    t.match(await post(25, { sanity }), {
      status: 422,
      body: { detail: [{ loc: ['body', 'sanity', 'gpio'], msg: /neither configured nor heard/ }] },
    })
  },
)

t.test('what is wrong with a config is named, with what is allowed', async (t) => {
  const { app, operator, viewer, post, sensor } = await house(t)
  const refused = async (body: object, field: string, msg: RegExp, gpio: number | string = 25) => {
    const answer = await post(gpio, body)
    t.match(answer, { status: 422, body: { detail: Array } }, `${field}: ${JSON.stringify(body)}`)
    const [detail] = answer.body.detail as { loc: string[]; msg: string }[]
    t.equal(detail!.loc.slice(1).join('.'), field)
    t.match(detail!.msg, msg)
  }
  await refused({ esp_id: 'ESP_2' }, 'esp_id', /must be ESP_12AB34CD, as in the path/)
  await refused({ gpio: 5 }, 'gpio', /must be 25/)
  await refused({}, 'gpio', /254/, 255)
  await refused({}, 'gpio', /integer/, 'x')
  await refused({ actuator_type: 'laser' }, 'actuator_type', /must be one of pump, valve/)
  await refused({ max_runtime_seconds: -1 }, 'max_runtime_seconds', /from 0 to 86400 seconds/)
  await refused({ max_runtime_seconds: 86_401 }, 'max_runtime_seconds', /86400/)
  await refused({ max_runtime_seconds: 0 }, 'max_runtime', /confirm_no_max_runtime/)
  await refused({ cooldown_seconds: 1.5 }, 'cooldown_seconds', /integer/)
  await refused({ min_value: 2 }, 'min_value', /from 0 to 1/)
  await refused({ min_value: -1 }, 'min_value', /from 0 to 1/)
  await refused({ enabled: 'yes' }, 'enabled', /boolean/)
  await refused({ interlocks: [{ kind: 'x', gpio: 4 }] }, 'interlocks.0.kind', /never_with, only_while/)
  await refused({ interlocks: [{ kind: 'never_with', gpio: 5 }] }, 'interlocks.0.gpio', /there is none/)
  await refused(
    { interlocks: [{ kind: 'never_with', gpio: 26, espid: 'B' }] },
    'interlocks.0.espid',
    /is not known; allowed: kind, gpio, esp_id/,
  )
  await refused({ required_sensors: [{ gpio: 4 }] }, 'required_sensors.0.sensor_type', /required/)
  await refused(
    { sanity: { kind: 'flow', gpio: 4, sensor_type: 'flow', within_s: 20 } },
    'sanity.min',
    /above 0/,
  )
  await refused({ metadata: { a: 'x'.repeat(17_000) } }, 'metadata', /16384 characters/)
  // It contradicts itself.
  await refused(
    { actuator_type: 'fan', min_value: 0.8, max_value: 0.5 },
    'min_value',
    /not be above max_value/,
  )
  await refused({ actuator_type: 'pump', max_value: 0.5 }, 'max_value', /it only switches/)
  await refused(
    { actuator_type: 'fan', min_value: 0.3, safe_value: 0.1 },
    'safe_value',
    /0 or from min_value/,
  )
  await refused({ aux_gpio: 25 }, 'aux_gpio', /another pin/)
  await refused(
    { actuator_type: 'servo', servo_min_pulse: 2_000, servo_max_pulse: 1_000 },
    'servo_min_pulse',
    /below/,
  )
  await refused({ name: 'a', actuator_name: 'b' }, 'name', /must be what actuator_name is/)
  await refused(
    { max_runtime_seconds: 5, max_runtime: 6 },
    'max_runtime_seconds',
    /must be what max_runtime is/,
  )
  t.equal(app.store.actuatorConfigs.count(ESP), 0, 'nothing was stored')

  await sensor(4, { sensor_type: 'ds18b20' })
  await sensor(34, { sensor_type: 'ph' })
  const rule = { sensor_gpio: 4, sensor_value_type: 'DS18B20', activate_below: 18, deactivate_above: 21 }
  const rules = (item: object) => ({ metadata: { offline_rules: [item] } })
  const at = 'metadata.offline_rules.0'
  await refused({ metadata: { offline_rules: {} } }, 'metadata.offline_rules', /list/)
  await refused(rules({ ...rule, sensor_gpio: 5 }), at, /it has no ds18b20 on GPIO 5 that is enabled/)
  await refused(rules({ ...rule, sensor_gpio: 34, sensor_value_type: 'ph' }), at, /is analog/)
  await refused(rules({ ...rule, actuator_gpio: 26 }), `${at}.actuator_gpio`, /must be 25/)
  await refused(
    rules({ ...rule, deactivate_above: 17 }),
    `${at}.deactivate_above`,
    /must be above activate_below/,
  )
  await refused(rules({ ...rule, deactivate_above: null }), `${at}.deactivate_above`, /needed beside/)
  await refused(rules({ ...rule, activate_above: 30, deactivate_below: 25 }), at, /contradict one another/)
  await refused(rules({ sensor_gpio: 4, sensor_value_type: 'ds18b20' }), at, /must have activate_above/)
  await refused(rules({ ...rule, activate_below: '18' }), `${at}.activate_below`, /a number/)
  await refused(
    rules({ ...rule, time_filter: { start_hour: 24 } }),
    `${at}.time_filter.start_hour`,
    /0 to 23/,
  )
  await refused(
    rules({ ...rule, time_filter: { start_hour: 6, end_hour: 6 } }),
    `${at}.time_filter`,
    /end when/,
  )
  await refused({ metadata: { offline_rules: Array(9).fill(rule) } }, 'metadata.offline_rules', /at most 8/)

  const path = '/actuators/ESP_NONE/4'
  t.match(await request(app, 'POST', path, { token: operator, body: {} }), {
    status: 404,
    body: { detail: 'Device ESP_NONE is not known' },
  })
  t.match(await request(app, 'GET', path, { token: viewer }), { status: 404 })
  t.match(await request(app, 'DELETE', path, { token: operator }), { status: 404 })
  t.equal((await post(25, {}, viewer)).status, 403)
})

t.test('a device has a bounded number of actuators', async (t) => {
  const { app, operator } = await house(t)
  await request(app, 'POST', '/esp/devices', {
    token: operator,
    body: { device_id: 'ESP_2', hardware_type: 'MEGA' },
  })
  const post = (gpio: number) =>
    request(app, 'POST', `/actuators/ESP_2/${gpio}`, { token: operator, body: {} })
  for (let gpio = 0; gpio < 64; gpio++) await post(gpio)
  t.match(await post(64), {
    status: 409,
    body: { code: 'actuators_full', detail: /has 64 actuator configs/ },
  })
  t.match(await post(63), { status: 200 })
})
