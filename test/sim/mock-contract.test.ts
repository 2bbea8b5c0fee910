/**
 * Mock and kaiser understand one another: all that a mock says is what the contract says and what the handlers take,
 * and all that kaiser tells a device is what the contract says and what the mock does.
 */
import t from 'tap'
import { Compile } from 'typebox/compile'
import { ActuatorCommand } from '../../routing/contract/actuator-payloads.js'
import type { MockConfig } from '../../routing/contract/mock.js'
import { HeartbeatAck } from '../../routing/contract/payloads.js'
import { matcher, toDevice } from '../../routing/contract/topics.js'
import {
  SubzoneAssign,
  SubzoneRemove,
  SubzoneSafe,
  ZoneAssign,
} from '../../routing/contract/zone-payloads.js'
import { handlers } from '../../routing/handlers/index.js'
import { hearings } from '../../sim/firmware/index.js'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'
import { made, messagesOf, mockIn, pump, thermometer } from '../support/mock.js'
import { connected } from '../support/mqtt.js'
import { until } from '../support/until.js'

const ESP = 'MOCK_001'

/** What devices are told, as far as the contract has a schema for it. */
const TOLD = [
  [toDevice.actuatorCommand, ActuatorCommand],
  [toDevice.heartbeatAck, HeartbeatAck],
  [toDevice.zoneAssign, ZoneAssign],
  [toDevice.subzoneAssign, SubzoneAssign],
  [toDevice.subzoneRemove, SubzoneRemove],
  [toDevice.subzoneSafe, SubzoneSafe],
] as const

const said = Object.values(handlers).map(({ topic, payload }) => ({
  match: matcher<string>(topic),
  schema: Compile(payload as never),
}))
const heard = TOLD.map(([topic, schema]) => ({
  match: matcher<string>(topic),
  schema: Compile(schema as never),
}))

