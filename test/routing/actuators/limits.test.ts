/** Each limit: what it lets pass, what it blocks, what it says about it, and when it could pass. */
import t from 'tap'
import { judge, type LimitName, type Wish } from '../../../routing/actuators/gate.js'
import { kindOf } from '../../../routing/actuators/kinds.js'
import { limits } from '../../../routing/actuators/limits/index.js'
import type { Neighbour, Surroundings } from '../../../routing/actuators/surroundings.js'
import type { ActuatorState } from '../../../storage/actuator-states.js'
import { NOON } from '../../storage/open.js'
import { config, neighbour, OFF, ON, on, run, stale, stop, surroundings } from './around.js'
import { cases } from './limit-cases.js'

for (const [name, wish, around, blocked, wait, detail] of cases)
  t.test(`${name}: ${blocked ? `${blocked} refuses` : 'passes'}`, async (t) => {
    const judged = judge(
      { esp_id: 'ESP_1', gpio: 5, command: 'ON', issued_by: 'user:ada', ...wish },
      surroundings(around),
    )
    if (!blocked) return t.match(judged, { passes: true })
    t.match(judged, { passes: false, limit: blocked, ...(detail && { detail }) })
    if (!judged.passes) t.equal(judged.possible_at, wait === null ? null : NOON + wait! * 1000)
  })

t.test('OFF passes everything at once', async (t) => {
  const judged = judge(
    { esp_id: 'ESP_1', gpio: 5, command: 'off', issued_by: 'gate:x' },
    surroundings({
      ...on(99_999),
      stop,
      safe_mode: 'bench',
      config: config({ enabled: 0, min_off: 60, starts_per_hour: 1, daily_quota: 1, min_value: 0.5 }),
      sensors: stale,
      left: { override: 9, max_runtime: 0, duration: 0 },
      neighbours: [neighbour({ on: true }), neighbour({ kind: 'only_while' })],
    }),
  )
  t.strictSame(judged, {
    passes: true,
    command: 'OFF',
    value: 0,
    duration: 0,
    override: 0,
    warnings: [],
    warned: [],
  })
})

t.test('the name of each limit is said once', async (t) => {
  const names = limits.map(({ name }) => name)
  t.strictSame([...new Set(names)], names)
})

type Lasting = [
  name: string,
  wish: Partial<Wish>,
  around: Partial<Surroundings>,
  duration: number,
  warnings: RegExp[],
]
const quota = { config: config({ daily_quota: 100 }), runs: [run(300, 240)] }
const lasting: Lasting[] = [
  ['every ON has an end', ON, {}, 3600, []],
  ['a duration is kept', { ...ON, duration: 90.5 }, {}, 90.5, []],
  [
    'a duration is cut to max_runtime',
    { ...ON, duration: 7200 },
    {},
    3600,
    [/7200 s is cut to 3600 s: max_runtime is 3600 s/],
  ],
  ['what it has been on for counts', ON, on(600), 3000, []],
  [
    'a duration is cut to what is left of max_runtime',
    { ...ON, duration: 3600 },
    on(600),
    3000,
    [/cut to 3000 s/],
  ],
  ['the quota leaves less', ON, quota, 40, [/stops after 40 s: its daily quota/]],
  [
    'a duration is cut to the quota',
    { ...ON, duration: 60 },
    quota,
    40,
    [/60 s is cut to 40 s: its daily quota/],
  ],
  ['a duration within the quota', { ...ON, duration: 40 }, quota, 40, []],
  ['a fan runs for ever', ON, { max_runtime: 0 }, 0, []],
  ['a fan runs for as long as is wished', { ...ON, duration: 80_000 }, { max_runtime: 0 }, 80_000, []],
  ['a fan has a quota too', ON, { ...quota, max_runtime: 0 }, 40, [/daily quota/]],
  [
    'the other one was off when it was last heard of',
    ON,
    { neighbours: [neighbour({ doubtful: true })] },
    3600,
    [/GPIO 7 of ESP_2, which is not heard of now and was not on/],
  ],
  ['PWM has an end as well', { command: 'PWM', value: 0.3 }, {}, 3600, []],
]

