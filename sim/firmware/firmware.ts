/**
 * What every mock's firmware does by itself: it connects and says so, beats, measures, hears and obeys, falls and
 * boots again. What can be done to it by hand stands in device.ts.
 */
import type { MockConfig } from '../../routing/contract/mock.js'
import { fromDevice } from '../../routing/contract/topics.js'
import type { Parts } from '../board.js'
import type { Clock, Timer } from '../clock.js'
import { Complaints } from '../complaints.js'
import { Connection, type Login } from '../connection.js'
import { Afflictions } from '../faults/afflictions.js'
import type { DeviceTime } from '../faults/fault.js'
import { checkFaults } from '../faults/index.js'
import { Messages } from '../messages.js'
import type { MockOptions } from '../mock.js'
import { freshState, type MockState, resumed } from '../mock-state.js'
import { Outputs } from '../outputs.js'
import { createRandom, type Random } from '../random.js'
import { Sensors } from '../sensors.js'
import { Silence, saySafeMode } from '../silence.js'
import {
  announcementOf,
  CONFIG_BUFFER,
  diagnosticsOf,
  heartbeatOf,
  metricsOf,
  uptimeOf,
  willOf,
} from '../vitals.js'
import { Voice } from '../voice.js'
import type { WiredBoard } from '../wired-board.js'
import { createWorld, type World } from '../world.js'
import { objectIn } from './hearing.js'
import { filtersOf, findHearing } from './index.js'

/** Between two diagnostics of the firmware, ms. */
const DIAGNOSTICS = 60_000

export class Firmware implements WiredBoard {
  readonly esp_id: string
  readonly kaiser_id: string
  readonly config: MockConfig
  readonly state: MockState
  readonly clock: Clock
  readonly random: Random
  readonly world: World
  readonly readSeries: MockOptions['readSeries']
  readonly sensors: Sensors
  readonly outputs: Outputs
  readonly silence: Silence
  readonly faults: Afflictions
  readonly #options: MockOptions
  readonly #voice: Voice
  protected readonly connection: Connection
  protected readonly heard: Messages
  parts: Parts | undefined
  admission: string | undefined
  #login: Login | undefined
  /** Power is on. */
  protected on = false
  /** It was started, and not stopped; its power may fail meanwhile. */
  #wanted = false
  #beating: Timer | undefined
  #diagnosing: Timer | undefined
  #booting: Timer | undefined
  readonly #complaints = new Complaints(this)
  /** What the queue had let go when that was told. */
  #lost = 0

  constructor(options: MockOptions) {
    const { esp_id, kaiser_id, config, clock, random = createRandom(config.seed ?? esp_id) } = options
    this.#options = options
    this.esp_id = esp_id
    this.kaiser_id = kaiser_id
    this.config = config
    this.clock = clock
    this.random = random
    this.world = options.world ?? createWorld({ seed: esp_id })
    this.state = options.state ? resumed(options.state) : freshState(config, Math.round(clock.now()))
    this.readSeries = options.readSeries
    this.#login = options.login
    this.heard = new Messages(options.room)
    this.faults = new Afflictions({
      clock,
      random: createRandom(`${config.seed ?? ''}/${esp_id}/faults`),
      fail: (reason, off_ms) => this.#fail(reason, off_ms),
      hang: (hangs) => this.connection.hang(hangs),
      read: (bytes_per_second) => this.connection.read(bytes_per_second),
      isOn: () => Object.values(this.state.outputs).some(({ value }) => value > 0),
    })
    this.outputs = new Outputs(this)
    this.silence = new Silence(this)
    this.sensors = new Sensors(this, (measured) => this.silence.measured(measured))
    this.connection = new Connection({
      client_id: esp_id,
      connect: options.connect,
      login: () => this.#login,
      will: () => willOf(this),
      filters: filtersOf(kaiser_id, esp_id),
      buffer: CONFIG_BUFFER,
      meter: options.meter,
      clock: options.network ?? clock,
      // How often it has to come back must not change what it measures.
      random: createRandom(Math.floor(random() * 2 ** 32)),
      events: {
        up: () => this.#arrived(),
        down: () => this.on && this.silence.lost(),
        heard: (topic, payload, qos) => this.#hear(topic, payload.toString(), qos),
        trouble: (what, detail) => options.trouble?.(esp_id, what, detail),
      },
    })
    const { connection, faults, heard: messages } = this
    this.#voice = new Voice({ esp_id, kaiser_id, clock, connection, faults, messages, isOn: () => this.on })
  }

  get up(): boolean {
    return this.connection.up
  }
  get time(): DeviceTime {
    return this.faults.time(this.clock.now())
  }
  get uptime(): number {
    return uptimeOf(this)
  }
  start(): void {
    if (this.#wanted) return
    checkFaults(this.config.faults)
    this.#wanted = true
    this.heard.open()
    this.#powerOn()
    this.faults.begin(this.config.faults)
  }

  #powerOn(): void {
    this.on = true
    this.outputs.start()
    this.sensors.start()
    if (this.state.alone === null) this.silence.asked()
    this.beatRegularly()
    if (this.config.payload === 'native')
      this.#diagnosing = this.clock.every(DIAGNOSTICS, () => this.diagnose())
    this.connection.open()
  }

