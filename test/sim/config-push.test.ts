/** What a mock makes of a configuration, and how it answers. */
import t from 'tap'
import { made, pump, thermometer, wiredMock } from '../support/mock.js'

const sensor = (gpio: number, sensor_type: string, more: object = {}) => ({
  gpio,
  sensor_type,
  sensor_name: `${sensor_type}_${gpio}`,
  subzone_id: null,
  active: true,
  sample_interval_ms: 10_000,
  raw_mode: true,
  operating_mode: 'continuous',
  measurement_interval_seconds: 10,
  interface_type: 'ANALOG',
  onewire_address: null,
  i2c_address: null,
  ...more,
})
const actuator = (gpio: number, actuator_type: string, more: object = {}) => ({
  gpio,
  actuator_type,
  actuator_name: 'x',
  active: true,
  default_state: false,
  default_pwm: 0,
  max_runtime_ms: 60_000,
  ...more,
})
let generation = 100
const push = (parts: object) => ({
  ...parts,
  reason_code: 'sensor_config_changed',
  generation: ++generation,
  config_fingerprint: 'abc',
  correlation_id: `c-${generation}`,
  request_id: `c-${generation}`,
  intent_id: `c-${generation}`,
  timestamp: 1_780_000_000,
})

t.test('what it is told it has, measures, and says that it has', async (t) => {
  const { peer, mock, tell, pass, kept } = await wiredMock(t)
  const message = push({
    sensors: [sensor(34, 'ph'), sensor(4, 'ds18b20', { sample_interval_ms: 5_000 })],
    actuators: [actuator(5, 'pump'), actuator(13, 'relay')],
    offline_rules: [],
  })
  await tell('config', message)
  const answers = peer.on('config_response').map(({ payload }) => payload)
  t.match(answers, [
    { type: 'actuator', status: 'success', count: 2, failed_count: 0 },
    {
      type: 'sensor',
      status: 'success',
      count: 2,
      failed_count: 0,
      message: 'Configured 2 sensor(s) successfully',
      correlation_id: message.correlation_id,
      generation: message.generation,
      reason_code: 'sensor_config_changed',
      config_fingerprint: 'abc',
    },
  ])
  t.strictSame(
    mock.sensors.entries().map(([key, { interval_seconds }]) => [key, interval_seconds]),
    [
      ['4_DS18B20', 5],
      ['34_ph', 10],
    ],
    'its own is the one it was told of; the other is new',
  )
  await pass(12)
  t.match(peer.last('sensor/34/data'), { sensor_type: 'ph', value: 6.2, unit: 'pH' })
  mock.heartbeat()
  t.match(peer.last('system/heartbeat'), { sensor_count: 2, actuator_count: 2, config_fingerprint: 'abc' })
  t.equal(mock.setActuator(13, { state: true }), undefined)
  await pass(60)
  t.match(peer.last('actuator/13/alert'), { alert_type: 'runtime_protection' })
  t.equal(kept.at(-1)!.pushed.generation, message.generation)
})

t.test('what it is told no more it has no more; its own stays', async (t) => {
  const { peer, mock, tell, pass } = await wiredMock(t)
  await tell(
    'config',
    push({ sensors: [sensor(34, 'ph'), sensor(35, 'ec')], actuators: [actuator(13, 'relay')] }),
  )
  await tell('config', push({ sensors: [sensor(35, 'ec')], actuators: [] }))
  t.strictSame(
    mock.sensors.entries().map(([key]) => key),
    ['4_DS18B20', '35_ec'],
  )
  t.strictSame(
    mock.outputs.all.map(({ gpio }) => gpio),
    [5],
  )
  mock.heartbeat()
  t.match(peer.last('system/heartbeat'), { sensor_count: 1, actuator_count: 0 })
  const before = peer.on('sensor/34/data').length
  await pass(30)
  t.equal(peer.on('sensor/34/data').length, before)
})

t.test('two sensors of a type on one bus are two', async (t) => {
  const { mock, tell } = await wiredMock(t, { config: made([], []) })
  const [a, b] = ['28FF641E8216C3A1', '28FF641E8216C3A2']
  const both = [a, b].map((onewire_address) => sensor(4, 'ds18b20', { onewire_address }))
  await tell('config', push({ sensors: both }))
  t.match(
    mock.sensors.entries().map(([, { address }]) => address),
    [a, b],
  )
})