for (const [name, wish, around, duration, warnings] of lasting)
  t.test(name, async (t) => {
    const judged = judge(
      { esp_id: 'ESP_1', gpio: 5, command: 'ON', issued_by: 'rule:1', ...wish },
      surroundings(around),
    )
    t.match(judged, { passes: true, duration, override: 0 })
    if (judged.passes) {
      t.equal(judged.warnings.length, warnings.length)
      t.match(judged.warnings, warnings)
    }
  })

t.test(
  'a person keeps rules away for as long as the command lasts, and for an hour when it does not say',
  async (t) => {
    const by = (wish: Partial<Wish>) =>
      judge({ esp_id: 'ESP_1', gpio: 5, command: 'ON', issued_by: 'user:ada', ...wish }, surroundings())
    t.match(by({}), { override: 3600 })
    t.match(by({ duration: 60 }), { override: 60 })
    t.match(by(OFF), { override: 3600 })
    t.match(by({ issued_by: 'reassert' }), { override: 0 })
  },
)

const state = (current_value: number) => ({
  on: true,
  state: { state: 'pwm', current_value } as ActuatorState,
})
const isBroken = (name: LimitName, around: Partial<Surroundings>) =>
  limits.find((limit) => limit.name === name)!.broken?.(surroundings(around))

t.test('what is seen on breaks a limit, whoever switched it', async (t) => {
  const fan = { kind: kindOf('fan'), max_runtime: 0 }
  t.match(isBroken('range', { ...fan, ...state(0.9), config: config({ max_value: 0.5 }) }), { value: 0.5 })
  t.match(isBroken('range', { ...fan, ...state(0.1), config: config({ min_value: 0.5 }) }), {
    detail: /lowest/,
  })
  t.equal(
    isBroken('range', { ...fan, ...state(0.502), config: config({ max_value: 0.5 }) }),
    undefined,
    'eight bits',
  )
  t.equal(
    isBroken('range', { ...state(1), config: config({ max_value: 0.5 }) }),
    undefined,
    'a pump only switches',
  )
  t.match(
    isBroken('min_off', { config: config({ min_off: 60 }), on: true, runs: [run(90, 40), run(10, null)] }),
    { detail: /off for 30 s only/ },
  )
  t.equal(
    isBroken('min_off', { config: config({ min_off: 60 }), on: true, runs: [run(90, 80), run(10, null)] }),
    undefined,
  )
  t.match(
    isBroken('starts_per_hour', {
      config: config({ starts_per_hour: 1 }),
      on: true,
      runs: [run(90, 80), run(10, null)],
    }),
    { detail: /2 times/ },
  )
  t.equal(
    isBroken('starts_per_hour', {
      config: config({ starts_per_hour: 1 }),
      on: true,
      runs: [run(3700, 80), run(10, null)],
    }),
    undefined,
  )
  t.match(isBroken('duration', { on: true, left: { duration: 0 } }), { detail: /over/ })
  t.match(isBroken('stopped', { on: true, stop }), { detail: /leak/ })
  t.match(isBroken('enabled', { on: true, config: config({ enabled: 0 }) }), { detail: /disabled/ })
  t.match(isBroken('sanity', { on: true, unconfirmed: 'no water' }), { detail: 'no water', alarm: 'no_flow' })
})

t.test(
  'of two that may never be on together the younger goes, the other one when that cannot be',
  async (t) => {
    const other = (fields: Partial<Neighbour>) => ({
      ...on(100),
      neighbours: [neighbour({ on: true, ...fields })],
    })
    t.ok(isBroken('never_with', other({ running: 200_000 })), 'it is the younger')
    t.notOk(isBroken('never_with', other({ running: 50_000 })), 'it is the older')
    t.notOk(isBroken('never_with', other({ running: 100_000 })), 'as old: ESP_2 comes after ESP_1')
    t.ok(isBroken('never_with', other({ running: 100_000, esp_id: 'ESP_0' })), 'as old: it comes after ESP_0')
    t.ok(isBroken('never_with', other({ running: 50_000, stuck: true })), 'the younger does not obey')
    t.ok(isBroken('never_with', other({ running: 50_000, reachable: false, doubtful: true })), 'it is away')
  },
)
