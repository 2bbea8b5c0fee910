/**
 * What a device does when nobody answers: its heartbeats get no answer for 120 s, or kaiser says that it is offline,
 * or the connection is gone. With offline rules it goes on by them, 30 s after; without, everything rests. When
 * kaiser is back it obeys again, and what is off stays off. protocol.md §0.3, §2.6
 */
import type { OfflineRule } from '../routing/contract/mock.js'
import { fromDevice } from '../routing/contract/topics.js'
import { type Board, said } from './board.js'
import type { Timer } from './clock.js'
import type { Outputs } from './outputs.js'
import { library } from './quantities.js'
import type { Measured } from './sensors.js'

/** How long heartbeats may stay without an answer, ms. */
export const SILENCE = 120_000
/** After how long without a connection the offline rules begin, ms. */
export const RULES_AFTER = 30_000

/** What it needs: what can be switched. */
type Switching = Board & { readonly outputs: Pick<Outputs, 'statuses' | 'find' | 'refusal' | 'set'> }

const isSame = (a: string, b: string): boolean => library.normalise(a) === library.normalise(b)

export class Silence {
  readonly #board: Switching
  #timer: Timer | undefined
  /** Which rules hold their actuator on; a rule remembers between its two thresholds. */
  readonly #active = new Set<OfflineRule>()

  constructor(board: Switching) {
    this.#board = board
  }

  get rules(): readonly OfflineRule[] {
    const { state, config } = this.#board
    return state.pushed.offline_rules ?? config.offline_rules ?? []
  }

  /** A heartbeat was sent. */
  asked(): void {
    this.#timer ??= this.#board.clock.after(SILENCE, () => this.begin('no answer to heartbeats for 120 s'))
  }

  /** The connection is gone. */
  lost(): void {
    if (this.#board.state.alone !== null) return
    if (this.rules.length === 0) return this.asked()
    this.#wait(RULES_AFTER, 'no connection for 30 s')
  }

  /** Kaiser says that it goes. */
  left(): void {
    if (this.#board.state.alone === null)
      this.#wait(this.rules.length > 0 ? RULES_AFTER : 0, 'kaiser is offline')
  }

  /** Somebody answered. */
  answered(): void {
    this.stop()
    const board = this.#board
    if (board.state.alone === null) return
    board.state.alone = null
    this.#active.clear()
    if (board.state.system_state === 'SAFE_MODE') board.become('OPERATIONAL', 'kaiser is back')
    else board.changed()
    board.outputs.statuses()
  }

  stop(): void {
    this.#timer?.stop()
    this.#timer = undefined
  }

  /** From here on it is alone. */
  begin(reason: string): void {
    this.stop()
    const board = this.#board
    board.state.alone = reason
    if (this.rules.length === 0) {
      board.become('SAFE_MODE', reason)
      return
    }
    for (const rule of this.rules) if (rule.current_state_active) this.#active.add(rule)
    board.changed()
  }

  /** A rule may switch by this. */
  measured({ sensor, value }: Measured): void {
    const board = this.#board
    if (board.state.alone === null) return
    for (const rule of this.rules) {
      if (rule.sensor_gpio !== sensor.gpio) continue
      if (rule.sensor_value_type && !isSame(rule.sensor_value_type, sensor.sensor_type)) continue
      const was = this.#active.has(rule)
      const is = isNow(rule, board.time.ms) && holds(rule, value, was)
      if (is === was || !board.outputs.find(rule.actuator_gpio)) continue
      // What is stopped now may be let go while it is still alone.
      if (is && board.outputs.refusal(rule.actuator_gpio)) continue
      if (is) this.#active.add(rule)
      else this.#active.delete(rule)
      board.outputs.set(rule.actuator_gpio, { value: is ? 1 : 0, command: 'OFFLINE_RULE' })
    }
  }

  #wait(ms: number, reason: string): void {
    this.stop()
    this.#timer = this.#board.clock.after(ms, () => this.begin(reason))
  }
}

/** Cooling: on above one, off below the other; heating the other way round. Both zero is: not used. */
function holds(rule: OfflineRule, value: number, was: boolean): boolean {
  const { activate_above, deactivate_below, activate_below, deactivate_above } = rule
  if ((activate_above ?? 0) !== 0 || (deactivate_below ?? 0) !== 0) {
    if (value > (activate_above ?? Number.POSITIVE_INFINITY)) return true
    return was && value >= (deactivate_below ?? Number.NEGATIVE_INFINITY)
  }
  if (value < (activate_below ?? Number.NEGATIVE_INFINITY)) return true
  return was && value <= (deactivate_above ?? Number.POSITIVE_INFINITY)
}

/** Within its hours, UTC; they may go over midnight. */
function isNow({ time_filter }: OfflineRule, at: number): boolean {
  if (!time_filter?.enabled) return true
  const date = new Date(at)
  const minute = date.getUTCHours() * 60 + date.getUTCMinutes()
  const start = time_filter.start_hour * 60 + time_filter.start_minute
  const end = time_filter.end_hour * 60 + time_filter.end_minute
  return start <= end ? minute >= start && minute < end : minute >= start || minute < end
}

/** `safe_mode`, as the firmware says it. */
export const saySafeMode = (board: Board, safe_mode_active: boolean, reason: string): boolean =>
  board.say(fromDevice.safeMode, {}, { ...said(board), safe_mode_active, reason })
