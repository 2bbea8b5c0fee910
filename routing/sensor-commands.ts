/**
 * Telling a device to read a sensor now. Published at QoS 1, not retained, to a device that is online: a command that
 * waits in a session would surprise whoever sent it. Shape: protocol.md §1.2 D4.
 */
import type { Device } from '../storage/devices.js'
import { format, toDevice } from './contract/topics.js'
import type { Issued, Publish } from './device-commands.js'

export interface SensorCommands {
  /** Tells an online device to read a sensor now. Rejects when MQTT fails. */
  measure(device: Device, gpio: number, now: number): Promise<Issued>
}

export interface SensorCommandsOptions {
  kaiser_id: string
  publish: Publish
  /** Does anybody listen to this topic? */
  hears: (topic: string) => boolean
  /** An id for each. */
  uuid: () => string
}

export const createSensorCommands = ({
  kaiser_id,
  publish,
  hears,
  uuid,
}: SensorCommandsOptions): SensorCommands => ({
  async measure({ device_id: esp_id }, gpio, now) {
    const correlation_id = uuid()
    const topic = format(toDevice.sensorCommand, { kaiser_id, esp_id, gpio })
    if (!hears(topic)) return { correlation_id, sent: false }
    const ids = { correlation_id, request_id: correlation_id, intent_id: correlation_id }
    const payload = JSON.stringify({ command: 'measure', ...ids, timestamp: Math.floor(now / 1000) })
    await publish({ topic, payload, qos: 1, retain: false })
    return { correlation_id, sent: true }
  },
})