for (const payload of ['mock', 'native'] as const)
  t.test(`a day with kaiser, in the shape "${payload}"`, async (t) => {
    const app = await openApp(t, { serverStatus: true })
    const { operator } = await people(app)
    const post = (path: string, body?: unknown, method = 'POST') =>
      request(app, method, path, { token: operator, ...(body !== undefined && { body }) })
    const config: MockConfig = made(
      [
        thermometer({ interval_seconds: 1 }),
        thermometer({ gpio: 34, sensor_type: 'ph', base_value: 6.2, unit: 'pH' }),
        thermometer({ gpio: 21, sensor_type: 'sht31_humidity', base_value: 55, unit: '%RH' }),
        thermometer({ gpio: 33, sensor_type: 'digital', base_value: 1, unit: '' }),
      ],
      [pump(), pump({ gpio: 13, actuator_type: 'fan' })],
      { payload },
    )
    const seen: { topic: string; payload: string; sent: boolean }[] = []
    const mock = mockIn(t, app, { config, room: () => 1_000 })
    mock.start()
    await until(() => app.store.devices.find(ESP)?.status === 'online' && mock.up, 'the device')
    const answered = async (end: string, fits: (message: Record<string, unknown>) => boolean, what: string) =>
      until(() => messagesOf(mock, end).some(fits), what)

    t.equal(
      (await post(`/zone/devices/${ESP}/assign`, { zone_id: 'zelt_1', zone_name: 'Zelt 1' })).status,
      200,
    )
    await until(() => app.store.devices.find(ESP)!.zone_id === 'zelt_1', 'the zone')
    await answered('zone/ack', ({ status }) => status === 'zone_assigned', 'its answer')
    const subzones = `/subzone/devices/${ESP}/subzones`
    const subzone = { subzone_id: 'left', assigned_gpios: [13], subzone_name: 'Left' }
    t.match(await post(`${subzones}/assign`, subzone), { status: 200 })
    await until(() => app.store.subzones.find(ESP, 'left')?.status === 'assigned', 'the subzone')

    await post(`/sensors/${ESP}/4`, { esp_id: ESP, gpio: 4, sensor_type: 'DS18B20' })
    await post(`/sensors/${ESP}/35`, { esp_id: ESP, gpio: 35, sensor_type: 'ec' })
    await post(`/actuators/${ESP}/5`, { actuator_type: 'pump' })
    await until(
      () =>
        [...app.store.sensorConfigs.list(ESP), ...app.store.actuatorConfigs.list(ESP)].filter(
          ({ config_status }) => config_status === 'applied',
        ).length === 3,
      'the configuration',
    )

    await post(`/actuators/${ESP}/5/command`, { command: 'ON', duration: 60 })
    await until(() => app.store.actuatorStates.find(ESP, 5)?.state === 'on', 'ON')
    const command = await post(`/actuators/${ESP}/5/command`, { command: 'OFF' })
    await until(() => app.store.actuatorStates.find(ESP, 5)?.state === 'off', 'OFF')
    const { correlation_id } = command.body as { correlation_id: string }
    await answered('actuator/5/response', (one) => one.correlation_id === correlation_id, 'the answer')
    t.equal((await post(`/sensors/${ESP}/4/measure`)).status, 200)
    await answered('sensor/4/response', ({ success }) => success === true, 'the measurement')

    await post('/actuators/emergency_stop', { reason: 'smoke', esp_id: ESP })
    await until(() => mock.state.emergency !== null, 'the stop')
    const devices = async () =>
      ((await post('/actuators/emergency', undefined, 'GET')).body as { stops: { devices: object[] }[] })
        .stops
    await until(async () => JSON.stringify(await devices()).includes('"confirmed"'), 'its confirmation')
    const armed = await post('/actuators/clear_emergency', { reason: 'no smoke', esp_id: ESP })
    const { token } = armed.body as { token: string }
    await post('/actuators/clear_emergency', { reason: 'no smoke', esp_id: ESP, token })
    await until(() => mock.state.emergency === null, 'its end')

    t.match(await post(`${subzones}/left/safe-mode`, { reason: 'repair' }), { status: 200 })
    await answered('subzone/status', ({ safe_mode }) => safe_mode === true, 'the subzone rests')
    t.match(await post(`${subzones}/left`, undefined, 'DELETE'), { status: 200 })
    await answered('subzone/ack', ({ status }) => status === 'subzone_removed', 'the subzone is gone')

    const person = await connected(t, app)
    const wish = { command: 'on', correlation_id: 'by-hand' }
    await person.publishAsync(`kaiser/god/esp/${ESP}/actuator/13/command`, JSON.stringify(wish), { qos: 1 })
    await until(() => mock.outputs.outputOf(13).value === 1, 'ON over MQTT, through the gate')

    // What kaiser does not ask for, and what people do by hand.
    for (const word of ['DIAGNOSTICS', 'STATUS', 'SAFE_MODE', 'EXIT_SAFE_MODE', 'GET_CONFIG', 'NONSENSE'])
      await app.broker.publish({
        topic: `kaiser/god/esp/${ESP}/system/command`,
        payload: JSON.stringify({ command: word, params: {} }),
        qos: 1,
        retain: false,
      })
    await answered('command/response', (one) => one.command === 'nonsense', 'system commands')
    mock.setState('SAFE_MODE', 'manual')
    mock.setState('OPERATIONAL', 'manual')
    mock.setActuator(13, { state: true, pwm_value: 0.5 })
    mock.emergencyStop('manual')
    mock.clearEmergency()
    mock.addSensor(thermometer({ gpio: 32, sensor_type: 'moisture', base_value: 40, unit: '%' }))
    mock.setValue('34_ph', { raw_value: 7, quality: 'poor' })
    mock.heartbeat()
    const tell = (what: string, message: object) =>
      app.broker.publish({
        topic: `kaiser/god/esp/${ESP}/${what}`,
        payload: JSON.stringify(message),
        qos: 1,
        retain: false,
      })
    const token_type = 'esp'
    await tell('system/command', { command: 'SET_EMERGENCY_TOKEN', params: { token_type, token: 'red' } })
    await tell('actuator/emergency', { command: 'emergency_stop' })
    await answered('system/error', ({ error_code }) => error_code === 3501, 'a stop without its token')
    await tell('system/command', { command: 'SET_EMERGENCY_TOKEN', params: { token_type, token: '' } })
    await tell('mqtt/auth_update', { enabled: true, username: ESP, password: 'better' })
    await answered('mqtt/auth_status', ({ success }) => success === true, 'new credentials')
    mock.drop()
    await until(() => !mock.up, 'the line to break')
    mock.setValue('34_ph', { raw_value: 7 })
    await until(() => mock.up, 'its return')
    mock.heartbeat()
    await answered('heartbeat_metrics', (one) => one.publish_queue_shed_count !== 0, 'what it let go')
    mock.setValue('34_ph', { raw_value: 7 })
    await app.broker.publish({
      topic: `kaiser/god/esp/${ESP}/actuator/emergency`,
      payload: 'not JSON',
      qos: 1,
      retain: false,
    })
    await until(() => mock.state.emergency !== null, 'what cannot be read is a stop')

    seen.push(...mock.messages)
    const { messages_processed } = app.stats.subscriber()
    t.ok(messages_processed > 30, `${messages_processed} messages`)
    for (const { topic, payload: text, sent } of seen) {
      if (!sent && (text === '' || !text.startsWith('{'))) continue
      const found = (sent ? said : heard).find(({ match }) => match(topic))
      if (sent && !found) t.fail(`nobody hears ${topic}`)
      if (found) t.ok(found.schema.Check(JSON.parse(text)), `${sent ? 'said' : 'heard'} ${topic} ${text}`)
    }
    const kinds = new Set(
      seen.map(({ topic }) => topic.replace(`kaiser/god/esp/${ESP}/`, '').replace(/\d+/, 'N')),
    )
    for (const kind of [
      'session/announce',
      'system/heartbeat',
      'sensor/N/data',
      'sensor/N/response',
      'actuator/N/status',
      'actuator/N/response',
      'actuator/N/alert',
      'actuator/emergency/ack',
      'actuator/recovery_confirm',
      'config_response',
      'zone/ack',
      'subzone/ack',
      'subzone/status',
      'safe_mode',
      'status',
      'system/diagnostics',
      'system/command/response',
      'system/error',
      'system/heartbeat_metrics',
      'mqtt/auth_status',
    ])
      t.ok(kinds.has(kind), `it said ${kind}`)

    await until(() => app.store.readings.latest(ESP).some(({ gpio }) => gpio === 32), 'the last reading')
    t.strictSame(app.stats.subscriber().codes, {}, 'kaiser turned nothing down')
    for (const reading of app.store.readings.latest(ESP)) t.equal(reading.data_source, 'mock')
    const latestOf = (gpio: number) =>
      app.store.readings.latest(ESP).find((reading) => reading.gpio === gpio)?.processed_value
    t.ok(Math.abs(latestOf(4)! - 22.5) < 0.1, `${latestOf(4)} °C`)
    t.ok(Math.abs(latestOf(21)! - 55) < 0.1, `${latestOf(21)} %RH`)
    t.ok(Math.abs(latestOf(34)! - 7) < 0.1, `pH ${latestOf(34)}`)
    t.ok(Math.abs(latestOf(32)! - 40) < 0.1, `${latestOf(32)} %`)
    t.equal(latestOf(33), 1, 'a type without a unit')
  })

t.test('the Will of a mock whose power fails is said, retained, and makes it offline', async (t) => {
  const app = await openApp(t)
  const mock = mockIn(t, app)
  mock.start()
  await until(() => app.store.devices.find(ESP)?.status === 'online' && mock.up, 'the device')
  mock.unplug()
  await until(() => app.store.devices.find(ESP)!.status === 'offline', 'its Will')
  mock.start()
  await until(() => app.store.devices.find(ESP)!.status === 'online', 'its return')
  await mock.stop()
  t.equal(app.store.devices.find(ESP)!.status, 'online', 'who takes leave has no Will')
})

t.test('everything a mock listens to is in the contract, and each topic once', async (t) => {
  const topics = hearings.map(({ topic }) => topic)
  t.equal(new Set(topics).size, topics.length)
  for (const topic of topics) t.ok(Object.values(toDevice).includes(topic))
  for (const [topic] of TOLD) t.ok(topics.includes(topic), `it listens to ${topic}`)
})