t.test('what cannot be is refused item by item, with the firmware’s words', async (t) => {
  const { peer, tell, mock } = await wiredMock(t, { config: made([thermometer()], [pump()]) })
  await tell(
    'config',
    push({
      sensors: [
        sensor(34, 'ph'),
        sensor(7, 'ph'),
        sensor(5, 'ph'),
        { sensor_type: 'ph' },
        { gpio: '4', sensor_type: 'ph' },
        { gpio: 32 },
        'ph',
      ],
      actuators: [actuator(35, 'relay'), actuator(4, 'relay')],
    }),
  )
  const [actuators, sensors] = peer.on('config_response').map(({ payload }) => payload)
  t.match(sensors, { status: 'partial_success', count: 1, failed_count: 6, error_code: 'GPIO_CONFLICT' })
  t.match(sensors!.failures, [
    { type: 'sensor', gpio: 7, error: 'GPIO_CONFLICT', error_code: 1002, detail: /flash memory/ },
    { gpio: 5, error: 'GPIO_CONFLICT', detail: /drives an actuator/ },
    { gpio: null, error: 'MISSING_FIELD', detail: 'gpio' },
    { error: 'TYPE_MISMATCH', detail: 'gpio' },
    { gpio: 32, error: 'MISSING_FIELD', detail: 'sensor_type' },
    { error: 'TYPE_MISMATCH' },
  ])
  t.match(actuators, { status: 'error', count: 0, failed_count: 2 })
  t.match(actuators!.failures, [
    { gpio: 35, detail: /can only be read/ },
    { gpio: 4, detail: /carries a sensor/ },
  ])
  mock.heartbeat()
  t.equal(peer.last('system/heartbeat')!.config_fingerprint, undefined, 'it has not all of it')
})

t.test('an answer fits into its buffer, however much failed', async (t) => {
  const { peer, tell, mock } = await wiredMock(t)
  await tell('config', push({ sensors: Array.from({ length: 30 }, () => ({ gpio: 7, sensor_type: 'ph' })) }))
  const { text, payload } = peer.on('config_response')[0]!
  t.ok(Buffer.byteLength(text) <= 1_024)
  t.match(payload, { failures_truncated: true, total_failures: 30, failed_count: 30 })
  t.ok((payload.failures as unknown[]).length >= 3)
  t.equal(mock.counts.too_large, 0)
})

t.test('one that is larger than its buffer is lost without a word', async (t) => {
  const { peer, tell, mock } = await wiredMock(t)
  await tell('config', push({ sensors: Array.from({ length: 20 }, (_, n) => sensor(34, `kind_${n}`)) }))
  t.equal(peer.on('config_response').length, 0)
  t.equal(mock.sensors.entries().length, 1)
})

t.test('it has room for twenty sensors and eight rules', async (t) => {
  const { peer, tell } = await wiredMock(t, { config: made([], []) })
  const types = Array.from({ length: 22 }, (_, n) => ({ gpio: 34, sensor_type: `kind_${n}` }))
  const rules = Array(9).fill({ actuator_gpio: 5, sensor_gpio: 4 })
  await tell('config', push({ sensors: types, offline_rules: rules }))
  const [sensors, others] = peer.on('config_response').map(({ payload }) => payload)
  t.match(sensors, { count: 20, failed_count: 2, failures: [{ error: 'OUT_OF_RANGE' }] })
  t.match(others, { type: 'system', count: 8, failed_count: 1 })
})

t.test('one that is older than the last is refused, and changes nothing', async (t) => {
  const { peer, mock, tell } = await wiredMock(t, { config: made([], []) })
  await tell('config', push({ sensors: [sensor(34, 'ph')] }))
  await tell('config', { ...push({ sensors: [] }), generation: 7 })
  t.match(peer.last('config_response'), { status: 'error', generation: 7 })
  t.match(
    mock.sensors.entries().map(([key]) => key),
    ['34_ph'],
  )
})

t.test('one in parts is whole with the last of them', async (t) => {
  const { peer, mock, tell } = await wiredMock(t, { config: made([], []) })
  const part = (part_index: number, more: object) => push({ ...more, part_index, total_parts: 3 })
  await tell('config', part(1, { sensors: [sensor(34, 'ph')] }))
  t.equal(mock.state.pushed.config_fingerprint, null)
  await tell('config', part(2, { sensors: [sensor(35, 'ec')] }))
  await tell('config', part(3, { actuators: [actuator(13, 'relay')] }))
  t.match(
    mock.sensors.entries().map(([key]) => key),
    ['34_ph', '35_ec'],
  )
  t.equal(mock.state.pushed.config_fingerprint, 'abc')
  t.equal(peer.on('config_response').length, 3)
})

t.test('settings of the device itself are taken, and nonsense is answered', async (t) => {
  const { peer, tell } = await wiredMock(t)
  await tell('config', { name: 'Nord', timestamp: 1_780_000_000, correlation_id: 'c-9' })
  t.match(peer.last('config_response'), {
    type: 'system',
    status: 'success',
    count: 1,
    correlation_id: 'c-9',
  })
  await tell('config', '{"sensors": [')
  t.match(peer.last('config_response'), { type: 'system', status: 'error', failures: [{}] })
})
