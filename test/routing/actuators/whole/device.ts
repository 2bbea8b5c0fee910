/**
 * A device as its firmware makes it: obeys commands and their duration, stops when it is told to and refuses
 * everything until it is cleared, ends what has been on for an hour, reports on every change and every few seconds.
 * It can be told to misbehave for a while. Its outputs are the truth: nothing in kaiser knows better.
 */
import type { Time } from './time.js'

/** What is wrong with it for a while. */
export type Mode =
  /** It takes what it is told and does nothing about it; its own timers and its button work. */
  | 'deaf'
  /** It says that it did what it was told, and did not. */
  | 'nods'
  /** It says that everything is off, or on. */
  | 'says_off'
  | 'says_on'
  /** Its responses, or its statuses, get lost. */
  | 'no_responses'
  | 'no_statuses'
  /** It forgets when what is on has to end. */
  | 'forgetful'

/** How its firmware was written. */
export interface Style {
  /** Says which command it answers. */
  readonly echoes: boolean
  /** Says when; in seconds. */
  readonly dates: boolean
  /** Numbers what it says. */
  readonly counts: boolean
  /** Says what its actuators are every so many ms, */
  readonly period: number
  /** and before it listens when it connects. */
  readonly reportsFirst: boolean
  /** Answers before it says what it is now. */
  readonly answersFirst: boolean
  /** It is older than emergency stops: it does not listen to them. */
  readonly ignoresStops?: boolean
}

export interface Output {
  /** 0 to 1 */
  value: number
  /** When it went on, by real time. */
  since: number | undefined
  /** When it goes off by itself, by real time. */
  ends: number | undefined
  last_command: string | undefined
  correlation_id: string | undefined
}

export interface Device {
  readonly esp_id: string
  readonly style: Style
  readonly outputs: ReadonlyMap<number, Readonly<Output>>
  /** It was told to stop, and was not told that it is over. */
  readonly stopped: boolean
  is(mode: Mode): boolean
  misbehave(mode: Mode, until: number): void
  behave(): void
  hear(topic: string, payload: string): void
  /** Its own timers. */
  tick(): void
  /** Somebody pushes the button of an actuator. */
  press(gpio: number): void
  /** Loses power: off, and it remembers nothing. */
  reboot(): void
  /** It is connected: it says what it is. */
  greet(): void
  /** Says what all its actuators are. */
  report(): void
}

interface Told {
  readonly command: string
  readonly value?: number
  readonly duration?: number
  readonly correlation_id?: string
}

/** The firmware's own limit, ms. */
export const OWN_LIMIT = 3_600_000
const HEARTBEAT = 60_000

export interface DeviceOptions {
  readonly esp_id: string
  readonly gpios: readonly number[]
  readonly style: Style
  readonly time: Pick<Time, 'real' | 'true'>
  readonly say: (what: string, payload: object) => void
}

