/**
 * The latest values and states, as the events that would tell them: what a page begins with. Whole devices at a time,
 * each as it is when it is asked for, so that what is told afterwards is never older.
 */
import { actuatorStatusEvent } from '../routing/actuators/reports.js'
import type { Event, EventData, EventName } from '../routing/contract/events.js'
import type { SnapshotFrame } from '../routing/contract/frames.js'
import { format, fromDevice } from '../routing/contract/topics.js'
import { stopDeviceEvent, stopEvent } from '../routing/emergency/events.js'
import { ARMED } from '../routing/emergency/release.js'
import { espHealthEvent } from '../routing/esp-health-event.js'
import { isKnown } from '../routing/registry.js'
import { sensorDataEvent } from '../routing/sensor-data-event.js'
import type { Device } from '../storage/devices.js'
import type { EmergencyStop } from '../storage/emergency-stops.js'
import type { Store } from '../storage/store.js'

export type SnapshotPart = Omit<SnapshotFrame['data'], 'cursor' | 'part' | 'parts'>
/** Makes the parts, in their order, each when it is sent. */
export type Snapshot = (wants: (event: Event) => boolean) => readonly (() => SnapshotPart)[]

export interface SnapshotOptions {
  store: Store
  kaiser_id: string
  /** ms since 1970 */
  now: () => number
}

/** Values and states in a part, about; a device is not divided. */
const PART = 500

export function createSnapshot({ store, kaiser_id, now }: SnapshotOptions): Snapshot {
  const weightOf = ({ device_id }: Device): number =>
    1 + store.readings.latest(device_id).length + store.actuatorStates.count(device_id)

  const groups = (): string[][] => {
    const groups: string[][] = [[]]
    let weight = 0
    for (const device of store.devices.list()) {
      if (!isKnown(device)) continue
      if (weight >= PART) {
        groups.push([])
        weight = 0
      }
      weight += weightOf(device)
      groups.at(-1)!.push(device.device_id)
    }
    return groups
  }

  return (wants) => {
    const wanted = <T extends EventName>(type: T, data: EventData[T][]): EventData[T][] =>
      data.filter((each) => wants({ type, data: each } as Event))

    const devicePart = (device: Device) => {
      const { device_id: esp_id, zone_id } = device
      return {
        devices: [espHealthEvent(device, now())],
        readings: store.readings.latest(esp_id).map((reading) => {
          const { gpio } = reading
          return sensorDataEvent(reading, format(fromDevice.sensorData, { kaiser_id, esp_id, gpio }))
        }),
        actuators: store.actuatorStates
          .list(esp_id)
          .map((state) => actuatorStatusEvent(store, state, zone_id, state.updated_at)),
      }
    }

    const held = (stop: EmergencyStop) => {
      const { armed_at, armed_by, reason, issued_by, stopped_at } = stop
      const isArmed = armed_at !== null && armed_at <= now() && now() - armed_at <= ARMED
      const devices = store.emergencyDevices.list(stop.id).length
      return isArmed
        ? stopEvent(stop, 'armed', { reason, by: armed_by ?? issued_by, devices }, armed_at)
        : stopEvent(stop, 'stopped', { reason, by: issued_by, devices }, stopped_at)
    }

    const part = (esp_ids: readonly string[], isFirst: boolean): SnapshotPart => {
      const found = esp_ids.flatMap((esp_id) => {
        const device = store.devices.find(esp_id)
        return isKnown(device) ? [devicePart(device)] : []
      })
      const stops = isFirst ? store.emergencyStops.list() : []
      return {
        devices: wanted(
          'esp_health',
          found.flatMap(({ devices }) => devices),
        ),
        readings: wanted(
          'sensor_data',
          found.flatMap(({ readings }) => readings),
        ),
        actuators: wanted(
          'actuator_status',
          found.flatMap(({ actuators }) => actuators),
        ),
        stops: wanted(
          'emergency_stop',
          stops.map((stop) => held(stop)),
        ),
        stop_devices: wanted(
          'emergency_device',
          stops.flatMap(({ id }) =>
            store.emergencyDevices
              .list(id)
              .map((device) => stopDeviceEvent(device, device.state, null, now())),
          ),
        ),
      }
    }
    return groups().map((esp_ids, n) => () => part(esp_ids, n === 0))
  }
}
