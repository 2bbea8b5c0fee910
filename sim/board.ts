/**
 * What the parts of a mock's firmware share: what it is made of, what it is at, its time, and how it speaks. Sensors
 * and outputs act on it; with them it is a wired board, which the topics of firmware/ hear with.
 */
import type { MockConfig } from '../routing/contract/mock.js'
import type { Clock } from './clock.js'
import type { Login } from './connection.js'
import type { Afflictions } from './faults/afflictions.js'
import type { DeviceTime } from './faults/fault.js'
import type { MockState } from './mock-state.js'
import type { Random } from './random.js'
import type { World } from './world.js'

export interface Parts {
  readonly fingerprint: string | null
  /** Kinds that were told of. */
  readonly seen: Set<string>
  readonly failed: number
}

export interface Board {
  readonly esp_id: string
  readonly kaiser_id: string
  readonly clock: Clock
  readonly random: Random
  readonly world: World
  /** Reads a file with a recorded series, where that is allowed. */
  readonly readSeries: ((file: string) => string) | undefined
  readonly config: MockConfig
  readonly state: MockState
  /** What is wrong with it. */
  readonly faults: Afflictions
  /** What it thinks that time it is. */
  readonly time: DeviceTime
  readonly up: boolean
  /** A configuration of several parts that is not whole yet. */
  parts: Parts | undefined
  /** What kaiser called it in its last answer to a heartbeat. */
  admission: string | undefined
  /** Says something on a topic of its own; true when it goes out, or waits. */
  say(template: string, levels: { gpio?: number }, payload: object, qos?: 0 | 1): boolean
  /** A heartbeat, at once. */
  beat(): boolean
  /** What is kept of it has changed. */
  changed(): void
  /** Its state, for whoever asks; SAFE_MODE rests all outputs. */
  become(system_state: string, reason: string): void
  /** Says that something went wrong, once a minute per code. `code` is one of the firmware's. protocol.md §2.9 */
  fail(code: number, category: string, message: string): void
  /** How it does, in detail. */
  diagnose(): void
  /** Logs in so from the next connect on. */
  logIn(login: Login | undefined): void
  /** Once what was said is through, comes back anew. */
  reconnect(): void
  /** Off and on again. */
  reboot(reason: string, delay_ms: number): void
}

/** The measured time of sensor and actuator messages: ms from a mock of the original, seconds from firmware. */
export const timeOf = ({ time, config }: Pick<Board, 'time' | 'config'>): number =>
  config.payload === 'native' ? Math.floor(time.ms / 1000) : Math.round(time.ms)

/** Fields that every message has; the firmware also counts. */
export const said = (board: Board): { ts: number; esp_id: string; seq?: number } => {
  const { esp_id, state, config } = board
  const ts = timeOf(board)
  return config.payload === 'native' ? { ts, esp_id, seq: ++state.seq } : { ts, esp_id }
}

/** What an answer takes over from what it answers. */
export const asked = (message: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    ['correlation_id', 'request_id', 'intent_id'].flatMap((name) => {
      const id = message[name]
      return typeof id === 'string' ? [[name, id]] : []
    }),
  )

/** Its zone, as far as it has one. */
export const zoneOf = ({ state }: Pick<Board, 'state'>): { zone_id?: string } =>
  state.zone ? { zone_id: state.zone.zone_id } : {}
