/**
 * The sensors of a device as the pages show them: every one it was heard of, with its latest value; of a mock those it
 * has, called as people called them, because the pages look their labels up by exactly that. rest-contract §6, §16.1
 */
import Type, { type Static } from 'typebox'
import { QUALITIES } from '../routing/contract/quality.js'
import type { Library } from '../routing/sensors/library.js'
import type { Device } from '../storage/devices.js'
import type { Reading } from '../storage/readings.js'
import type { Store } from '../storage/store.js'
import type { Fleet, SensorView } from './fleet.js'
import { Gpio, nullable, Time } from './shapes.js'
import { iso } from './web.js'

const Text = nullable(Type.String())

export const DeviceSensor = Type.Object({
  gpio: Gpio,
  sensor_type: Type.String(),
  address: nullable(Type.String({ description: 'on its bus' })),
  name: Text,
  subzone_id: Text,
  raw_value: Type.Number({
    description: 'what to show, in `unit`: the processed value, else the native one',
  }),
  unit: Type.String(),
  quality: Type.Enum([...QUALITIES]),
  raw_mode: Type.Boolean({
    description: 'it sends native numbers and kaiser converts them; a mock: as it says',
  }),
  last_read: nullable(Time),
})
export type DeviceSensor = Static<typeof DeviceSensor>

/** What should have been converted and could not be: −2032 of a broken probe is no temperature. */
const isNative = ({ processed_value, processing_mode }: Reading): boolean =>
  processed_value === null && processing_mode === 'pi_enhanced'

export interface DeviceSensorsOptions {
  store: Store
  library: Pick<Library, 'normalise'>
  fleet: Pick<Fleet, 'look'>
}

export interface DeviceSensors {
  of(device: Device): DeviceSensor[]
  /** Of many at once, by id: readings are gone through a single time. */
  ofMany(devices: readonly Device[]): ReadonlyMap<string, DeviceSensor[]>
}

export function createDeviceSensors({ store, library, fleet }: DeviceSensorsOptions): DeviceSensors {
  const nameOf = ({ esp_id, gpio, sensor_type, address }: Reading): string | null =>
    store.sensorConfigs.find(esp_id, gpio, sensor_type, address)?.sensor_name ?? null

  const heard = (reading: Reading): DeviceSensor => ({
    gpio: reading.gpio,
    sensor_type: reading.sensor_type,
    address: reading.address || null,
    name: nameOf(reading),
    subzone_id: reading.subzone_id,
    raw_value: reading.processed_value ?? reading.raw_value,
    unit: isNative(reading) ? '' : (reading.unit ?? ''),
    quality: reading.quality,
    raw_mode: reading.processing_mode === 'pi_enhanced' || reading.processing_mode === 'raw',
    last_read: iso(reading.timestamp),
  })

  /** What was heard of it; what it is made with until then. What people call it here comes before its own name. */
  const own = (sensor: SensorView, readings: readonly Reading[]): DeviceSensor => {
    const { gpio, sensor_type, name, subzone_id, unit, quality, raw_mode, raw_value } = sensor
    const type = library.normalise(sensor_type)
    const address = sensor.address ?? ''
    const reading = readings.find(
      (one) => one.gpio === gpio && one.sensor_type === type && one.address === address,
    )
    const said = reading ? heard(reading) : { name: null, subzone_id: null, unit, quality, raw_value }
    return {
      ...{ last_read: null, ...said, gpio, sensor_type, raw_mode, address: address || null },
      name: said.name ?? name ?? null,
      subzone_id: subzone_id ?? said.subzone_id,
    }
  }

  const shown = ({ device_id }: Device, readings: readonly Reading[]): DeviceSensor[] =>
    fleet.look(device_id)?.sensors.map((sensor) => own(sensor, readings)) ?? readings.map(heard)

  return {
    of: (device) => shown(device, store.readings.latest(device.device_id)),
    ofMany(devices) {
      const readings = new Map<string, Reading[]>()
      for (const { device_id } of devices) readings.set(device_id, [])
      for (const reading of store.readings.latest()) readings.get(reading.esp_id)?.push(reading)
      return new Map(
        devices.map((device) => [device.device_id, shown(device, readings.get(device.device_id)!)]),
      )
    },
  }
}
