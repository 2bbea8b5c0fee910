/**
 * What people tell a device as a whole: restart, reset, configuration. Published at QoS 1, not retained, with a
 * correlation id. A device that is not online is not told: the broker would keep the message for its session,
 * and the device would restart whenever it comes back.
 */
import type { Device } from '../storage/devices.js'
import { format, toDevice } from './contract/topics.js'

/** Says something on MQTT. */
export type Publish = (message: {
  topic: string
  payload: string
  qos: 0 | 1
  retain: boolean
}) => Promise<void>

/** What became of it here; what the device does with it, it says itself. */
export interface Issued {
  correlation_id: string
  /** It went out to somebody who listens to the device's topic. */
  sent: boolean
}

export interface DeviceCommands {
  /** `command` goes out in upper case, as the firmware has it. protocol.md D9. Rejects when MQTT fails. */
  command(device: Device, command: string, params: object, now: number): Promise<Issued>
  /** Settings of the device itself. protocol.md §2.7. Rejects when MQTT fails. */
  configure(device: Device, settings: object, now: number): Promise<Issued>
}

export interface DeviceCommandsOptions {
  kaiser_id: string
  publish: Publish
  /** Does anybody listen to this topic? */
  hears: (topic: string) => boolean
  /** An id for each. */
  uuid: () => string
}

/** May it be told something now? */
export const isThere = (device: Device): boolean => device.status === 'online'

export function createDeviceCommands({
  kaiser_id,
  publish,
  hears,
  uuid,
}: DeviceCommandsOptions): DeviceCommands {
  const issue = async (topic: string, message: object, now: number): Promise<Issued> => {
    const correlation_id = uuid()
    if (!hears(topic)) return { correlation_id, sent: false }
    const payload = JSON.stringify({ ...message, timestamp: Math.floor(now / 1000), correlation_id })
    await publish({ topic, payload, qos: 1, retain: false })
    return { correlation_id, sent: true }
  }

  return {
    command: ({ device_id: esp_id }, command, params, now) =>
      issue(
        format(toDevice.systemCommand, { kaiser_id, esp_id }),
        { command: command.toUpperCase(), params },
        now,
      ),
    configure: ({ device_id: esp_id }, settings, now) =>
      issue(format(toDevice.config, { kaiser_id, esp_id }), settings, now),
  }
}
