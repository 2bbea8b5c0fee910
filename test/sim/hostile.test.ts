/** Whatever a mock is told, it goes on, and so does the process it is in. */
import t from 'tap'
import { format } from '../../routing/contract/topics.js'
import { hearings } from '../../sim/firmware/index.js'
import { made, pump, thermometer, wiredMock } from '../support/mock.js'
import { randomOf } from '../support/random.js'

/** The fields that any of its topics reads. */
const FIELDS = [
  ...['command', 'action', 'value', 'pwm', 'duration', 'correlation_id', 'request_id', 'reason', 'gpio'],
  ...[
    'zone_id',
    'zone_name',
    'master_zone_id',
    'subzone_id',
    'parent_zone_id',
    'assigned_gpios',
    'gpio_pins',
  ],
  ...['safe_mode_active', 'safe_mode', 'status', 'params', 'enabled', 'username', 'password', 'auth_token'],
  ...[
    'sensors',
    'actuators',
    'offline_rules',
    'generation',
    'config_fingerprint',
    'part_index',
    'total_parts',
  ],
  ...['force_reconnect', 'reason_code', 'token_type', 'token', 'level', 'delay'],
]
const ITEM = ['gpio', 'sensor_type', 'actuator_type', 'sample_interval_ms', 'i2c_address', 'onewire_address']
const RULE = ['actuator_gpio', 'sensor_gpio', 'sensor_value_type', 'activate_below', 'deactivate_above']
const WORDS = [
  ...['ON', 'OFF', 'PWM', 'TOGGLE', 'MEASURE', 'emergency_stop', 'clear_emergency', 'SAFE_MODE', 'RESET'],
  ...['GET_CONFIG', 'STATUS', 'SET_EMERGENCY_TOKEN', 'ONEWIRE/SCAN', 'DIAGNOSTICS', 'RESUME_OPERATION'],
  ...['offline', 'online', 'enable', 'zelt_1', 'left', 'esp', 'ph', 'ds18b20', 'pump', 'sht31_humidity'],
  ...['__proto__', 'constructor', 'toString', '', ' ', '°'.repeat(600), 'a/b', '\u0000', '28FF641E8216C3A1'],
]

const random = randomOf(20_261_125)

function value(depth: number): unknown {
  const object = (names: readonly string[]) =>
    Object.fromEntries(
      Array.from({ length: random.between(0, 6) }, () => [random.pick(names), value(depth - 1)]),
    )
  return random.weighted<() => unknown>([
    [6, () => random.pick(WORDS)],
    [4, () => random.pick([0, 1, 4, 5, 13, 34, 255, -1, 0.5, 1e308, 2 ** 53, 60_000])],
    [2, () => random.pick([true, false, null])],
    [depth > 0 ? 3 : 0, () => object(random.pick([FIELDS, ITEM, RULE]))],
    [depth > 0 ? 3 : 0, () => Array.from({ length: random.between(0, 5) }, () => value(depth - 1))],
  ])()
}

t.test('4,000 messages nobody should send, on every topic it listens to', async (t) => {
  const config = made([thermometer()], [pump()], { zone_id: 'zelt_1' })
  const { peer, mock, tell, pass } = await wiredMock(t, { config })
  const topics = hearings.flatMap(({ topic }) =>
    [4, 5, 200].map((gpio) => format<string>(topic, { kaiser_id: 'god', esp_id: 'MOCK_001', gpio } as never)),
  )
  for (let n = 0; n < 4_000; n++) {
    const message = Object.fromEntries(
      Array.from({ length: random.between(0, 12) }, () => [random.pick(FIELDS), value(3)]),
    )
    peer.tell(random.pick(topics), random.chance(0.05) ? JSON.stringify(value(2)) : message)
    if (n % 50 === 0) await pass(1)
  }
  await pass(300)
  const surprises = peer.on('system/error').filter(({ payload }) => payload.error_code === 4030)
  t.strictSame(surprises, [], 'nothing in it fell over')
  t.ok(mock.up)
  JSON.parse(JSON.stringify(mock.snapshot()))
  await tell('system/command', { command: 'CLEAR_EMERGENCY' })
  for (const { text } of peer.said) JSON.parse(text)
  t.ok(peer.said.every(({ text }) => Buffer.byteLength(text) <= 1_024))
})
