/** The greenhouses that come with the simulator are whole, and live through a day. */
import t from 'tap'
import { Compile } from 'typebox/compile'
import { MockConfig } from '../../routing/contract/mock.js'
import { startCourse } from '../../sim/patterns/index.js'
import { DEMO_PLACE, demoMocks } from '../../sim/profiles/demo.js'
import { devicesOf, findProfile, profiles } from '../../sim/profiles/index.js'
import { library } from '../../sim/quantities.js'
import { createRandom } from '../../sim/random.js'
import { createWorld } from '../../sim/world.js'

const config = Compile(MockConfig)

t.test('every device of every profile is whole, and every sensor type is known', async (t) => {
  const planned = profiles.flatMap((profile) => devicesOf(profile, 7))
  for (const [esp_id, made] of [
    ...Object.entries(demoMocks),
    ...planned.map(({ esp_id, config }) => [esp_id, config] as const),
  ]) {
    t.ok(config.Check(made), `${esp_id} ${JSON.stringify(config.Errors(made)[0] ?? '')}`)
    for (const { sensor_type, unit } of Object.values(made.sensors))
      t.equal(unit, library.find(sensor_type)?.unit, sensor_type)
    const used = [
      ...new Set(Object.values(made.sensors).map(({ gpio }) => gpio)),
      ...Object.keys(made.actuators).map(Number),
    ]
    t.equal(new Set(used).size, used.length, `${esp_id}: no pin is a sensor's and an actuator's`)
  }
})

t.test('as many devices as wanted, zone after zone, each with an id of its own', async (t) => {
  const planned = devicesOf(findProfile('Tomato')!, 500, { interval_seconds: 5, payload: 'native' })
  t.equal(new Set(planned.map(({ esp_id }) => esp_id)).size, 500)
  t.equal(new Set(planned.map(({ config }) => config.zone_id)).size, 167)
  for (const { config } of planned)
    for (const { interval_seconds } of Object.values(config.sensors)) t.equal(interval_seconds, 5)
  t.equal(planned[0]!.config.payload, 'native')
  t.not(planned[0]!.config.sensors, planned[3]!.config.sensors, 'nothing is shared')
  t.equal(findProfile('jungle'), undefined)
})

t.test('the demo has two zones, six devices, a pump, a fan, a heater and a light', async (t) => {
  const all = Object.values(demoMocks)
  t.equal(all.length, 6)
  t.equal(new Set(all.map(({ zone_id }) => zone_id)).size, 2)
  const kinds = all.flatMap(({ actuators }) =>
    Object.values(actuators).map(({ actuator_type }) => actuator_type),
  )
  for (const kind of ['pump', 'fan', 'heater', 'light']) t.ok(kinds.includes(kind), kind)
})

t.test('the sensors of the demo live through a day in ten minutes', async (t) => {
  const start = Math.ceil(Date.UTC(2026, 5, 1) / 600_000) * 600_000
  for (const [esp_id, { sensors, zone_id }] of Object.entries(demoMocks)) {
    const world = createWorld({ place: DEMO_PLACE, seed: zone_id! })
    for (const [key, sensor] of Object.entries(sensors)) {
      const course = startCourse(sensor, { random: createRandom(key), world })
      const values = Array.from({ length: 200 }, (_, n) => course.value(start + n * 3_000))
      const range = Math.max(...values) - Math.min(...values)
      if (sensor.sensor_type === 'flow') t.equal(range, 0, 'nobody waters')
      else t.ok(range > 0.1, `${esp_id} ${key} moves by ${range.toFixed(2)}`)
    }
  }
})
