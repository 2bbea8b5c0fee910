/**
 * The actuators of a mock: what each is at, when it goes off by itself, and that nothing runs while it is stopped.
 * Whatever changes is said as a status, as the firmware does it. protocol.md §2.3 to §2.5
 */
import { kindOf, maxRuntimeOf } from '../routing/actuators/kinds.js'
import type { MockActuator } from '../routing/contract/mock.js'
import { fromDevice } from '../routing/contract/topics.js'
import { type Board, said, zoneOf } from './board.js'
import type { Timer } from './clock.js'
import { type Output, outputOf } from './mock-state.js'

export interface Change {
  /** 0–1 */
  readonly value: number
  /** As `last_command` says it. */
  readonly command: string
  /** s until it goes off by itself; 0 = never */
  readonly duration?: number
  readonly correlation_id?: string | undefined
  /** Is nobody told? */
  readonly quiet?: boolean
}

/** Why it may not be switched on now; undefined when it may. */
export type Refusal = string | undefined

export class Outputs {
  readonly #board: Board
  readonly #timers = new Map<number, Timer>()
  #running = false

  constructor(board: Board) {
    this.#board = board
  }

  /** All it has: its own, with the longest time it was told, and what it was told to have. */
  get all(): MockActuator[] {
    const { config, state } = this.#board
    const told = state.pushed.actuators ?? {}
    return [
      ...Object.values(config.actuators).map((own) => {
        const max_runtime = told[own.gpio]?.max_runtime
        return max_runtime == null ? own : { ...own, max_runtime }
      }),
      ...Object.values(told).filter(({ gpio }) => !config.actuators[gpio]),
    ]
  }

  find(gpio: number): MockActuator | undefined {
    return this.all.find((actuator) => actuator.gpio === gpio)
  }

  outputOf(gpio: number): Output {
    const { state, clock } = this.#board
    const known = state.outputs[gpio]
    if (known) return known
    const actuator = this.find(gpio)
    const made = actuator ? outputOf(actuator, clock.now()) : outputOf(NONE, clock.now())
    state.outputs[gpio] = made
    return made
  }

  /** Power is on: what ran out meanwhile goes off, the rest goes on. */
  start(): void {
    this.#running = true
    for (const { gpio } of this.all) {
      this.#tellWorld(gpio)
      this.#watch(gpio)
    }
  }

