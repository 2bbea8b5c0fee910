/** Each limit: what it lets pass, what it blocks, what it says about it, and when it could pass. */
import t from 'tap'
import { judge, type LimitName, type Wish } from '../../../routing/actuators/gate.js'
import { kindOf } from '../../../routing/actuators/kinds.js'
import { limits } from '../../../routing/actuators/limits/index.js'
import type { Run } from '../../../routing/actuators/runs.js'
import type { Hearing, Neighbour, Surroundings } from '../../../routing/actuators/surroundings.js'
import type { ActuatorConfig } from '../../../storage/actuator-configs.js'
import type { ActuatorState } from '../../../storage/actuator-states.js'
import { NOON } from '../../storage/open.js'

const HOUR = 3_600_000
/** Now, on the monotonic clock. */
const T = 100 * HOUR

const config = (fields: Partial<ActuatorConfig> = {}) =>
  ({ enabled: 1, min_value: 0, max_value: 1, safe_value: 0, min_off: 0, ...fields }) as ActuatorConfig

const surroundings = (fields: Partial<Surroundings> = {}): Surroundings => ({
  esp_id: 'ESP_1',
  gpio: 5,
  at: { now: NOON, monotonic: T },
  config: undefined,
  kind: kindOf('pump'),
  max_runtime: 3600,
  on: false,
  state: undefined,
  coming: undefined,
  stop: undefined,
  left: {},
  timers: {},
  runs: [],
  neighbours: [],
  sensors: [],
  unconfirmed: undefined,
  ...fields,
})

const neighbour = (fields: Partial<Neighbour>): Neighbour => ({
  kind: 'never_with',
  esp_id: 'ESP_2',
  gpio: 7,
  on: false,
  coming: undefined,
  doubtful: false,
  reachable: true,
  stuck: false,
  running: 0,
  ends_in: null,
  ...fields,
})

const hearing = (fields: Partial<Hearing>): Hearing => ({
  esp_id: 'ESP_1',
  gpio: 4,
  sensor_type: 'ds18b20',
  max_age: 300,
  age: 1_000,
  of_rule: false,
  ...fields,
})

const ON: Partial<Wish> = { command: 'ON' }
const OFF: Partial<Wish> = { command: 'OFF' }
/** A run that began and ended so many seconds ago. */
const run = (started: number, ended: number | null): Run => ({
  started: T - started * 1000,
  ended: ended === null ? null : T - ended * 1000,
})
const on = (since: number) => ({ on: true, runs: [run(since, null)] })

type Case = [
  name: string,
  wish: Partial<Wish>,
  around: Partial<Surroundings>,
  blocked: undefined | LimitName,
  /** Seconds from now, or null for nobody knows. */
  wait?: number | null,
  detail?: RegExp,
]

const stop = { reason: 'leak', issued_by: 'user:ada' }
const stale = [hearing({ age: 400_000 })]

