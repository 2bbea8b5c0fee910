/** What each fault does to what a device says, measures and reports; when faults come, and when they go. */
import t from 'tap'
import { mockSensor } from '../../routing/contract/mock.js'
import { Afflictions } from '../../sim/faults/afflictions.js'
import type { Spoken } from '../../sim/faults/index.js'
import { createRandom } from '../../sim/random.js'
import { createSteppedClock } from '../../sim/stepped-clock.js'

const START = Date.UTC(2026, 5, 1)
const SENSOR = mockSensor({ gpio: 4, sensor_type: 'DS18B20', base_value: 20 })

/** A device that only writes down what is done to it. */
function stricken() {
  const clock = createSteppedClock(START)
  const told: string[] = []
  const outputs = { on: false }
  const afflictions = new Afflictions({
    clock,
    random: createRandom(1),
    fail: (reason, off_ms) => void told.push(`fail ${reason} ${off_ms}`),
    hang: (hangs) => void told.push(`hang ${hangs}`),
    read: (bytes) => void told.push(`read ${bytes}`),
    isOn: () => outputs.on,
  })
  return { clock, told, outputs, afflictions }
}

const said = (n: number, category = 'sensor/4/data'): Spoken => ({
  topic: `kaiser/god/esp/MOCK_1/${category}`,
  payload: JSON.stringify({ ts: START + n, raw: 2250, raw_value: 22.5, value: -1e-7, unit: '°C' }),
  qos: 1,
  retain: false,
})

const hundred = Array.from({ length: 100 }, (_, n) => said(n))

t.test('without a fault everything goes through as it is', async (t) => {
  const { afflictions } = stricken()
  t.strictSame(afflictions.send(said(1)), [{ ...said(1), delay_ms: 0 }])
  t.strictSame(afflictions.time(START), { ms: START, valid: true })
  t.equal(afflictions.measure('4_DS18B20', SENSOR, 21), 21)
  t.equal(afflictions.report(5, 0.5), 0.5)
  afflictions.switched()
  t.notOk(afflictions.heal())
})

t.test('drop loses a share of what it concerns', async (t) => {
  const { afflictions } = stricken()
  afflictions.inject({ fault: 'drop', parameters: { share: 0.3, of: 'sensor' } })
  const left = hundred.flatMap((message) => afflictions.send(message)).length
  t.ok(left > 55 && left < 85, `${left} of 100 arrive`)
  t.equal(afflictions.send(said(1, 'actuator/5/status')).length, 1)
  afflictions.inject({ fault: 'DROP', parameters: { share: 1 } })
  t.equal(afflictions.active.length, 1, 'one of the same name is replaced')
  t.strictSame(afflictions.send(said(1, 'system/heartbeat')), [])
})

t.test('delay, duplicate and reorder add up, and change no letter', async (t) => {
  const { afflictions } = stricken()
  afflictions.begin([
    { fault: 'duplicate', parameters: { times: 2, seconds: 3 } },
    { fault: 'delay', parameters: { seconds: 5 } },
  ])
  t.strictSame(
    afflictions.send(said(1)).map(({ delay_ms }) => delay_ms),
    [5_000, 8_000, 11_000],
  )
  t.strictSame(new Set(afflictions.send(said(7)).map(({ payload }) => payload)), new Set([said(7).payload]))
  afflictions.heal()
  afflictions.inject({ fault: 'reorder', parameters: { seconds: 10 } })
  const waits = hundred.flatMap((message) => afflictions.send(message)).map(({ delay_ms }) => delay_ms)
  t.equal(waits.length, 100)
  t.ok(Math.max(...waits) < 10_000 && waits.some((wait, n) => n > 0 && wait < waits[n - 1]!))
})

t.test('a clock is wrong in each of its ways', async (t) => {
  const { afflictions, clock } = stricken()
  const time = (parameters: object) => {
    afflictions.inject({ fault: 'wrong_clock', parameters: { ...parameters } })
    return afflictions.time(clock.now())
  }
  t.strictSame(time({}), { ms: 0, valid: false })
  t.strictSame(time({ how: 'ahead' }), { ms: START + 7_200_000, valid: true })
  t.strictSame(time({ how: 'behind', seconds: 60 }), { ms: START - 60_000, valid: true })
  time({ how: '1970' })
  clock.step(5_000)
  t.strictSame(afflictions.time(clock.now()), { ms: 5_000, valid: true })
  time({ how: 'jumping', seconds: 3_600, every_seconds: 10 })
  const offsets = new Set<number>()
  for (let n = 0; n < 100; n++) {
    offsets.add(Math.round(afflictions.time(clock.now()).ms - clock.now()))
    clock.step(1_000)
  }
  t.ok(offsets.size >= 10 && offsets.size <= 11, `${offsets.size} jumps in 100 s`)
  t.ok([...offsets].every((offset) => Math.abs(offset) <= 3_600_000))
})

