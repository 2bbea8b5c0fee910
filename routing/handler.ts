/**
 * What a handler is: where (topic), what shape (payload), what happens (handle). It runs synchronously inside
 * the group, writes through the store, and returns what should be said; speech happens after the commit.
 */
import type { Static, TSchema } from 'typebox'
import type { Device } from '../storage/devices.js'
import type { Reading } from '../storage/readings.js'
import type { Store } from '../storage/store.js'
import type { CommandBook } from './actuators/book.js'
import type { Facts } from './actuators/facts.js'
import type { Keep } from './actuators/report-limit.js'
import type { Actuators } from './actuators.js'
import type { DeviceAudit } from './audit.js'
import type { Configuration } from './configuration/configuration.js'
import type { ConfigPush } from './configuration/messages.js'
import type { Refusal } from './contract/codes.js'
import type { Event, EventData, EventName } from './contract/events.js'
import type { Levels } from './contract/topics.js'
import type { FindingKind, Findings } from './findings.js'
import type { Instruments } from './instruments.js'
import type { Measured } from './measure.js'
import type { Presence } from './presence.js'
import type { Zoning } from './zones/zoning.js'

/** What a handler wants done. `at_once` is not kept waiting for the commit; everything else is. */
export type Effect =
  | { readonly kind: 'emit'; readonly event: Event; readonly at_once: boolean }
  | {
      readonly kind: 'publish'
      readonly topic: string
      readonly payload: string
      readonly qos: 0 | 1
      readonly retain: boolean
      readonly at_once: boolean
    }
  | { readonly kind: 'evaluate'; readonly reading: Reading; readonly at_once: boolean }
  | SwitchOff
  /** A device is to be told its configuration. */
  | { readonly kind: 'configure'; readonly push: ConfigPush; readonly at_once: boolean }
  | SendCommand
  | { readonly kind: 'say_off'; readonly correlation_id: string; readonly at_once: boolean }
  | SendStop
  | { readonly kind: 'convert'; readonly request: LateConversion; readonly at_once: boolean }

/** An actuator, or with null every one of the device, is to be told OFF, whatever else happens. */
export interface SwitchOff {
  readonly kind: 'switch_off'
  readonly esp_id: string
  readonly gpio: number | null
  /** Names what wants it, as `issued_by` has it after `gate:`. */
  readonly reason: string
  readonly at_once: boolean
}

/** A command whose row is there goes to its device. */
export interface SendCommand {
  readonly kind: 'send_command'
  readonly correlation_id: string
  readonly at_once: boolean
}

/** A device is told of the emergency stop that concerns it, or that it is over. */
export interface SendStop {
  readonly kind: 'send_stop'
  readonly stop_id: number
  readonly esp_id: string
  readonly at_once: boolean
}

/** A stored raw reading whose value a user's module finds out, off the event loop. */
export interface LateConversion {
  /** Of its row. */
  readonly id: number
  readonly device: Device
  readonly topic: string
  readonly measured: Measured
  readonly later: NonNullable<Measured['later']>
}

/** A refusal that only the handler could see. */
export interface Refused {
  readonly code: Refusal
  readonly detail: string
  /** What was done all the same, when only a part of the message is refused. */
  readonly effects?: readonly Effect[]
}

/** What is accepted although it should not be so. */
export type Tolerated = Extract<
  FindingKind,
  'ts_missing' | 'raw_mode_missing' | 'quality_unknown' | 'clock_wrong'
>

export type Discovery = 'off' | 'pending' | 'auto'

/** What a handler may use besides the message. */
export interface Context {
  readonly store: Store
  readonly kaiser_id: string
  readonly discovery: Discovery
  /** Counts something that was tolerated and shows it as a finding of the device. */
  readonly tolerate: (what: Tolerated, esp_id: string, now: number) => void
  /** What people should look at. */
  readonly findings: Findings
  /** Writes down what a device did or reported. */
  readonly audit: DeviceAudit
  /** The commands that are on their way. */
  readonly book: CommandBook
  /** Commands, limits and emergency stops. */
  readonly actuators: Actuators
  /** Which reports of actuators came before. */
  readonly facts: Facts
  /** Writes a report into the history of actuators. */
  readonly keep: Keep
  /** Who is there. */
  readonly presence: Presence
  /** What is known about sensors. */
  readonly instruments: Instruments
  /** Zones and subzones. */
  readonly zoning: Zoning
  /** What devices are told of their sensors and actuators. */
  readonly configuration: Configuration
  /** Counts a redelivery of what is stored already. */
  readonly duplicate: () => void
  /** May another unknown device be listed now? */
  readonly admit: (now: number) => boolean
}

