/** A greenhouse of mocks on a real kaiser: what is switched by command is seen by the sensors of the other devices. */
import t from 'tap'
import { DEMO_PLACE, demoMocks } from '../../sim/profiles/demo.js'
import { createSteppedClock } from '../../sim/stepped-clock.js'
import { createWorld } from '../../sim/world.js'
import { openApp } from '../support/app.js'
import { mockIn } from '../support/mock.js'
import { connected } from '../support/mqtt.js'
import { until } from '../support/until.js'

t.test('a pump, a fan, a heater and a light react, and so does what they are for', async (t) => {
  const app = await openApp(t)
  // Shortly after midnight of the demo's day.
  const clock = createSteppedClock(
    Math.floor(Date.now() / DEMO_PLACE.day_ms) * DEMO_PLACE.day_ms - 600_000 + 30_000,
  )
  const world = createWorld({ place: DEMO_PLACE, seed: 'north' })
  const mocks = Object.entries(demoMocks)
    .filter(([, { zone_id }]) => zone_id === 'north')
    .map(([esp_id, config]) => mockIn(t, app, { esp_id, config: structuredClone(config), clock, world }))
  for (const mock of mocks) mock.start()
  await until(() => mocks.every(({ up }) => up), 'the devices')
  const person = await connected(t, app)

  const live = async (seconds: number): Promise<void> => {
    for (let n = 0; n < seconds; n++) {
      clock.step(1_000)
      await until(() => mocks.every(({ pending }) => pending === 0), 'the acknowledgements')
    }
  }
  const value = (esp_id: string, sensor_type: string): number =>
    app.store.readings.latest(esp_id).find((one) => one.sensor_type === sensor_type)!.processed_value!
  const turn = async (esp_id: string, gpio: number, command: 'ON' | 'OFF'): Promise<void> => {
    const topic = `kaiser/god/esp/${esp_id}/actuator/${gpio}/command`
    await person.publishAsync(topic, JSON.stringify({ command }), { qos: 1 })
    const wanted = command === 'ON' ? 1 : 0
    const mock = mocks.find((one) => one.esp_id === esp_id)!
    await until(() => mock.outputs.outputOf(gpio).value === wanted, command)
  }

  await live(6)
  const before = { level: value('MOCK_TANK', 'level'), soil: value('MOCK_NORTH_BED', 'moisture') }
  t.equal(value('MOCK_TANK', 'flow'), 0)
  await turn('MOCK_TANK', 25, 'ON')
  await live(4)
  t.equal(value('MOCK_TANK', 'flow'), 6)
  await turn('MOCK_TANK', 25, 'OFF')
  await live(4)
  t.equal(value('MOCK_TANK', 'flow'), 0)
  t.ok(value('MOCK_TANK', 'level') < before.level - 15, 'the tank has given')
  t.ok(value('MOCK_NORTH_BED', 'moisture') > before.soil + 8, 'the bed has taken')

  const cold = value('MOCK_NORTH', 'sht31_temp')
  await turn('MOCK_NORTH', 26, 'ON')
  await live(20)
  t.ok(value('MOCK_NORTH', 'sht31_temp') > cold + 5, 'the heater warms')
  await turn('MOCK_NORTH', 25, 'ON')
  await live(20)
  t.ok(value('MOCK_NORTH', 'sht31_temp') < cold + 6, 'the fan cools')

  t.equal(value('MOCK_NORTH_BED', 'light'), 0, 'it is night')
  await turn('MOCK_NORTH_BED', 27, 'ON')
  await live(4)
  t.equal(value('MOCK_NORTH_BED', 'light'), 15_000)
  for (const { esp_id } of mocks)
    for (const { quality, time_source } of app.store.readings.latest(esp_id))
      t.ok(!['error', 'critical', 'suspect'].includes(quality) && time_source === 'device', esp_id)
})
