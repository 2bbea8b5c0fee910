/** What a mock device is to whoever runs it: made from a config, told by hand what no ESP32 can be told. */
import type { Duplex } from 'node:stream'
import type {
  MockActuator,
  MockConfig,
  MockFault,
  MockOverride,
  MockSensor,
} from '../routing/contract/mock.js'
import type { Clock } from './clock.js'
import type { Login, Trouble } from './connection.js'
import type { MockMessage } from './messages.js'
import type { MockState } from './mock-state.js'
import type { Meter, OutboxCounts } from './outbox.js'
import type { Outputs } from './outputs.js'
import type { Random } from './random.js'
import type { Sensors } from './sensors.js'
import type { World } from './world.js'

export interface MockOptions {
  readonly esp_id: string
  /** The mock changes it when it is told something by hand. */
  readonly config: MockConfig
  /** What `snapshot` gave before; without it the mock boots for the first time. */
  readonly state?: MockState | undefined
  readonly kaiser_id: string
  /** A new stream to the broker, in memory or over TCP. */
  readonly connect: () => Duplex
  readonly login?: Login | undefined
  readonly clock: Clock
  /** The clock of its line, where that is another one: a broker answers in real time, however fast the mock lives. */
  readonly network?: Clock
  /** Without it, by the seed of the config, else by its id. */
  readonly random?: Random
  /** What the sensors of its zone share; without it, it is alone in the world. */
  readonly world?: World | undefined
  /** Reads a file with a recorded series; without it there are none. Throws a sentence. */
  readonly readSeries?: ((file: string) => string) | undefined
  /** What it is at has changed, in a way that should outlive a restart. */
  readonly changed?: (state: MockState) => void
  /** It is connected and subscribed. */
  readonly arrived?: () => void
  /** Something did not work, and is tried again. */
  readonly trouble?: (esp_id: string, what: Trouble, detail: string) => void
  /** How many messages are kept to be looked at; without it, its share of what all mocks of the process may keep. */
  readonly room?: () => number
  /** Counts what it says. */
  readonly meter?: Meter
  /** At most; 1 without it. */
  readonly qos?: 0 | 1
}

export interface ActuatorWish {
  readonly state: boolean
  /** 0–1; without it as much as it can */
  readonly pwm_value?: number | undefined
  readonly publish?: boolean
}

export interface ValueWish extends MockOverride {
  readonly publish?: boolean
}

export interface Mock {
  readonly esp_id: string
  /** What it is made of, as it is now. */
  readonly config: MockConfig
  /** What it is at, as it is now; `snapshot` for what is kept. */
  readonly state: Readonly<MockState>
  /** Connected and subscribed. */
  readonly up: boolean
  /** s since it booted */
  readonly uptime: number
  /** What kaiser called it in its last answer to a heartbeat: online, pending_approval, rejected. protocol.md §2.6 */
  readonly admission: string | undefined
  /** Its own queue: how full, and what was let go. */
  readonly counts: OutboxCounts
  /** What it has said and nobody has acknowledged yet. */
  readonly pending: number
  /** Also those a configuration brought. */
  readonly sensors: Pick<Sensors, 'entries' | 'lastOf' | 'lastAt'>
  readonly outputs: Pick<Outputs, 'all' | 'find' | 'outputOf'>
  /** Connects, and lives. */
  start(): void
  /** Takes leave of the broker, and rests. */
  stop(): Promise<void>
  /** As if somebody pulled the plug: the broker says its Will. */
  unplug(): void
  /** Off, and on again after so many ms. */
  reboot(reason: string, delay_ms: number): void
  /** The line breaks; it comes back by itself. */
  drop(): void
  /** A heartbeat, at once; `published` when it goes out. */
  heartbeat(): { published: boolean; payload: Record<string, unknown> }
  /** The state before. SAFE_MODE rests all actuators. */
  setState(system_state: string, reason: string): string
  setAutoHeartbeat(enabled: boolean, interval_seconds?: number): void
  /** In the place of the one of this key; says one reading unless `quiet`. Throws a sentence when there can be no such. */
  addSensor(sensor: MockSensor, quiet?: boolean): void
  /** False when there is none. */
  removeSensor(key: string): boolean
  /** Holds until it is cleared. False when there is no such sensor. */
  setValue(key: string, wish: ValueWish): boolean
  /** Its pattern goes on. False when nothing was set. */
  clearValue(key: string): boolean
  addActuator(actuator: MockActuator): void
  removeActuator(gpio: number): boolean
  /** Why not; undefined when it was done, said as status and response. */
  setActuator(gpio: number, wish: ActuatorWish): string | undefined
  /** How many were stopped. */
  emergencyStop(reason: string): number
  clearEmergency(): void
  /** What is wrong with it now. */
  readonly afflictions: readonly MockFault[]
  /** From now on, and after each start; in the place of the one of this name. Throws a sentence. */
  inject(fault: MockFault): void
  /** One of them ends, or all, and does not come again. False when there was none. */
  heal(fault?: string): boolean
  /** The last ones, oldest first. */
  readonly messages: readonly MockMessage[]
  clearMessages(): void
  /** Plain JSON. */
  snapshot(): MockState
}
