/** The greenhouse the sensors of mocks share behaves as one, and never as none could. */
import t from 'tap'
import { createRandom } from '../../sim/random.js'
import { createWorld, WORLD_QUANTITIES, type World, type WorldQuantity } from '../../sim/world.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const MAY = Date.UTC(2026, 4, 10)

const RANGES: Readonly<Record<WorldQuantity, readonly [number, number]>> = {
  temperature: [-60, 60],
  humidity: [0, 100],
  vpd: [0, 15],
  soil_temperature: [-60, 60],
  water_temperature: [0, 60],
  soil_moisture: [0, 100],
  tank_level: [0, 100],
  flow: [0, 6],
  illuminance: [0, 120_000],
  ppfd: [0, 2_500],
  co2: [50, 10_000],
  ph: [3.5, 7.4],
  ec: [400, 6_000],
  sun: [0, 1_100],
  outside_temperature: [-60, 60],
  outside_humidity: [0, 100],
}

/** Two of the same; the second is switched. Gives what both have after a while. */
function compared(quantity: WorldQuantity, from: number, ms: number, change: (world: World) => void) {
  const both = [createWorld({ seed: 3 }), createWorld({ seed: 3 })] as const
  for (const world of both) world.read(quantity, from)
  change(both[1])
  return both.map((world) => world.read(quantity, from + ms)) as [number, number]
}

t.test('whatever is switched, wherever and whenever: nothing leaves its physical range', async (t) => {
  const kinds = ['pump', 'valve', 'heater', 'fan', 'light', 'dosing', 'relay', 'Exhaust_Fan']
  for (let seed = 1; seed <= 30; seed++) {
    const random = createRandom(seed)
    const world = createWorld({
      seed,
      place: {
        latitude: random() * 180 - 90,
        day_ms: random() < 0.5 ? 86_400_000 : 600_000,
        day_of_year: 1 + Math.floor(random() * 365),
      },
    })
    let at = MAY
    for (let turn = 0; turn < 60; turn++) {
      at += (random() ** 3 * 6 * HOUR * world.place.day_ms) / (24 * HOUR)
      const value = random() < 0.3 ? Number.NaN : random() * 1.4 - 0.2
      world.switched(`ESP_${turn % 3}`, turn % 7, kinds[Math.floor(random() * kinds.length)]!, value, at)
      if (random() < 0.05) world.forget(`ESP_${turn % 3}`, at)
      for (const quantity of WORLD_QUANTITIES) {
        const found = world.read(quantity, at)
        const [low, high] = RANGES[quantity]
        if (!(found >= low - 1e-9 && found <= high + 1e-9)) t.fail(`seed ${seed}: ${quantity} is ${found}`)
      }
    }
  }
})

t.test('the heater warms and dries, the fan cools by day, the light is seen', async (t) => {
  const night = MAY + 2 * HOUR
  const noon = MAY + 12 * HOUR
  const on = (type: string, at: number) => (world: World) => world.switched('ESP_1', 5, type, 1, at)
  const [cold, warm] = compared('temperature', night, 2 * HOUR, on('heater', night))
  t.ok(warm > cold + 8 && warm < cold + 25, `${cold} and ${warm} °C`)
  const [damp, dry] = compared('humidity', night, 2 * HOUR, on('heater', night))
  t.ok(dry < damp - 10, `${damp} and ${dry} %RH`)
  const [hot, cool] = compared('temperature', noon, HOUR, on('fan', noon))
  t.ok(cool < hot - 2, `${hot} and ${cool} °C`)
  const [dark, lit] = compared('illuminance', night, MINUTE, on('grow_light', night))
  t.equal(dark, 0)
  t.equal(lit, 15_000)
})

t.test('the valve wets the bed, and the pump does so from the tank', async (t) => {
  const at = MAY + 3 * HOUR
  const [before, wet] = compared('soil_moisture', at, 10 * MINUTE, (world) =>
    world.switched('ESP_1', 5, 'valve', 1, at),
  )
  t.ok(Math.abs(wet - before - 15) < 0.5, '60 L of 400 L')
  const [full, less] = compared('tank_level', at, 10 * MINUTE, (world) =>
    world.switched('ESP_1', 5, 'pump', 1, at),
  )
  t.ok(Math.abs(full - less - 30) < 0.5, '60 L of 200 L')
})