  stop(): Promise<void> {
    this.#wanted = false
    this.heard.close()
    this.faults.stop()
    this.#rest()
    return this.connection.close()
  }

  unplug(): void {
    this.#wanted = false
    this.heard.close()
    this.faults.stop()
    this.#powerOff()
  }

  #powerOff(): void {
    this.#rest()
    this.connection.cut()
  }

  reboot(reason: string, delay_ms: number): void {
    this.#booting?.stop()
    this.#booting = this.clock.after(delay_ms, () => {
      this.#powerOff()
      this.outputs.fall()
      this.#boot(reason)
    })
  }

  /** The power fails, and comes back after so long. */
  #fail(reason: string, off_ms: number): void {
    this.#powerOff()
    this.outputs.fall()
    this.changed()
    this.#booting = this.clock.after(off_ms, () => this.#boot(reason))
  }

  #boot(reason: string): void {
    const { state } = this
    this.parts = undefined
    state.boots++
    state.booted_at = Math.round(this.clock.now())
    state.reset_reason = reason
    state.connects = state.errors = 0
    // Kept in memory only.
    state.emergency = state.alone = null
    for (const output of Object.values(state.outputs)) output.stopped = false
    state.system_state = 'OPERATIONAL'
    this.changed()
    this.#powerOn()
  }

  heartbeat(): { published: boolean; payload: Record<string, unknown> } {
    const payload = heartbeatOf(this)
    const published = this.say(fromDevice.heartbeat, {}, payload, 0)
    this.silence.asked()
    const { counts } = this.connection
    const lost = counts.shed + counts.dropped + counts.too_large
    if (lost !== this.#lost && this.up) this.say(fromDevice.heartbeatMetrics, {}, metricsOf(this, counts), 0)
    this.#lost = lost
    return { published, payload }
  }

  beat(): boolean {
    return this.heartbeat().published
  }

  become(system_state: string, reason: string): void {
    const before = this.state.system_state
    if (before === system_state) return
    this.state.system_state = system_state
    if (system_state === 'SAFE_MODE') this.outputs.rest('SAFE_MODE')
    this.changed()
    if (system_state === 'SAFE_MODE' || before === 'SAFE_MODE')
      saySafeMode(this, system_state === 'SAFE_MODE', reason)
  }

  say(template: string, levels: { gpio?: number }, payload: object, qos: 0 | 1 = 1): boolean {
    return this.#voice.say(template, levels, payload, qos && (this.#options.qos ?? 1))
  }

  changed(): void {
    this.#options.changed?.(this.snapshot())
  }

  fail(error_code: number, category: string, message: string): void {
    this.#complaints.say(error_code, category, message)
  }

  diagnose(): void {
    this.say(fromDevice.diagnostics, {}, diagnosticsOf(this), 0)
  }

  logIn(login: Login | undefined): void {
    this.#login = login
  }

  reconnect(): void {
    this.connection.close().then(
      () => this.on && this.connection.open(),
      () => {},
    )
  }

  snapshot(): MockState {
    return structuredClone({ ...this.state, patterns: this.sensors.snapshot() })
  }

  #arrived(): void {
    this.state.connects++
    this.say(fromDevice.sessionAnnounce, {}, announcementOf(this))
    if (this.config.auto_heartbeat || this.state.alone !== null) this.beat()
    // Whoever was away, or asks for the first time, does not know.
    this.outputs.statuses()
    if (this.state.connects === 1) this.sensors.measureAll()
    if (!this.config.auto_heartbeat && this.state.alone === null) this.silence.stop()
    this.#options.arrived?.()
  }

  #hear(topic: string, payload: string, qos: number): void {
    this.heard.add({ topic, payload, timestamp: this.clock.now(), qos, sent: false })
    const found = findHearing(topic)
    // An empty message clears something retained, and is none.
    if (!found || payload === '') return
    const { entry, levels } = found
    // What is cut off is no JSON any more.
    const message = Buffer.byteLength(payload) > (entry.slot ?? CONFIG_BUFFER) ? undefined : objectIn(payload)
    try {
      if (message) entry.hear(this, message, levels as never)
      else if (entry.unreadable) entry.unreadable(this, levels as never)
      else this.fail(3016, 'COMMUNICATION', `${entry.topic.split('/').at(-1)} is no JSON object`)
    } catch (error) {
      // Whatever somebody tells a mock: the process it is in goes on.
      this.fail(4030, 'APPLICATION', `${entry.topic.split('/').at(-1)}: ${(error as Error).message}`)
    }
  }

  protected beatRegularly(): void {
    this.#beating?.stop()
    this.#beating = undefined
    const { auto_heartbeat, heartbeat_interval } = this.config
    if (auto_heartbeat) this.#beating = this.clock.every(heartbeat_interval * 1000, () => this.beat())
  }

  #rest(): void {
    this.on = false
    for (const timer of [this.#beating, this.#diagnosing, this.#booting]) timer?.stop()
    this.#beating = this.#diagnosing = this.#booting = undefined
    this.outputs.stop()
    this.sensors.stop()
    this.silence.stop()
  }
}