t.test('a sensor is stuck where it was, or where it is told, and others go on', async (t) => {
  const { afflictions } = stricken()
  const other = mockSensor({ gpio: 4, sensor_type: 'sht31_humidity' })
  afflictions.inject({ fault: 'stuck', parameters: { sensor: '4_DS18B20' } })
  t.strictSame(
    [21, 22, 23].map((value) => afflictions.measure('4_DS18B20', SENSOR, value)),
    [21, 21, 21],
  )
  t.equal(afflictions.measure('4_sht31_humidity', other, 50), 50)
  afflictions.inject({ fault: 'stuck', parameters: { sensor: 'humidity_sht31', value: 0 } })
  t.equal(afflictions.measure('4_sht31_humidity', other, 50), 0, 'any word for the type')
  afflictions.heal('stuck')
  t.equal(afflictions.measure('4_sht31_humidity', other, 50), 50)
})

t.test('85 °C comes from temperature sensors only', async (t) => {
  const { afflictions } = stricken()
  afflictions.inject({ fault: 'power_on_value' })
  t.equal(afflictions.measure('4_DS18B20', SENSOR, 20), 85)
  t.equal(afflictions.measure('34_ph', mockSensor({ gpio: 34, sensor_type: 'pH' }), 6), 6)
})

t.test('where a number should be there is none', async (t) => {
  const { afflictions } = stricken()
  const text = (as?: string) => {
    afflictions.inject({ fault: 'not_a_number', parameters: as ? { as } : {} })
    return afflictions.send(said(0))[0]!.payload
  }
  t.match(text(), '"raw":nan,"raw_value":nan,"value":nan,"unit":"°C"}')
  t.throws(() => JSON.parse(text()))
  t.strictSame(JSON.parse(text('text')).raw, 'NaN')
  t.strictSame(JSON.parse(text('null')).raw_value, null)
  t.equal(afflictions.send(said(0, 'system/heartbeat'))[0]!.payload, said(0).payload, 'only in readings')
})

t.test('a reboot loop goes on until it ends', async (t) => {
  const { afflictions, clock, told } = stricken()
  afflictions.begin([{ fault: 'reboot_loop', for: 60, parameters: { every_seconds: 18, off_seconds: 2 } }])
  clock.step(300_000)
  t.strictSame(told, ['fail PANIC 2000', 'fail PANIC 2000', 'fail PANIC 2000'].slice(0, told.length))
  t.ok(told.length >= 2 && told.length <= 3)
  t.strictSame(afflictions.active, [])
})

t.test('a half-open connection and a slow reader begin and end', async (t) => {
  const { afflictions, clock, told } = stricken()
  afflictions.begin([
    { fault: 'half_open', at: 10, for: 5 },
    { fault: 'slow_reader', at: 20, for: 5, parameters: { bytes_per_second: 3 } },
  ])
  t.strictSame(told, [])
  clock.step(30_000)
  t.strictSame(told, ['hang true', 'hang false', 'read 3', 'read undefined'])
})

t.test('a brown-out comes while an actuator is on, and not when it went off before', async (t) => {
  const { afflictions, clock, told, outputs } = stricken()
  const turn = (on: boolean) => {
    outputs.on = on
    afflictions.switched()
  }
  afflictions.inject({ fault: 'brown_out', parameters: { after_seconds: 2, off_seconds: 5 } })
  clock.step(60_000)
  turn(true)
  clock.step(1_000)
  turn(false)
  clock.step(60_000)
  t.strictSame(told, [])
  turn(true)
  clock.step(2_000)
  t.strictSame(told, ['fail BROWNOUT 5000'])
  turn(false)
  afflictions.stop()
  turn(true)
  clock.step(60_000)
  t.equal(told.length, 1)
})

t.test('a liar says the opposite, on or off, of all or of one', async (t) => {
  const { afflictions } = stricken()
  afflictions.inject({ fault: 'liar' })
  t.strictSame([afflictions.report(5, 0), afflictions.report(5, 0.4)], [1, 0])
  afflictions.inject({ fault: 'liar', parameters: { says: 'on', gpio: 5 } })
  t.strictSame([afflictions.report(5, 0), afflictions.report(5, 0.4), afflictions.report(6, 0)], [1, 0.4, 0])
  afflictions.inject({ fault: 'liar', parameters: { says: 'off' } })
  t.equal(afflictions.report(5, 1), 0)
})

t.test('a stopped device is well: nothing is at work, and nothing comes', async (t) => {
  const { afflictions, clock, told } = stricken()
  afflictions.begin([{ fault: 'half_open' }, { fault: 'slow_reader', at: 10 }])
  afflictions.stop()
  clock.step(60_000)
  t.strictSame(told, ['hang true', 'hang false'])
})