export interface Message<Topic extends string, Payload, Known extends boolean = boolean> {
  readonly topic: string
  readonly levels: Levels<Topic>
  readonly payload: Payload
  readonly device: Known extends true ? Device : Device | undefined
  /** ms since 1970 */
  readonly received_at: number
  /** Network address of the sender, null when it is in this process. */
  readonly address: string | null
  /** Its connection has ended because a newer one has the same client id. */
  readonly taken_over: boolean
  /** The person it is from, when it says what kaiser is to do (routing/operators). */
  readonly by: string | undefined
}

export interface Handler {
  readonly topic: string
  readonly payload: TSchema
  /** Refuse the message when its device is not registered. */
  readonly knownDevice: boolean
  /** Take it also when too much waits for a storage that fails: it is about safety. */
  readonly urgent?: boolean
  /** What the schema cannot say: a sentence when the payload is wrong all the same. */
  readonly invalid?: (payload: never) => string | undefined
  readonly handle: (context: Context, message: never) => readonly Effect[] | Refused
}

/** Gives a handler its types: levels from the topic, payload from the schema, device from knownDevice. */
export const handler = <Topic extends string, Schema extends TSchema, Known extends boolean>(definition: {
  topic: Topic
  payload: Schema
  knownDevice: Known
  urgent?: boolean
  invalid?: (payload: Static<Schema>) => string | undefined
  handle: (context: Context, message: Message<Topic, Static<Schema>, Known>) => readonly Effect[] | Refused
}): Handler => definition as Handler

/** Tells the realtime subscribers. */
export const emit = <K extends EventName>(type: K, data: EventData[K]): Effect => ({
  kind: 'emit',
  event: { type, data } as Event,
  at_once: false,
})

/** Tells the realtime subscribers without waiting for the disk: alarms. */
export const alarm = <K extends EventName>(type: K, data: EventData[K]): Effect => ({
  ...emit(type, data),
  at_once: true,
})

/** Has OFF sent without waiting for the disk. */
export const switchOff = (esp_id: string, gpio: number | null, reason: string): SwitchOff => ({
  kind: 'switch_off',
  esp_id,
  gpio,
  reason,
  at_once: true,
})

/** What switches off does not wait for the disk; everything else is written first. */
export const sendCommand = ({
  correlation_id,
  value,
}: {
  readonly correlation_id: string
  readonly value: number | null
}): Effect => ({ kind: 'send_command', correlation_id, at_once: value === 0 })

/** A stop does not wait for the disk; its end does. */
export const sendStop = (stop_id: number, esp_id: string, at_once: boolean): Effect => ({
  kind: 'send_stop',
  stop_id,
  esp_id,
  at_once,
})

/** An OFF that has its row is said at once; what else is written of it follows. Of many none waits for the others. */
export const sayOff = (correlation_id: string): Effect => ({
  kind: 'say_off',
  correlation_id,
  at_once: true,
})

/** Asks the rules about a stored reading. */
export const evaluate = (reading: Reading): Effect => ({ kind: 'evaluate', reading, at_once: false })

/** Has a user's module convert a stored reading; it is told when that is done. */
export const convertLater = (request: LateConversion): Effect => ({
  kind: 'convert',
  request,
  at_once: false,
})

/** Publishes to a device, QoS 1, not retained, after the commit. */
export const publish = (topic: string, payload: object): Effect => ({
  kind: 'publish',
  topic,
  payload: JSON.stringify(payload),
  qos: 1,
  retain: false,
  at_once: false,
})

/** Clears a retained message: an empty one takes its place. [MQTT-3.3.1-10] */
export const clearRetained = (topic: string): Effect => ({
  kind: 'publish',
  topic,
  payload: '',
  qos: 0,
  retain: true,
  at_once: false,
})

/** Publishes to a device without waiting for the disk: what feeds its safety timer must not be late. */
export const answer = (topic: string, payload: object): Effect => ({
  ...publish(topic, payload),
  at_once: true,
})
