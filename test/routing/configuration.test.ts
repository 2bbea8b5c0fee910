/**
 * A device is told what it is made of: in messages that fit, as often as is good for it, and its answers are about
 * what it was told. Over real connections, with a stand-in that answers as the firmware does.
 */
import { createHash } from 'node:crypto'
import t from 'tap'
import { canonical } from '../../routing/configuration/content.js'
import { packetSize } from '../../routing/configuration/size.js'
import { openApp } from '../support/app.js'
import { actuator, ESP, house, sensor, TOPIC, told } from '../support/configured.js'
import { firmware, standIn } from '../support/stand-in.js'
import { until } from '../support/until.js'

t.test('one message has sensors, actuators and offline rules, in the real shape', async (t) => {
  const home = await house(t)
  await home.post(sensor(4), { sensor_type: 'ds18b20', name: 'Tank' })
  await home.post(sensor(36), { sensor_type: 'vpd' })
  await home.post(actuator(27), { actuator_type: 'fan', enabled: false })
  await home.post(actuator(25), {
    actuator_type: 'heater',
    name: 'Mat',
    critical: true,
    default_value: 1,
    max_runtime_seconds: 900,
    metadata: {
      offline_rules: [
        {
          sensor_gpio: 4,
          sensor_value_type: 'DS18B20',
          activate_below: 18,
          deactivate_above: 21,
          time_filter: { start_hour: 20, end_hour: 6 },
        },
      ],
    },
  })
  await told(home, 4)
  const { sensors, actuators, offline_rules, ...rest } = home.device.told[3]!
  t.match(sensors, [{ gpio: 4, sensor_type: 'ds18b20', sensor_name: 'Tank' }])
  t.equal(sensors!.length, 1, 'nothing that is computed here')
  t.strictSame(
    actuators,
    [
      {
        gpio: 25,
        actuator_type: 'relay',
        actuator_name: 'Mat',
        subzone_id: null,
        active: true,
        aux_gpio: 255,
        critical: true,
        inverted_logic: false,
        default_state: true,
        default_pwm: 255,
        max_runtime_ms: 900_000,
      },
    ],
    'nothing that is disabled',
  )
  t.strictSame(offline_rules, [
    {
      actuator_gpio: 25,
      sensor_gpio: 4,
      sensor_value_type: 'ds18b20',
      activate_above: 0,
      deactivate_below: 0,
      activate_below: 18,
      deactivate_above: 21,
      current_state_active: false,
      time_filter: { enabled: true, start_hour: 20, start_minute: 0, end_hour: 6, end_minute: 0 },
    },
  ])
  t.match(rest, {
    reason_code: 'actuator_config_changed',
    correlation_id: /^[0-9a-f-]{36}$/,
    request_id: rest.correlation_id,
    intent_id: rest.correlation_id,
    config_fingerprint: createHash('sha256')
      .update(canonical({ offline_rules, actuators, sensors }))
      .digest('hex'),
  })
  t.notOk('part_index' in rest)
  t.ok(rest.timestamp < 1e11, 'seconds')
  await until(
    () => home.app.store.actuatorConfigs.find(ESP, 25)!.config_status === 'applied',
    'the answer about the actuator',
  )
  t.match(await home.get(sensor(4)), { config_status: 'applied' })

  await home.remove(sensor(4))
  await told(home, 5)
  t.strictSame(home.device.told[4]!.offline_rules, [], 'a rule whose sensor is gone does not go out')
  t.match(await home.audit('config_offline_rules_stripped'), [
    { source_id: ESP, details: { stripped: [{ rule: { sensor_gpio: 4 }, reason: /it has no ds18b20/ }] } },
  ])
})

t.test('generations grow, also after a restart with a clock that was put back', async (t) => {
  const home = await house(t)
  await home.post(actuator(25), {})
  await home.post(actuator(26), {})
  await told(home, 2)
  const [first, second] = home.device.told
  t.ok(second!.generation > first!.generation)
  await home.app.close()

  const hour = 3_600_000
  const again = await openApp(t, { dir: home.app.dir, now: () => Date.now() - hour })
  const device = await standIn(t, again, ESP)
  await device.beats({ actuator_count: 0 })
  await until(() => device.told.length === 1, 'the configuration')
  t.ok(device.told[0]!.generation > second!.generation)
  t.equal(device.told[0]!.config_fingerprint, second!.config_fingerprint)
})