export function createDevice({ esp_id, gpios, style, time, say }: DeviceOptions): Device {
  const outputs = new Map<number, Output>()
  const modes = new Map<Mode, number>()
  let stopped = false
  let seq = 0
  let boot = 0
  let booted = 0
  let reported = 0
  let beat = 0
  const is = (mode: Mode): boolean => (modes.get(mode) ?? 0) > time.real

  const off = (): Output => ({
    value: 0,
    since: undefined,
    ends: undefined,
    last_command: undefined,
    correlation_id: undefined,
  })
  const reset = (): void => {
    for (const gpio of gpios) outputs.set(gpio, off())
  }
  reset()

  const stamp = () => ({
    esp_id,
    ...(style.dates && { ts: Math.floor(time.true / 1000) }),
    ...(style.counts && { seq: ++seq }),
  })

  const status = (gpio: number): void => {
    if (is('no_statuses')) return
    const { last_command, correlation_id, ...output } = outputs.get(gpio)!
    const value = is('says_off') ? 0 : is('says_on') ? 1 : output.value
    say(`actuator/${gpio}/status`, {
      ...stamp(),
      gpio,
      actuator_type: 'relay',
      state: value === 0 ? 'off' : value === 1 ? 'on' : 'pwm',
      value,
      emergency: stopped ? 'active' : 'normal',
      ...(last_command !== undefined && { last_command }),
      ...(style.echoes && correlation_id !== undefined && { correlation_id }),
    })
  }

  const respond = (gpio: number, told: Told, success: boolean, message?: string): void => {
    if (is('no_responses')) return
    const { command, value, duration, correlation_id } = told
    say(`actuator/${gpio}/response`, {
      ...stamp(),
      gpio,
      command,
      value,
      duration,
      success,
      ...(message !== undefined && { message }),
      ...(style.echoes && { correlation_id }),
    })
  }

  const set = (gpio: number, value: number, seconds: number, word: string, correlation_id?: string): void => {
    const before = outputs.get(gpio)!
    outputs.set(gpio, {
      value,
      since: value === 0 ? undefined : (before.since ?? time.real),
      ends: value > 0 && seconds > 0 ? time.real + seconds * 1000 : undefined,
      last_command: word,
      correlation_id,
    })
  }

  const obey = (gpio: number, told: Told): void => {
    if (!outputs.has(gpio)) return
    if (stopped) return respond(gpio, told, false, 'actuator emergency-stopped')
    const { command, value = 0, duration = 0, correlation_id } = told
    if (!is('nods')) set(gpio, command === 'OFF' ? 0 : value, duration, command, correlation_id)
    if (style.answersFirst) respond(gpio, told, true)
    status(gpio)
    if (!style.answersFirst) respond(gpio, told, true)
  }

  const stop = ({ correlation_id }: Told): void => {
    if (!is('nods')) {
      stopped = true
      for (const gpio of gpios) set(gpio, 0, 0, 'EMERGENCY_STOP')
    }
    say('actuator/emergency/ack', {
      ...stamp(),
      command: 'emergency_stop',
      outcome: 'executed',
      correlation_id,
    })
    for (const gpio of gpios) status(gpio)
  }

  const clear = ({ correlation_id }: Told): void => {
    if (is('nods')) return
    stopped = false
    say('actuator/recovery_confirm', {
      ...stamp(),
      command: 'clear_emergency',
      state: 'cleared',
      correlation_id,
    })
  }

  const heartbeat = (): void => {
    beat = time.real
    say('system/heartbeat', {
      esp_id,
      ts: Math.floor(time.true / 1000),
      uptime: Math.floor((time.real - booted) / 1000),
      boot_sequence_id: boot,
      heap_free: 40_000,
      wifi_rssi: -60,
    })
  }
  const report = (): void => {
    reported = time.real
    for (const gpio of gpios) status(gpio)
  }

  return {
    esp_id,
    style,
    outputs,
    get stopped() {
      return stopped
    },
    is,
    misbehave: (mode, until) => void modes.set(mode, until),
    behave: () => modes.clear(),
    hear(topic, payload) {
      if (is('deaf')) return
      const told = JSON.parse(payload) as Told
      const gpio = /\/actuator\/(\d+)\/command$/.exec(topic)?.[1]
      if (gpio !== undefined) obey(Number(gpio), told)
      else if (topic.endsWith('/emergency') && !style.ignoresStops)
        (told.command === 'clear_emergency' ? clear : stop)(told)
    },
    tick() {
      for (const [gpio, { value, since, ends }] of outputs) {
        if (value === 0) continue
        if (ends !== undefined && time.real >= ends) {
          if (is('forgetful')) outputs.get(gpio)!.ends = undefined
          else {
            set(gpio, 0, 0, 'AUTO_OFF')
            status(gpio)
          }
        } else if (time.real - since! >= OWN_LIMIT) {
          set(gpio, 0, 0, 'RUNTIME_PROTECTION')
          say(`actuator/${gpio}/alert`, { ...stamp(), gpio, alert_type: 'runtime_protection' })
          status(gpio)
        }
      }
      if (time.real - reported >= style.period) report()
      if (time.real - beat >= HEARTBEAT) heartbeat()
    },
    press(gpio) {
      const value = outputs.get(gpio)!.value > 0 ? 0 : 1
      set(gpio, value, 0, value > 0 ? 'ON' : 'OFF')
      status(gpio)
    },
    reboot() {
      reset()
      modes.clear()
      stopped = false
      seq = 0
      boot++
      booted = time.real
    },
    greet: heartbeat,
    report,
  }
}
