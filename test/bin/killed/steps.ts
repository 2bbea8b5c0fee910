/**
 * What happens in a sequence, as plain data. Stretches in which much happens at once take turns with quiet ones in
 * which every pump is on and nobody does anything: there only limits, durations and timers can end it. Which
 * stretches, and in which order, the seed says; three seeds in a row have each of them twice.
 */
import type { Style } from '../../routing/actuators/whole/device.js'
import type { Random } from '../../support/random.js'
import { A, B, BUSY, DEVICES, PUMPS, type Scope, SPARE_OF_A, SPARE_OF_B } from './greenhouse.js'

export interface Wished {
  readonly key: string
  readonly command: 'ON' | 'OFF' | 'TOGGLE'
  /** s; 0: as long as it may */
  readonly duration: number
}
/** Things that can be wrong with a device. */
const CALM = ['forgetful', 'no_responses'] as const
const WRONG = [...CALM, 'nods', 'deaf'] as const
export type Wrong = (typeof WRONG)[number]

export type Step =
  /** `wait` s; `twice`: the broker is given it again. */
  | (Wished & { do: 'mqtt'; wait?: number; twice?: boolean })
  | (Wished & { do: 'rest'; wait?: number })
  | { do: 'batch'; wishes: readonly Wished[] }
  | { do: 'press'; key: string }
  /** Every button of what is off is pressed. */
  | { do: 'press_all' }
  | { do: 'misbehave'; esp_id: string; mode: Wrong; ms: number }
  /** The line breaks, or the device loses power; it is back after so many ms. */
  | { do: 'cut' | 'reboot'; esp_id: string; away: number }
  /** The next step waits until it is acknowledged. */
  | { do: 'stop' | 'release'; by: 'mqtt' | 'rest'; scope: Scope }
  /** SIGKILL after so many ms, started again after so many; `stop`: from the command line while it does not run. */
  | { do: 'kill'; after: number; down: number; stop?: Scope }
  /** Until all devices listen. */
  | { do: 'gather' }
  | { do: 'pass'; ms: number }

export interface Sequence {
  readonly styles: readonly Style[]
  readonly steps: readonly Step[]
}

/** ms: the second between two looks, the second between two reports, and three for the way and a busy machine. */
export const LATE = 5_000
const LONGEST = Math.max(...PUMPS.map(({ limit }) => limit))

const styleOf = (random: Random): Style => ({
  echoes: random.chance(0.5),
  dates: random.chance(0.5),
  counts: random.chance(0.5),
  period: 1_000,
  reportsFirst: random.chance(0.5),
  answersFirst: random.chance(0.5),
  ...(random.chance(0.3) && { ignoresStops: true }),
})

const wish = (random: Random): Wished => ({
  key: random.pick(BUSY).key,
  command: random.pick(['ON', 'ON', 'OFF', 'TOGGLE'] as const),
  duration: random.pick([0, 0, 1, 60]),
})

/** `calm`: no device does other than it is told. */
const act = (random: Random, calm = false): Step =>
  random.weighted<() => Step>([
    [
      6,
      () => ({
        do: 'mqtt',
        ...wish(random),
        ...(random.chance(0.3) && { wait: 5 }),
        ...(random.chance(0.2) && { twice: true }),
      }),
    ],
    [4, () => ({ do: 'rest', ...wish(random), ...(random.chance(0.3) && { wait: 5 }) })],
    [1, () => ({ do: 'batch', wishes: [wish(random), wish(random), wish(random)] })],
    [3, () => ({ do: 'press', key: random.pick(BUSY).key })],
    [
      2,
      () => ({
        do: 'misbehave',
        esp_id: random.pick(DEVICES),
        mode: random.pick(calm ? CALM : WRONG),
        ms: 1_500,
      }),
    ],
    [
      2,
      () => ({
        do: random.pick(['cut', 'cut', 'reboot'] as const),
        esp_id: random.pick(DEVICES),
        away: random.pick([0, 0, 300, 1_500]),
      }),
    ],
  ])()

/** Much at once. */
function bustle(random: Random, count: number, calm = false): Step[] {
  const steps: Step[] = []
  for (let n = 0; n < count; n++) {
    steps.push(act(random, calm))
    if (random.chance(0.7)) steps.push({ do: 'pass', ms: random.between(1, 400) })
  }
  return steps
}
/** In the middle of what is said. */
const killed = (random: Random, down = random.pick([0, 300, 2_000])): Step[] => [
  act(random),
  act(random),
  act(random),
  { do: 'kill', after: random.between(0, 5), down },
]

const everything = (command: 'ON' | 'OFF'): Step[] =>
  BUSY.map(({ key }) => ({ do: 'mqtt', key, command, duration: 0 }))
