/**
 * How devices did over time: one sample per device and five minutes, in a ring of a week whose slots are
 * overwritten, so that a device cannot make rows without bound however often it beats.
 */
import type { Database } from 'better-sqlite3'
import type { Device } from './devices.js'
import type { Group, Writer } from './group.js'
import { param, params, prepare, query } from './statement.js'
import type { DeviceHealthTable } from './tables.js'

export type HealthSample = Readonly<DeviceHealthTable>

/** One sample in this time, ms. */
export const SAMPLE_EVERY = 300_000
/** Samples kept per device: a week of them. */
export const SAMPLES = 2_016

export interface DeviceHealth {
  /** Queues a sample unless there is one of these five minutes already. Inside the group only. */
  sample(device: Device, now: number): void
  /** The samples taken since then, oldest first; what is still queued comes with the next call. */
  list(esp_id: string, since: number): HealthSample[]
  /** Queues the removal of all samples of a device. Inside the group only. */
  remove(esp_id: string): void
}

const COLUMNS = [
  'esp_id',
  'slot',
  'timestamp',
  'health_status',
  'heap_free',
  'wifi_rssi',
  'uptime',
  'sensor_count',
  'actuator_count',
  'error_count',
] as const satisfies readonly (keyof DeviceHealthTable)[]

export function createDeviceHealth(db: Database, group: Group): DeviceHealth {
  const put = prepare<HealthSample>(
    db,
    query.replaceInto('device_health').values(params<DeviceHealthTable>(COLUMNS)),
  )
  const since = prepare<{ esp_id: string; since: number }, HealthSample>(
    db,
    query
      .selectFrom('device_health')
      .select(COLUMNS)
      .where('esp_id', '=', param<string>('esp_id'))
      .where('timestamp', '>=', param<number>('since'))
      .orderBy('timestamp'),
  )
  const removeAll = prepare<{ esp_id: string }>(
    db,
    query.deleteFrom('device_health').where('esp_id', '=', param<string>('esp_id')),
  )
  /** Which five minutes each device was sampled in last. After a restart they are sampled once more. */
  const sampled = new Map<string, number>()

  const sampler: Writer<HealthSample> = {
    write: (row) => void put.run(row),
    // The next beat is sampled instead.
    undo: ({ esp_id }) => void sampled.delete(esp_id),
    refer: ({ slot, timestamp }, trail, message) => trail.wrote(message, 'device_health', slot, 0, timestamp),
  }
  const remover: Writer<{ esp_id: string }> = { write: (row) => void removeAll.run(row) }

  return {
    sample(device, now) {
      const { device_id } = device
      const period = Math.floor(now / SAMPLE_EVERY)
      if (sampled.get(device_id) === period) return
      sampled.set(device_id, period)
      group.write(sampler, {
        esp_id: device_id,
        slot: period % SAMPLES,
        timestamp: now,
        health_status: device.health_status,
        heap_free: device.heap_free,
        wifi_rssi: device.wifi_rssi,
        uptime: device.uptime,
        sensor_count: device.sensor_count,
        actuator_count: device.actuator_count,
        error_count: device.error_count,
      })
    },
    list: (esp_id, from) => since.all({ esp_id, since: from }),
    remove(esp_id) {
      sampled.delete(esp_id)
      group.write(remover, { esp_id })
    },
  }
}
