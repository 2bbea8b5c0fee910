/** What is on is held to what its sensors say, and to hearing them at all. */
import t from 'tap'
import { ESP, openWorld } from './world.js'

const HOUR = 3_600

const PROBE = { esp_id: ESP, gpio: 4, sensor_type: 'ds18b20' }

t.test(
  'without its sensor a heater goes off, and a clock that is put back does not revive the sensor',
  async (t) => {
    const world = openWorld(t)
    world.configure(5, 'heater', { required_sensors: [{ ...PROBE, max_age: 60 }] })
    world.sensor(4, 21)
    world.report(5, 1)
    world.pass(40)
    world.jump(-HOUR)
    world.pass(20)
    t.strictSame(world.heard(), [])
    world.pass(1)
    t.strictSame(world.heard(), ['5 0 fresh_sensors'])
    world.sensor(4, null, 'error')
    t.match(
      world.command(5, { command: 'ON' }),
      { passes: false, limit: 'fresh_sensors' },
      'an error is no reading',
    )
    world.sensor(4, 21)
    t.match(world.command(5, { command: 'ON' }), { passes: true })
  },
)

t.test('a fan whose safe value is on goes on without its sensor; a person may switch it off', async (t) => {
  const world = openWorld(t)
  world.configure(5, 'fan', { safe_value: 0.7, required_sensors: [{ ...PROBE, max_age: 60 }] })
  world.sensor(4, 21)
  world.report(5, 0)
  world.pass(60)
  t.strictSame(world.heard(), [])
  world.pass(1)
  t.match(world.told, [{ kind: 'set', command: 'PWM', value: 0.7 }])
  t.strictSame(world.heard(), ['5 0.7 fresh_sensors'])
  t.match(world.command(5, { command: 'PWM', value: 0.2 }), { passes: false, limit: 'fresh_sensors' })
  t.match(world.command(5, { command: 'OFF' }), { passes: true })
  world.pass(60)
  t.strictSame(world.heard(), [], 'it was safe, and somebody wanted otherwise')
  world.sensor(4, 21)
  world.pass(61)
  t.strictSame(world.heard(), ['5 0.7 fresh_sensors'], 'the next time it is silent')
})

t.test('a safe value is no way past the other limits', async (t) => {
  const world = openWorld(t)
  world.configure(5, 'pump', {
    safe_value: 1,
    max_runtime: 100,
    required_sensors: [{ ...PROBE, max_age: 60 }],
  })
  world.report(5, 0)
  t.strictSame(world.heard(), ['5 1 fresh_sensors'])
  world.pass(1_000)
  t.strictSame(world.heard(), ['5 0 max_runtime'])
  world.stops.set(`${ESP} 5`, { reason: 'leak', issued_by: 'user:ada' })
  world.sensor(4, 21)
  world.pass(62)
  t.strictSame(world.heard(), [])
})

t.test(
  'what a rule drives needs what the rule reads, unless a person has taken over or said otherwise',
  async (t) => {
    const world = openWorld(t)
    world.configure(5, 'heater')
    world.driven.set(`${ESP} 5`, [PROBE])
    world.sensor(4, 21)
    t.match(world.command(5, { command: 'ON', issued_by: 'rule:1' }), { passes: true })
    world.pass(301)
    t.strictSame(world.heard(), ['5 0 fresh_sensors'])
    t.match(world.command(5, { command: 'ON', issued_by: 'rule:1' }), {
      passes: false,
      limit: 'fresh_sensors',
    })
    t.match(world.command(5, { command: 'ON', duration: 600 }), { passes: true })
    t.match(world.command(5, { command: 'OFF', issued_by: 'rule:1' }), { passes: false, limit: 'override' })
    world.pass(599)
    t.strictSame(world.heard(), [])
    world.pass(1)
    t.strictSame(world.heard(), ['5 0 duration'])
    world.configure(5, 'heater', { require_rule_sensors: 0 })
    world.pass(1)
    t.match(world.command(5, { command: 'ON', issued_by: 'rule:1' }), { passes: true })
    world.pass(60)
    t.strictSame(world.heard(), [])
  },
)

t.test('a pump without flow goes off and somebody has to look', async (t) => {
  const world = openWorld(t)
  world.configure(5, 'pump', {
    sanity: { kind: 'flow', esp_id: ESP, gpio: 7, sensor_type: 'flow', min: 2, within_s: 20 },
  })
  world.sensor(7, 3)
  world.pass(1)
  world.report(5, 1)
  world.pass(10)
  world.sensor(7, 2.5)
  world.pass(20)
  t.strictSame(world.heard(), [])
  world.sensor(7, 0.1)
  world.pass(1)
  t.match(world.told, [{ kind: 'off', alarm: 'no_flow', detail: /did not reach 2 within 20 s/ }])
  t.strictSame(world.heard(), ['5 0 sanity'])
  world.report(5, 1)
  world.pass(21)
  t.strictSame(world.heard(), ['5 0 sanity'], 'what flowed before does not count')
})

t.test('a level that does not change is an alarm, one that does is none', async (t) => {
  const world = openWorld(t)
  world.configure(5, 'pump', {
    sanity: { kind: 'level', esp_id: ESP, gpio: 7, sensor_type: 'level', change: 2, within_s: 60 },
  })
  world.sensor(7, 50)
  world.report(5, 1)
  for (let level = 49; level > 30; level--) {
    world.pass(20)
    world.sensor(7, level)
  }
  t.strictSame(world.heard(), [])
  world.pass(81)
  t.match(world.told, [{ alarm: 'level_unchanged', detail: /did not change by 2 within 60 s/ }])
})