/** Every pump has just gone on: these by command, with so many seconds, the others by their buttons. */
const on = (commanded: readonly (readonly [key: string, duration: number])[]): Step[] => [
  { do: 'gather' },
  ...everything('OFF'),
  { do: 'pass', ms: 500 },
  ...commanded.map(([key, duration]): Step => ({ do: 'mqtt', key, command: 'ON', duration })),
  { do: 'pass', ms: 500 },
  { do: 'press_all' },
  { do: 'pass', ms: 100 },
]
const ALL = BUSY.map(({ key }) => [key, 0] as const)
const SLOWEST = `${A} 2`
/** Devices do not end by themselves what is on. */
const forgetful = (ms: number): Step[] =>
  DEVICES.map((esp_id) => ({ do: 'misbehave', esp_id, mode: 'forgetful', ms }))
const REST = LONGEST + LATE + 500

/** What waits for its device while kaiser is killed is told when both are back. */
const waiting = (random: Random): Step[] => [
  { do: 'gather' },
  { do: 'cut', esp_id: B, away: 3_000 },
  { do: 'pass', ms: 150 },
  { do: 'mqtt', key: SPARE_OF_B.key, command: 'ON', duration: 1, wait: 20 },
  { do: 'pass', ms: 300 },
  { do: 'kill', after: 0, down: random.pick([0, 500]) },
]
/** It is taken, and nothing comes of it: some day that is over. */
const unanswered: Step[] = [
  { do: 'gather' },
  { do: 'misbehave', esp_id: A, mode: 'deaf', ms: 800 },
  { do: 'mqtt', key: SPARE_OF_A.key, command: 'ON', duration: 0 },
  { do: 'pass', ms: 800 },
]

/** kaiser alone ends what is on. */
const watched = (random: Random): Step[] => [
  ...forgetful(REST + 2_000),
  ...on([[SLOWEST, random.pick([1, 1, 2])]]),
  { do: 'pass', ms: REST },
]
/** Devices alone end what they were told to begin: nobody else is there. */
const alone = (random: Random): Step[] => [
  ...on(ALL.map(([key]) => [key, random.pick([0, 0, 60])])),
  { do: 'kill', after: 200, down: LONGEST + LATE },
]
/** kaiser is killed while it waits for the end, and ends it when it would have. */
const interrupted = (random: Random): Step[] => {
  const before = random.between(3_000, 4_000)
  return [
    ...forgetful(before + REST + 6_000),
    ...on(random.chance(0.5) ? [[SLOWEST, 0]] : []),
    { do: 'pass', ms: before },
    { do: 'kill', after: 0, down: random.between(1_500, 2_500) },
    { do: 'pass', ms: REST - before },
  ]
}
/** Stopped, killed, tried to be switched on in every way, and released. */
function stopped(random: Random): Step[] {
  const scope = random.pick<Scope>([{}, {}, { esp_id: A }, { esp_id: A, gpio: 2 }])
  const by = random.pick(['mqtt', 'rest', 'down'] as const)
  const stop: Step[] =
    by === 'down'
      ? [{ do: 'kill', after: 0, down: 0, stop: scope }]
      : [{ do: 'stop', by, scope }, { do: 'pass', ms: random.pick([0, 0, 400]) }, ...killed(random, 300)]
  return [
    ...on(random.chance(0.5) ? ALL : []),
    ...stop,
    ...bustle(random, 5),
    { do: 'reboot', esp_id: A, away: 200 },
    { do: 'pass', ms: 1_500 },
    ...everything('ON'),
    { do: 'press_all' },
    { do: 'pass', ms: LATE + 1_000 },
    // Who is away when it is released hears of it later.
    { do: 'cut', esp_id: A, away: 700 },
    { do: 'release', by: random.pick(['mqtt', 'rest'] as const), scope },
    { do: 'pass', ms: LATE + 1_500 },
  ]
}

export function sequenceOf(seed: number, random: Random): Sequence {
  const styles = DEVICES.map(() => styleOf(random))
  const quiet = [watched, alone, interrupted].filter((_, n) => n !== seed % 3)
  const stretches = random.chance(0.5) ? quiet : quiet.toReversed()
  // A stop ends what is on its way: it comes last, when the rest has ended by itself.
  const steps = [...stretches, stopped].flatMap((stretch, n) => [
    ...bustle(random, 6),
    ...(n === 0 ? killed(random) : []),
    ...bustle(random, 4, true),
    ...stretch(random),
  ])
  return { styles, steps: [...waiting(random), ...unanswered, ...steps] }
}

/** As people read it: one step a line. */
export const printed = ({ styles, steps }: Sequence): string =>
  [...styles, ...steps].map((each) => JSON.stringify(each)).join('\n')
