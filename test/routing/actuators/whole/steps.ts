/** Everything that can happen, as plain data: a sequence that failed can be printed, cut and played again. */
import type { Random } from '../../../support/random.js'
import type { Mode, Style } from './device.js'
import { ACTUATORS, DEVICES, keyOf, SCOPES, type Scope } from './plan.js'
import type { StallEnd } from './wire.js'

export interface Wished {
  readonly key: string
  readonly command: string
  readonly value?: number
  /** s */
  readonly duration?: number
}

export interface StopStep {
  readonly do: 'stop' | 'release'
  readonly by: 'rest' | 'mqtt'
  readonly scope: Scope
}

/** What people and rules do. */
export type PeopleStep =
  /** Somebody wishes something: over REST, over MQTT (delivered twice), or a rule; `wait` in s. */
  | (Wished & { do: 'rest' | 'mqtt' | 'rule'; wait?: number; twice?: boolean })
  | { do: 'batch'; wishes: readonly Wished[]; wait?: number }
  | StopStep
  /** Somebody releases what nobody armed. */
  | { do: 'unarmed'; scope: Scope }
  | { do: 'press'; key: string }

/** What happens to devices and their lines. */
export type DeviceStep =
  | { do: 'reboot' | 'break'; esp_id: string; will: boolean; away: number }
  | { do: 'stall'; esp_id: string; ms: number; end: StallEnd }
  | { do: 'misbehave'; esp_id: string; mode: Mode; ms: number }
  | { do: 'unacknowledged'; esp_id: string; ms: number }
  /** It says again what it said before. */
  | { do: 'replay'; esp_id: string }

/** kaiser dies with what is queued, committed or synced, or the box loses power, and is back after `down` ms. */
export interface KillStep {
  readonly do: 'kill'
  readonly when: 'queued' | 'committed' | 'synced' | 'power'
  /** What it said last reaches the devices. */
  readonly arrives: boolean
  readonly down: number
  readonly jump: number
}

export type Step =
  | PeopleStep
  | DeviceStep
  | KillStep
  | { do: 'jump'; ms: number }
  | { do: 'pass'; ms: number }

export interface Sequence {
  readonly styles: readonly Style[]
  readonly steps: readonly Step[]
}

const styleOf = (random: Random): Style => ({
  echoes: random.chance(0.6),
  dates: random.chance(0.7),
  counts: random.chance(0.4),
  period: random.pick([5_000, 10_000]),
  reportsFirst: random.chance(0.5),
  answersFirst: random.chance(0.5),
})

const JUMPS = [-7_200_000, -600_000, -61_000, -20_000, -5_000, 5_000, 20_000, 61_000, 7_200_000]

function wish(random: Random): Wished {
  const { part, ...actuator } = random.pick(ACTUATORS)
  const key = keyOf(actuator)
  const duration = random.pick([undefined, undefined, 5, 20, 50, 5_000])
  const command = random.weighted([
    [5, 'ON'],
    [3, 'OFF'],
    [1, 'TOGGLE'],
    [part ? 3 : 0, 'PWM'],
  ])
  return {
    key,
    command,
    ...(command === 'PWM' && { value: random.pick([0, 0.25, 0.5]) }),
    ...(duration !== undefined && { duration }),
  }
}

const makers: readonly (readonly [weight: number, make: (random: Random) => Step])[] = [
  [
    16,
    (random) => ({
      do: random.pick(['rest', 'mqtt', 'rule'] as const),
      ...wish(random),
      ...(random.chance(0.2) && { wait: random.pick([5, 20, 60]) }),
      ...(random.chance(0.1) && { twice: true }),
    }),
  ],
  [
    1.5,
    (random) => ({
      do: 'batch',
      wishes: [wish(random), wish(random), wish(random), wish(random)],
      ...(random.chance(0.4) && { wait: random.pick([20, 60]) }),
    }),
  ],
  [3, (random) => ({ do: 'stop', by: random.pick(['rest', 'mqtt'] as const), scope: random.pick(SCOPES) })],
  [
    4,
    (random) => ({ do: 'release', by: random.pick(['rest', 'mqtt'] as const), scope: random.pick(SCOPES) }),
  ],
  [0.5, (random) => ({ do: 'unarmed', scope: random.pick(SCOPES) })],
  [4, (random) => ({ do: 'press', key: keyOf(random.pick(ACTUATORS)) })],
  [
    3,
    (random) => ({
      do: random.pick(['reboot', 'break', 'break'] as const),
      esp_id: random.pick(DEVICES),
      will: random.chance(0.5),
      away: random.pick([0, 500, 3_000, 20_000, 45_000, 240_000]),
    }),
  ],
  [
    3,
    (random) => ({
      do: 'stall',
      esp_id: random.pick(DEVICES),
      ms: random.pick([500, 2_000, 10_000, 40_000]),
      end: random.pick(['resumes', 'taken_over', 'taken_over', 'dies'] as const),
    }),
  ],
  [
    4,
    (random) => ({
      do: 'misbehave',
      esp_id: random.pick(DEVICES),
      mode: random.pick([
        'deaf',
        'nods',
        'says_off',
        'says_on',
        'no_responses',
        'no_responses',
        'no_statuses',
        'forgetful',
        'forgetful',
      ] as const),
      ms: random.pick([2_000, 15_000, 60_000]),
    }),
  ],
  [
    1,
    (random) => ({
      do: 'unacknowledged',
      esp_id: random.pick(DEVICES),
      ms: random.pick([1_000, 20_000]),
    }),
  ],
  [1, (random) => ({ do: 'replay', esp_id: random.pick(DEVICES) })],
  [2, (random) => ({ do: 'jump', ms: random.pick(JUMPS) })],
  [
    2.5,
    (random) => ({
      do: 'kill',
      when: random.pick(['queued', 'committed', 'synced', 'power'] as const),
      arrives: random.chance(0.5),
      down: random.pick([0, 500, 5_000, 40_000]),
      jump: random.chance(0.25) ? random.pick(JUMPS) : 0,
    }),
  ],
  [
    22,
    (random) => ({
      do: 'pass',
      ms:
        500 *
        random.weighted([
          [4, 1],
          [4, random.between(2, 6)],
          [4, random.between(6, 50)],
          [1, random.between(50, 250)],
        ]),
    }),
  ],
]

export function sequenceOf(random: Random, length: number): Sequence {
  const styles = DEVICES.map(() => styleOf(random))
  const steps = Array.from({ length }, () => random.weighted(makers)(random))
  return { styles, steps }
}

/** As people read it: one step a line. */
export const printed = ({ styles, steps }: Sequence): string =>
  [...styles.map((style) => JSON.stringify(style)), ...steps.map((step) => JSON.stringify(step))].join('\n')