t.test('what is too large for the buffer goes out kind by kind, each message within it', async (t) => {
  const home = await house(t, firmware(), { beat: { config_buffer_size: 1_600 } })
  for (const gpio of [13, 14]) await home.post(sensor(gpio), { sensor_type: 'flow', name: 'x'.repeat(90) })
  await home.post(actuator(25), { name: 'y'.repeat(90) })
  await told(home, 3)
  t.notOk('part_index' in home.device.told[2]!, 'three items fit')
  await home.post(actuator(26), { name: 'y'.repeat(90) })
  await told(home, 5)
  const [sensors, actuators] = home.device.told.slice(3)
  t.match(sensors, { part_index: 1, total_parts: 2, sensors: [{ gpio: 13 }, { gpio: 14 }] })
  t.match(actuators, { part_index: 2, total_parts: 2, actuators: [{ gpio: 25 }, { gpio: 26 }] })
  t.notOk('actuators' in sensors!, 'a kind that is told apart is left out, not emptied')
  t.notOk('sensors' in actuators!)
  t.equal(sensors!.config_fingerprint, actuators!.config_fingerprint)
  t.equal(actuators!.generation, sensors!.generation + 1)
  t.not(actuators!.correlation_id, sensors!.correlation_id)
  const applied = () =>
    [...home.app.store.sensorConfigs.list(ESP), ...home.app.store.actuatorConfigs.list(ESP)].every(
      ({ config_status }) => config_status === 'applied',
    )
  await until(applied, 'both answers')

  for (const gpio of [15, 16, 17, 18, 19])
    await home.post(sensor(gpio), { sensor_type: 'flow', name: 'x'.repeat(90) })
  const lastParts = () => home.device.told.slice(-(home.device.told.at(-1)!.total_parts ?? 1))
  const gpios = () => lastParts().flatMap(({ sensors = [] }) => sensors.map(({ gpio }) => gpio))
  await until(() => gpios().length === 7 && lastParts().at(-1)!.actuators !== undefined, 'all parts')
  t.ok(lastParts().length > 2, 'a kind that does not fit either is told in several')
  t.strictSame(
    lastParts().map(({ part_index }) => part_index),
    lastParts().map((_, n) => n + 1),
  )
  t.strictSame(gpios(), [13, 14, 15, 16, 17, 18, 19], 'each once')
  for (const bytes of home.device.bytes)
    t.ok(packetSize(TOPIC, 'x'.repeat(bytes)) <= 1_600, `${bytes} bytes of payload`)
})

t.test('an item that would not fit alone is refused with the byte counts; nothing is stored', async (t) => {
  const home = await house(t)
  const answer = await home.post(actuator(25), { metadata: { subzone_id: 'z'.repeat(4_000) } })
  t.match(answer, {
    status: 413,
    body: {
      code: 'config_too_large',
      detail: /^It takes (4[6-9]\d\d) bytes to tell ESP_12AB34CD this alone, and its buffer holds 4096:/,
    },
  })
  t.match(
    await home.post(sensor(4), { sensor_type: 'ds18b20', metadata: { subzone_id: 'z'.repeat(4_000) } }),
    {
      status: 413,
    },
  )
  t.equal(home.app.store.actuatorConfigs.count(ESP), 0)
  t.equal(home.app.store.sensorConfigs.count(ESP), 0)
  t.equal(home.device.told.length, 0)
  t.match(await home.post(actuator(25), { metadata: { subzone_id: 'z'.repeat(3_000) } }), { status: 200 })

  // The buffer of the next firmware is smaller.
  await home.post(actuator(26), {})
  await told(home, 2)
  await home.device.beats({ config_buffer_size: 1_024, actuator_count: 2 })
  await home.post(actuator(27), {})
  await told(home, 3)
  t.strictSame(
    home.device.told[2]!.actuators!.map(({ gpio }) => gpio),
    [26, 27],
    'the others are told',
  )
  t.match(await home.get(actuator(25)), {
    config_status: 'failed',
    config_error: /^It takes 3\d\d\d bytes .* its buffer holds 1024/,
  })
  t.match(await home.get('/findings'), { data: [{ kind: 'config_too_large', esp_id: ESP }] })
})

t.test('people may say how large the buffer is, where the device does not', async (t) => {
  const home = await house(t)
  await home.patch(`/esp/devices/${ESP}`, { capabilities: { config_buffer_size: 700 } })
  t.match(await home.post(actuator(25), { name: 'y'.repeat(100) }), {
    status: 413,
    body: { detail: /its buffer holds 700/ },
  })
})