  /** Power is off, or the mock rests; what it is at stays written down. */
  stop(): void {
    this.#running = false
    const { world, esp_id, clock } = this.#board
    world.forget(esp_id, clock.now())
    for (const timer of this.#timers.values()) timer.stop()
    this.#timers.clear()
  }

  /** Everything falls off, as when the power goes. */
  fall(): void {
    for (const { gpio } of this.all) this.#set(gpio, { value: 0, command: 'BOOT', quiet: true })
  }

  /** Why an actuator may not be switched on. */
  refusal(gpio: number): Refusal {
    const { state } = this.#board
    if (!this.find(gpio)) return `Actuator not configured on GPIO ${gpio}`
    if (state.emergency !== null || state.outputs[gpio]?.stopped) return 'Emergency stopped'
    if (state.system_state === 'SAFE_MODE') return 'Device is in safe mode'
    const resting = Object.entries(state.subzones).find(([, { safe, gpios }]) => safe && gpios.includes(gpio))
    return resting && `Subzone ${resting[0]} is in safe mode`
  }

  /** Switches, and says so. */
  set(gpio: number, change: Change): void {
    this.#set(gpio, change)
    this.#board.changed()
    if (!change.quiet) this.status(gpio, change.correlation_id)
  }

  /** All, or one of them, off and stopped until it is cleared. */
  emergencyStop(reason: string, only?: number, correlation_id?: string): number {
    const { state } = this.#board
    const gpios = this.all.map(({ gpio }) => gpio).filter((gpio) => only === undefined || gpio === only)
    if (only === undefined) state.emergency = reason
    for (const gpio of gpios) {
      if (only !== undefined) this.outputOf(gpio).stopped = true
      this.#set(gpio, { value: 0, command: 'EMERGENCY_STOP' })
    }
    this.#board.changed()
    for (const gpio of gpios) {
      this.status(gpio, correlation_id)
      this.alert(gpio, 'emergency_stop', `Emergency stop: ${reason}`)
    }
    return gpios.length
  }

  /** They may be switched on again; they stay off. */
  clearEmergency(only?: number, correlation_id?: string): void {
    const { state } = this.#board
    if (only === undefined) state.emergency = null
    for (const { gpio } of this.all) {
      if (only !== undefined && gpio !== only) continue
      const output = this.outputOf(gpio)
      output.stopped = false
      output.last_command = 'CLEAR_EMERGENCY'
      this.status(gpio, correlation_id)
    }
    this.#board.changed()
  }

  /** All that is on goes off. */
  rest(command: string, only: (gpio: number) => boolean = () => true): void {
    for (const { gpio } of this.all)
      if (only(gpio) && this.outputOf(gpio).value > 0) this.set(gpio, { value: 0, command })
  }

  /** Says what one is. */
  status(gpio: number, correlation_id?: string): void {
    const board = this.#board
    const actuator = this.find(gpio)
    if (!actuator) return
    const { since, runtime_ms, last_command, stopped } = this.outputOf(gpio)
    const value = board.faults.report(gpio, this.outputOf(gpio).value)
    const emergency = board.state.emergency !== null || stopped ? 'active' : 'normal'
    board.say(
      fromDevice.actuatorStatus,
      { gpio },
      {
        ...said(board),
        ...zoneOf(board),
        gpio,
        actuator_type: actuator.actuator_type,
        state: value > 0,
        value,
        pwm: Math.round(value * 255),
        runtime_ms: runtime_ms + (since === null ? 0 : Math.max(0, Math.round(board.clock.now() - since))),
        emergency,
        last_command,
        error: null,
        ...(correlation_id !== undefined && { correlation_id }),
      },
    )
  }

  /** Says what all are: somebody who was away does not know. */
  statuses(): void {
    for (const { gpio } of this.all) this.status(gpio)
  }

  alert(gpio: number, alert_type: string, message: string): void {
    const board = this.#board
    board.say(
      fromDevice.actuatorAlert,
      { gpio },
      { ...said(board), ...zoneOf(board), gpio, alert_type, message },
    )
  }

  /** An actuator is new, or gone. */
  renew(gpio: number): void {
    const { state } = this.#board
    if (this.find(gpio)) {
      this.outputOf(gpio)
      this.#tellWorld(gpio)
      this.#watch(gpio)
      return
    }
    this.#timers.get(gpio)?.stop()
    this.#timers.delete(gpio)
    delete state.outputs[gpio]
  }

  #set(gpio: number, { value, command, duration = 0 }: Change): void {
    const now = this.#board.clock.now()
    const output = this.outputOf(gpio)
    const actuator = this.find(gpio) ?? NONE
    const next = value > 0 ? Math.min(actuator.max_value, Math.max(actuator.min_value, value)) : 0
    if (next > 0) output.since ??= now
    else if (output.since !== null) {
      output.runtime_ms += Math.max(0, Math.round(now - output.since))
      output.since = null
    }
    output.value = next
    output.until = next > 0 && duration > 0 ? Math.round(now + duration * 1000) : null
    output.last_command = command
    this.#tellWorld(gpio)
    this.#watch(gpio)
    this.#board.faults.switched()
  }

  #tellWorld(gpio: number): void {
    const { world, esp_id, clock } = this.#board
    const { actuator_type } = this.find(gpio) ?? NONE
    world.switched(esp_id, gpio, actuator_type, this.outputOf(gpio).value, clock.now())
  }

  /** When it has to go off: at the end of its time, or because it has run for too long. */
  #watch(gpio: number): void {
    this.#timers.get(gpio)?.stop()
    this.#timers.delete(gpio)
    const { since, until } = this.outputOf(gpio)
    const actuator = this.find(gpio)
    if (!this.#running || since === null || !actuator) return
    const most = maxRuntimeOf(kindOf(actuator.actuator_type), { max_runtime: actuator.max_runtime ?? null })
    const latest = most > 0 ? since + most * 1000 : Number.POSITIVE_INFINITY
    const end = Math.min(until ?? Number.POSITIVE_INFINITY, latest)
    if (!Number.isFinite(end)) return
    const { clock } = this.#board
    const over = (): void => {
      if (until !== null && until <= latest) return this.set(gpio, { value: 0, command: 'AUTO_OFF' })
      this.set(gpio, { value: 0, command: 'RUNTIME_PROTECTION' })
      this.alert(gpio, 'runtime_protection', `It ran for ${most} s, which is as long as it may`)
    }
    this.#timers.set(gpio, clock.after(end - clock.now(), over))
  }
}

const NONE: MockActuator = {
  gpio: 0,
  actuator_type: 'unknown',
  state: false,
  pwm_value: 0,
  min_value: 0,
  max_value: 1,
}
