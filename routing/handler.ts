/**
 * What a handler is: where (topic), what shape (payload), what happens (handle). It runs synchronously inside
 * the group, writes through the store, and returns what should be said; speech happens after the commit.
 */
import type { Static, TSchema } from 'typebox'
import type { Device } from '../storage/devices.js'
import type { Store } from '../storage/store.js'
import type { CommandBook } from './actuators/book.js'
import type { Facts } from './actuators/facts.js'
import type { Keep } from './actuators/report-limit.js'
import type { Actuators } from './actuators.js'
import type { DeviceAudit } from './audit.js'
import type { Configuration } from './configuration/configuration.js'
import type { Refusal } from './contract/codes.js'
import type { Levels } from './contract/topics.js'
import type { Effect } from './effect.js'
import type { Confirm } from './emergency/confirm.js'
import type { FindingKind, Findings } from './findings.js'
import type { Instruments } from './instruments.js'
import type { Presence } from './presence.js'
import type { Zoning } from './zones/zoning.js'

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
  /** What a report says about the emergency stops that hold. */
  readonly confirm: Confirm
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