const cases: Case[] = [
  ['an actuator nobody configured passes', ON, {}, undefined],
  ['OFF passes an emergency stop', OFF, { stop }, undefined],
  ['ON does not pass an emergency stop', ON, { stop }, 'stopped', null, /by user:ada: leak/],
  ['PWM does not pass an emergency stop', { command: 'PWM', value: 0.2 }, { stop }, 'stopped', null],
  ['PWM 0 is no OFF to an emergency stop', { command: 'PWM', value: 0 }, { stop }, 'stopped', null],
  [
    'TOGGLE of what is on does not pass an emergency stop',
    { command: 'TOGGLE' },
    { stop, on: true },
    'stopped',
    null,
  ],
  ['what is disabled is not switched on', ON, { config: config({ enabled: 0 }) }, 'enabled', null],
  ['what is disabled can be switched off', OFF, { config: config({ enabled: 0 }) }, undefined],
  [
    'PWM 0 is off and in every range',
    { command: 'PWM', value: 0 },
    { config: config({ min_value: 0.2 }) },
    undefined,
  ],
  [
    'a value at the edge of the range',
    { command: 'PWM', value: 0.2 },
    { config: config({ min_value: 0.2 }) },
    undefined,
  ],
  [
    'a value below the range',
    { command: 'PWM', value: 0.1 },
    { config: config({ min_value: 0.2 }) },
    'range',
    null,
    /lowest, 0.2/,
  ],
  [
    'a value above the range',
    { command: 'PWM', value: 0.9 },
    { config: config({ max_value: 0.8 }) },
    'range',
    null,
    /highest, 0.8/,
  ],
  ['ON is the highest value and in range', ON, { config: config({ max_value: 0.8 }) }, undefined],

  ['off for long enough', ON, { config: config({ min_off: 60 }), runs: [run(100, 60)] }, undefined],
  [
    'off for too short',
    ON,
    { config: config({ min_off: 60 }), runs: [run(100, 20)] },
    'min_off',
    40,
    /40 s are left/,
  ],
  ['never on before', ON, { config: config({ min_off: 60 }) }, undefined],
  [
    'on already is no new start',
    ON,
    { config: config({ min_off: 60 }), on: true, runs: [run(100, 20), run(10, null)] },
    undefined,
  ],
  [
    'about to be off counts as off',
    ON,
    { config: config({ min_off: 60 }), ...on(10), coming: 'off' },
    'min_off',
    60,
  ],

  [
    'fewer starts than allowed',
    ON,
    { config: config({ starts_per_hour: 3 }), runs: [run(3000, 2900), run(10, 5)] },
    undefined,
  ],
  [
    'as many starts as allowed',
    ON,
    { config: config({ starts_per_hour: 2 }), runs: [run(3000, 2900), run(10, 5)] },
    'starts_per_hour',
    600,
    /2 times/,
  ],
  [
    'starts of hours ago do not count',
    ON,
    { config: config({ starts_per_hour: 1 }), runs: [run(3600, 2900)] },
    undefined,
  ],
  ['ON again is no start', ON, { config: config({ starts_per_hour: 1 }), ...on(10) }, undefined],

  ['quota is left', ON, { config: config({ daily_quota: 100 }), runs: [run(300, 202)] }, undefined],
  [
    'quota is used up',
    ON,
    { config: config({ daily_quota: 100 }), runs: [run(300, 200)] },
    'daily_quota',
    86_400 - 300 + 1,
  ],
  [
    'quota comes back as the day rolls on',
    ON,
    { config: config({ daily_quota: 100 }), runs: [run(90_000, 86_350), run(200, 140)] },
    'daily_quota',
    11,
  ],
  [
    'quota of the days before does not count',
    ON,
    { config: config({ daily_quota: 100 }), runs: [run(90_000, 86_400)] },
    undefined,
  ],

  ['has been on as long as it may', ON, on(3600), 'max_runtime', null, /3600 s/],
  ['its timer knows better than its run', ON, { ...on(10), left: { max_runtime: 0 } }, 'max_runtime', null],
  ['a fan has no such time', ON, { ...on(99_999), kind: kindOf('fan'), max_runtime: 0 }, undefined],

  ['the other one is off', ON, { neighbours: [neighbour({})] }, undefined],
  [
    'the other one is on',
    ON,
    { neighbours: [neighbour({ on: true, ends_in: 90_000 })] },
    'never_with',
    90,
    /GPIO 7 of ESP_2, which is on/,
  ],
  [
    'the other one is on, nobody knows for how long',
    ON,
    { neighbours: [neighbour({ on: true })] },
    'never_with',
    null,
  ],
  [
    'the other one is being switched on',
    ON,
    { neighbours: [neighbour({ coming: 'on' })] },
    'never_with',
    null,
    /is being switched on/,
  ],
  [
    'the other one is on, but being switched off',
    ON,
    { neighbours: [neighbour({ on: true, coming: 'off' })] },
    'never_with',
    null,
  ],
  ['the one it needs is on', ON, { neighbours: [neighbour({ kind: 'only_while', on: true })] }, undefined],
  [
    'the one it needs is off',
    ON,
    { neighbours: [neighbour({ kind: 'only_while' })] },
    'only_while',
    null,
    /which is off/,
  ],
  [
    'the one it needs is being switched on',
    ON,
    { neighbours: [neighbour({ kind: 'only_while', coming: 'on' })] },
    'only_while',
    null,
  ],
  [
    'the one it needs is not heard of',
    ON,
    { neighbours: [neighbour({ kind: 'only_while', on: true, doubtful: true })] },
    'only_while',
    null,
    /not heard of/,
  ],

  ['its sensor is heard', ON, { config: config(), sensors: [hearing({})] }, undefined],
  [
    'its sensor is silent',
    ON,
    { config: config(), sensors: stale },
    'fresh_sensors',
    null,
    /ds18b20 on GPIO 4 of ESP_1 was last heard 400 s ago, 300 s/,
  ],
  [
    'its sensor was never heard',
    ON,
    { config: config(), sensors: [hearing({ age: null })] },
    'fresh_sensors',
    null,
    /never heard/,
  ],
  ['its safe value is always right', ON, { config: config({ safe_value: 1 }), sensors: stale }, undefined],
  [
    'another value is not',
    { command: 'PWM', value: 0.5 },
    { config: config({ safe_value: 1 }), sensors: stale },
    'fresh_sensors',
    null,
  ],
  [
    'a rule without its sensor',
    { ...ON, issued_by: 'rule:7' },
    { sensors: [hearing({ age: null, of_rule: true })] },
    'fresh_sensors',
    null,
  ],
  [
    'a person where only rules need the sensor',
    ON,
    { sensors: [hearing({ age: null, of_rule: true })] },
    undefined,
  ],
  [
    'a person’s wish, asserted again',
    { ...ON, issued_by: 'reassert' },
    { sensors: [hearing({ age: null, of_rule: true })], left: { override: 5_000 } },
    undefined,
  ],

  [
    'a rule against a person',
    { ...ON, issued_by: 'rule:7' },
    { left: { override: 5_000 } },
    'override',
    5,
    /in 5 s/,
  ],
  [
    'a rule that switches off what a person switched on',
    { ...OFF, issued_by: 'rule:7' },
    { on: true, left: { override: 5_000 } },
    'override',
    5,
  ],
  ['a rule after a person', { ...ON, issued_by: 'rule:7' }, { left: { override: 0 } }, undefined],
  ['a person after a person', ON, { left: { override: 5_000 } }, undefined],
  [
    'the gate itself',
    { ...OFF, issued_by: 'gate:max_runtime' },
    { on: true, left: { override: 5_000 } },
    undefined,
  ],
]

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
      config: config({ enabled: 0, min_off: 60, starts_per_hour: 1, daily_quota: 1, min_value: 0.5 }),
      sensors: stale,
      left: { override: 9, max_runtime: 0, duration: 0 },
      neighbours: [neighbour({ on: true }), neighbour({ kind: 'only_while' })],
    }),
  )
  t.strictSame(judged, { passes: true, command: 'OFF', value: 0, duration: 0, override: 0, warnings: [] })
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
