/** What REST asks of the mock devices of this kaiser. Every call throws RequestRefused where it cannot be. */
import type { TObject } from 'typebox'
import type { MockActuator, MockConfig, MockFault, MockSensor } from '../routing/contract/mock.js'
import type { Quality } from '../routing/contract/quality.js'

export interface SensorView extends MockSensor {
  /** ms since 1970; undefined: not measured yet. */
  readonly last_read: number | undefined
  /** Somebody set its value, and that holds. */
  readonly manual_override: boolean
}

export interface ActuatorView extends MockActuator {
  readonly emergency_stopped: boolean
  readonly last_command: string | null
}

export interface MockView {
  readonly esp_id: string
  readonly config: MockConfig
  /** It is to run. */
  readonly running: boolean
  /** It is connected. */
  readonly up: boolean
  readonly system_state: string
  /** s */
  readonly uptime: number
  readonly afflictions: readonly MockFault[]
  readonly sensors: readonly SensorView[]
  readonly actuators: readonly ActuatorView[]
}

type Wish<T, Needed extends keyof T> = { [field in keyof T]?: T[field] | null | undefined } & Pick<T, Needed>
export type SensorWish = Wish<MockSensor, 'gpio' | 'sensor_type'>
export type ActuatorSpec = Wish<MockActuator, 'gpio' | 'actuator_type'>

export interface NewMock {
  readonly esp_id: string
  readonly config: Partial<Omit<MockConfig, 'sensors' | 'actuators' | 'manual_overrides' | 'faults'>>
  readonly sensors: readonly SensorWish[]
  readonly actuators: readonly ActuatorSpec[]
  readonly faults?: readonly unknown[] | undefined
}

/** A sensor; its type is needed where a gpio has several. */
export interface Which {
  readonly gpio: number
  readonly sensor_type?: string | undefined
}

export interface Value extends Which {
  readonly raw_value: number
  readonly quality?: Quality
  /** Is a reading said at once? */
  readonly publish?: boolean
}

export interface MockMessage {
  readonly topic: string
  readonly payload: string
  readonly timestamp: number
  readonly qos: number
  readonly sent: boolean
}

/** A pattern or a fault that a mock can have, and what it may be told. */
export interface MockKind {
  readonly name: string
  readonly summary: string
  readonly parameters: TObject
}

/** A device of a profile: what is wired to it. */
export interface MockPreset {
  readonly profile: string
  readonly device: string
  readonly sensors: readonly MockSensor[]
  readonly actuators: readonly MockActuator[]
}

export interface MockKinds {
  readonly patterns: readonly MockKind[]
  readonly faults: readonly MockKind[]
  readonly presets: readonly MockPreset[]
}

/** Other rows of the same moment. */
type Also = () => void

export interface Fleet {
  kinds(): MockKinds
  list(): readonly MockView[]
  find(esp_id: string): MockView
  /** Undefined when it is no mock of ours; never throws. */
  look(esp_id: string): MockView | undefined
  create(wish: NewMock, by: string, also?: Also): Promise<MockView>
  remove(esp_id: string, readings?: 'keep' | 'delete', also?: Also): Promise<void>
  run(esp_id: string, running: boolean, also?: Also): Promise<MockView>
  heartbeat(esp_id: string): { published: boolean; payload: Record<string, unknown> | undefined }
  setState(esp_id: string, state: string, reason: string): Promise<string>
  setAutoHeartbeat(esp_id: string, enabled: boolean, interval_seconds: number | undefined): Promise<void>
  addSensor(esp_id: string, wish: SensorWish): Promise<SensorView>
  removeSensor(esp_id: string, which: Which): Promise<string[]>
  setValues(esp_id: string, values: readonly Value[]): Promise<SensorView[]>
  clearValue(esp_id: string, which: Which): Promise<{ cleared: boolean; sensor: SensorView }>
  addActuator(esp_id: string, wish: ActuatorSpec): Promise<ActuatorView>
  removeActuator(esp_id: string, gpio: number): Promise<void>
  setActuator(
    esp_id: string,
    gpio: number,
    wish: { state: boolean; pwm_value?: number | undefined; publish?: boolean },
  ): Promise<{ refused: string | undefined; actuator: ActuatorView }>
  emergencyStop(esp_id: string, reason: string): Promise<number>
  clearEmergency(esp_id: string): Promise<void>
  inject(esp_id: string, fault: unknown): Promise<MockFault>
  heal(esp_id: string, fault?: string): Promise<boolean>
  messages(esp_id: string): readonly MockMessage[]
  clearMessages(esp_id: string): void
}
