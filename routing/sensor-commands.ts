/**
 * What a device is told about its sensors: how to read them, and to measure now. Published at QoS 1, not
 * retained, to devices that are online; one that is not is told when it is back (`push` again), because a command
 * that waits in a session would surprise whoever sent it. Shapes: protocol.md §1.2 D4 and §2.7.
 */
import { createHash, randomUUID } from 'node:crypto'
import type { Device } from '../storage/devices.js'
import type { SensorConfig } from '../storage/sensor-configs.js'
import type { Store } from '../storage/store.js'
import { format, toDevice } from './contract/topics.js'
import { type Issued, isThere, type Publish } from './device-commands.js'
import { isAnalog, isVirtual } from './sensor-configs.js'
import type { Library } from './sensors/library.js'

export interface SensorCommands {
  /** Sends how all sensors of the device are to be read; undefined when it is not online. Rejects when MQTT fails. */
  push(device: Device, reason_code: string, now: number): Promise<Issued | undefined>
  /** Tells an online device to read a sensor now. Rejects when MQTT fails. */
  measure(device: Device, gpio: number, now: number): Promise<Issued>
}

export interface SensorCommandsOptions {
  store: Pick<Store, 'sensorConfigs' | 'subzones'>
  library: Library
  kaiser_id: string
  publish: Publish
  /** Does anybody listen to this topic? */
  hears: (topic: string) => boolean
}

const MODES = ['continuous', 'on_demand', 'scheduled', 'paused']
const isText = (value: unknown): value is string => typeof value === 'string'

function interfaceOf(config: SensorConfig, library: Library): 'ANALOG' | 'I2C' | 'ONEWIRE' | 'DIGITAL' {
  const { sensor_type, address } = config
  if (address.startsWith('0x')) return 'I2C'
  const type = library.find(sensor_type)
  // The three names of a DS18B20; its register is the only one of 1/16 °C.
  if (address !== '' || type?.native.unit === '1/16 °C') return 'ONEWIRE'
  if (isAnalog(type)) return 'ANALOG'
  return /^(sht|bmp|bme|scd|bh17|tsl|veml|ens|sgp|ccs)/.test(sensor_type) ? 'I2C' : 'DIGITAL'
}

/** A config as firmware reads it. protocol.md §2.7 */
export function sensorItem(device: Device, config: SensorConfig, library: Library, subzone_id?: string) {
  const { gpio, sensor_type, address, sample_interval_ms, params, metadata } = config
  const interface_type = interfaceOf(config, library)
  return {
    gpio,
    sensor_type,
    sensor_name: config.sensor_name ?? `${sensor_type}_${gpio}`,
    subzone_id: subzone_id ?? (isText(metadata.subzone_id) ? metadata.subzone_id : device.subzone_id),
    active: true,
    sample_interval_ms,
    raw_mode: config.processing_mode !== 'local',
    operating_mode: MODES.includes(params.operating_mode as string) ? params.operating_mode : 'continuous',
    measurement_interval_seconds: sample_interval_ms / 1000,
    interface_type,
    onewire_address: interface_type === 'ONEWIRE' && address !== '' ? address : null,
    i2c_address: interface_type === 'I2C' && address !== '' ? Number(address) : null,
  }
}

export function createSensorCommands(options: SensorCommandsOptions): SensorCommands {
  const { store, library, kaiser_id, publish, hears } = options
  /** Devices refuse a configuration older than theirs; seconds since 1970 go on where a restart left off. */
  const generations = new Map<string, number>()

  const send = async (
    topic: string,
    correlation_id: string,
    now: number,
    message: object,
  ): Promise<Issued> => {
    if (!hears(topic)) return { correlation_id, sent: false }
    const ids = { correlation_id, request_id: correlation_id, intent_id: correlation_id }
    const payload = JSON.stringify({ ...message, ...ids, timestamp: Math.floor(now / 1000) })
    await publish({ topic, payload, qos: 1, retain: false })
    return { correlation_id, sent: true }
  }

  return {
    async push(device, reason_code, now) {
      if (!isThere(device)) return undefined
      const { device_id: esp_id } = device
      const sensors = store.sensorConfigs
        .list(esp_id)
        .filter(({ enabled, sensor_type }) => enabled === 1 && !isVirtual(sensor_type))
        .map((config) => sensorItem(device, config, library, store.subzones.of(esp_id, config.gpio)))
      const content = { sensors, actuators: [], offline_rules: [] }
      const generation = Math.max((generations.get(esp_id) ?? 0) + 1, Math.floor(now / 1000))
      generations.set(esp_id, generation)
      return send(format(toDevice.config, { kaiser_id, esp_id }), randomUUID(), now, {
        ...content,
        reason_code,
        generation,
        config_fingerprint: createHash('sha256').update(JSON.stringify(content)).digest('hex'),
      })
    },
    measure: ({ device_id: esp_id }, gpio, now) =>
      send(format(toDevice.sensorCommand, { kaiser_id, esp_id, gpio }), randomUUID(), now, {
        command: 'measure',
      }),
  }
}
