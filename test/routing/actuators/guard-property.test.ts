/**
 * Whatever happens (people, rules and strangers switch, clocks jump, kaiser is killed, devices go away), what obeys
 * OFF is never on beyond its limit by more than the second between two looks. Seeded: a failure names its seed.
 */
import t from 'tap'
import { keyOf } from '../../../routing/actuators/place.js'
import { randomOf } from '../../support/random.js'
import { at, createWorld, ESP, type World } from './world.js'

t.setTimeout(170_000)

const GPIOS = [1, 2, 3, 4] as const
const LIMITS: Record<number, { max: number; quota?: number }> = {
  1: { max: 120, quota: 500 },
  2: { max: 200 },
  3: { max: 90 },
  4: { max: 3_600 },
}

function furnish(world: World): void {
  world.configure(1, 'pump', { max_runtime: 120, daily_quota: 500, min_off: 20 })
  world.configure(2, 'dosing', {
    max_runtime: 200,
    interlocks: [{ kind: 'never_with', esp_id: ESP, gpio: 3 }],
  })
  world.configure(3, 'dosing', {
    max_runtime: 90,
    starts_per_hour: 6,
    interlocks: [{ kind: 'only_while', esp_id: ESP, gpio: 1 }],
  })
  for (const gpio of GPIOS) world.report(gpio, 0)
}

/** What really happened, by the seconds that really passed. */
function createModel(world: World) {
  const since = new Map<number, number>()
  /** Seconds of real running, per second. */
  const ran: number[] = []
  return {
    /** From here a run may be as long as its limit again: a clock was put back while nobody ran. */
    forgive() {
      for (const gpio of since.keys()) since.set(gpio, world.clock.real)
    },
    note() {
      for (const gpio of GPIOS)
        if (world.value(gpio) === 0) since.delete(gpio)
        else if (!since.has(gpio)) since.set(gpio, world.clock.real)
      if (world.value(1) > 0) ran.push(world.clock.real)
    },
    broken(): string[] {
      if (world.away.has(ESP)) return []
      const on = (gpio: number) => world.value(gpio) > 0
      const faults: string[] = []
      for (const [gpio, start] of since) {
        const length = world.clock.real - start
        if (length > LIMITS[gpio]!.max + 1) faults.push(`${gpio} on for ${length} s`)
      }
      if (on(2) && on(3)) faults.push('2 with 3')
      if (on(3) && !on(1)) faults.push('3 without 1')
      for (const gpio of GPIOS)
        if (on(gpio) && world.stops.has(keyOf(at(gpio)))) faults.push(`${gpio} under a stop`)
      return faults
    },
    /** Seconds that gpio 1 was on within the last day. */
    used: () => ran.filter((second) => second > world.clock.real - 86_400).length,
  }
}

/** More with `node …/guard-property.test.js 200`. */
const SEEDS = Number(process.argv[2] ?? 8)

for (let seed = 1; seed <= SEEDS; seed++)
  t.test(`seed ${seed}: nothing is on beyond its limits`, async (t) => {
    const random = randomOf(seed)
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
    const world = createWorld()
    t.teardown(world.close)
    furnish(world)
    const model = createModel(world)
    const trace: string[] = []
    const stop = { reason: 'test', issued_by: 'user:ada' }

    const second = (): void => {
      world.pass(1)
      model.note()
      // Who is away cannot be told.
      if (world.away.size > 0) counted.slack++
      const faults = model.broken()
      if (faults.length > 0) throw new Error(`${faults.join('; ')} after ${trace.slice(-12).join(', ')}`)
      if (model.used() > 500 + 1 + counted.slack)
        throw new Error(`quota: ${model.used()} s after ${trace.slice(-12).join(', ')}`)
    }
    const counted = { slack: 0 }

    const steps: [weight: number, name: string, step: (gpio: number) => void][] = [
      [
        6,
        'person',
        (gpio) =>
          void world.command(gpio, {
            command: pick(['ON', 'OFF', 'TOGGLE']),
            duration: pick([0, 5, 50, 5_000]),
          }),
      ],
      [6, 'rule', (gpio) => void world.command(gpio, { command: pick(['ON', 'OFF']), issued_by: 'rule:1' })],
      [6, 'stranger', (gpio) => world.away.size === 0 && world.report(gpio, pick([0, 1, 1]))],
      [1, 'jump', () => world.jump(pick([-7_200, -61, -5, 5, 61, 7_200]))],
      [
        1,
        'restart',
        () => {
          world.restart(pick([0, 1, 30]))
          // Runs that go on are noticed whole seconds apart, and nobody looked meanwhile.
          counted.slack += 32
        },
      ],
      [
        1,
        'stop',
        (gpio) => void (world.stops.delete(keyOf(at(gpio))) || world.stops.set(keyOf(at(gpio)), stop)),
      ],
      [1, 'away', () => void (world.away.delete(ESP) || world.away.add(ESP))],
    ]
    const total = steps.reduce((sum, [weight]) => sum + weight, 0)

    const step = (): void => {
      let left = random() * total
      const [, name, act] = steps.find(([weight]) => {
        left -= weight
        return left < 0
      })!
      const gpio = pick(GPIOS)
      trace.push(`${name} ${gpio}`)
      act(gpio)
      // A jump is seen in the next second; what happens before that happens to whoever ran.
      second()
    }

    for (let index = 0; index < 400; index++) {
      step()
      for (let rest = Math.floor(random() * 20); rest > 0; rest--) second()
      // Nobody stays away for ever; what was on goes off within the second it is back.
      if (world.away.size > 0 && random() < 0.3) {
        trace.push('back')
        world.away.clear()
        second()
      }
    }
    t.pass(`${world.told.length} times told`)
  })

t.test('a clock put back while nobody ran gives at most the whole limit again', async (t) => {
  const random = randomOf(99)
  const world = createWorld()
  t.teardown(world.close)
  furnish(world)
  const model = createModel(world)
  for (let index = 0; index < 100; index++) {
    if (world.value(2) === 0) world.report(2, 1)
    for (let rest = Math.floor(random() * 150); rest > 0; rest--) {
      world.pass(1)
      model.note()
      if (model.broken().length > 0) t.fail(model.broken().join())
    }
    world.jump(Math.floor((random() - 0.5) * 10_000))
    world.restart(0)
    model.note()
    model.forgive()
  }
})