t.test('water is neither made nor lost on its way from the tank into the bed', async (t) => {
  const at = MAY + 1 * HOUR
  const world = createWorld({ seed: 1 })
  const litres = () => world.read('tank_level', now) * 2 + world.read('soil_moisture', now) * 4
  let now = at
  const before = litres()
  world.switched('ESP_1', 5, 'pump', 1, at)
  now = at + 15 * MINUTE
  const given = before - litres()
  t.ok(given >= 0 && given < 1, `plants took ${given} L in a quarter of an hour at night`)
})

t.test(
  'with a pump and a valve both must be on; an empty tank gives nothing, and is filled up again',
  async (t) => {
    const at = MAY
    const world = createWorld({ seed: 1 })
    world.switched('ESP_1', 5, 'valve', 0, at)
    world.switched('ESP_2', 6, 'pump', 1, at)
    t.equal(world.read('flow', at), 0)
    world.switched('ESP_1', 5, 'valve', 1, at)
    t.equal(world.read('flow', at), 6)
    t.equal(world.read('flow', at + HOUR), 0, 'dry')
    t.equal(world.read('tank_level', at + HOUR), 0)
    world.switched('ESP_2', 6, 'pump', 0, at + HOUR)
    t.ok(world.read('tank_level', at + 2 * HOUR) > 90, 'the float valve filled it up')
  },
)

t.test('plants drink by day, and stop when the bed is dry', async (t) => {
  const world = createWorld({ seed: 1 })
  const moisture = Array.from({ length: 20 }, (_, day) => world.read('soil_moisture', MAY + day * 24 * HOUR))
  t.ok(
    moisture[0]! - moisture[1]! > 3 && moisture[0]! - moisture[1]! < 25,
    `${moisture[0]! - moisture[1]!} %`,
  )
  t.ok(
    moisture.every((value, day) => day === 0 || value <= moisture[day - 1]!),
    'nobody waters it',
  )
  t.ok(moisture.at(-1)! >= 0)
})

t.test(
  'the same seed, switching and times give the same numbers; small steps or large ones nearly so',
  async (t) => {
    const run = (every: number) => {
      const world = createWorld({ seed: 9 })
      const seen: number[] = []
      for (let at = MAY; at <= MAY + 24 * HOUR; at += every) {
        if (at === MAY + 6 * HOUR) world.switched('ESP_1', 5, 'heater', 1, at)
        if (at === MAY + 9 * HOUR) world.switched('ESP_1', 5, 'heater', 0, at)
        const value = world.read('temperature', at)
        if ((at - MAY) % HOUR === 0) seen.push(value)
      }
      return seen
    }
    t.strictSame(run(HOUR), run(HOUR))
    const [coarse, fine] = [run(HOUR), run(15_000)]
    for (const [hour, value] of coarse.entries())
      t.ok(Math.abs(value - fine[hour]!) < 0.3, `${value} and ${fine[hour]} °C after ${hour} h`)
  },
)

t.test('what was kept goes on where it was; a clock that was put back is believed', async (t) => {
  const first = createWorld({ seed: 2 })
  first.switched('ESP_1', 5, 'pump', 1, MAY)
  first.read('tank_level', MAY)
  const level = first.read('tank_level', MAY + 10 * MINUTE)
  const kept = JSON.parse(JSON.stringify(first.snapshot()))
  const second = createWorld({ seed: 2, kept })
  second.switched('ESP_1', 5, 'pump', 0, MAY + 10 * MINUTE)
  t.equal(second.read('tank_level', MAY + 10 * MINUTE), level)
  const back = MAY - 5 * 24 * HOUR
  t.equal(second.read('tank_level', back), level)
  second.switched('ESP_1', 5, 'pump', 1, back)
  t.ok(second.read('tank_level', back + 5 * MINUTE) < level, 'it goes on from there')
})

t.test('after a long absence it answers at once', async (t) => {
  const world = createWorld({ seed: 2 })
  world.read('temperature', MAY)
  const began = performance.now()
  world.read('temperature', MAY + 3_650 * 24 * HOUR)
  t.ok(performance.now() - began < 2_000)
})
