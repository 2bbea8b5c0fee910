/**
 * What is to be done besides writing rows: said to people, to devices, to rules. Plain values, so that what makes them
 * does nothing yet, and a test can read them; bin/perform.ts does them.
 */
import type { Device } from '../storage/devices.js'
import type { Reading } from '../storage/readings.js'
import type { ConfigPush } from './configuration/messages.js'
import type { Event, EventData, EventName } from './contract/events.js'
import type { Measured } from './measure.js'

/** What somebody wants done. `at_once` is not kept waiting for the commit; everything else is. */
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
  | StopActuators
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

/** The actuators of a stopped device are told OFF, behind what tells the devices that they are stopped. */
export interface StopActuators {
  readonly kind: 'stop_actuators'
  readonly esp_id: string
  readonly gpios: readonly number[]
  readonly issued_by: string
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

/** Neither waits for the disk, and each device has heard that it is stopped before anybody's OFF is made. */
export const stopActuators = (
  esp_id: string,
  gpios: readonly number[],
  issued_by: string,
): StopActuators => ({ kind: 'stop_actuators', esp_id, gpios, issued_by, at_once: true })

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
