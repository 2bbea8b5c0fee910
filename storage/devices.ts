/**
 * The devices, all of them in memory and each in its row. A record is never changed in place: `update` makes
 * the next one, queues its row, and puts the old one back when the row is withdrawn.
 */
import { randomUUID } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import type { Group, Writer } from './group.js'
import { param, params, prepare, query } from './statement.js'
import type { EspDevicesTable } from './tables.js'

export type Device = Readonly<EspDevicesTable>

const COLUMNS = [
  'id',
  'device_id',
  'name',
  'hardware_type',
  'status',
  'last_seen',
  'zone_id',
  'zone_name',
  'master_zone_id',
  'subzone_id',
  'is_zone_master',
  'kaiser_id',
  'ip_address',
  'mac_address',
  'firmware_version',
  'heap_free',
  'wifi_rssi',
  'uptime',
  'sensor_count',
  'actuator_count',
  'error_count',
  'boot',
  'boot_sequence_id',
  'connect_seq',
  'system_state',
  'reset_reason',
  'health_status',
  'health',
  'last_heartbeat',
  'heartbeat_interval',
  'offline_reason',
  'flapping_since',
  'discovered_at',
  'approved_at',
  'approved_by',
  'rejection_reason',
  'last_rejection_at',
  'capabilities',
  'device_metadata',
  'password_hash',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof EspDevicesTable)[]

export interface Devices {
  find(device_id: string): Device | undefined
  list(): Device[]
  readonly count: number
  /** Queues a new row. Throws when the id is taken. */
  insert(device_id: string, fields: Partial<Device> & { status: Device['status'] }, now: number): Device
  /** Queues the changed row; returns the new record. */
  update(device: Device, changes: Partial<Device>, now: number): Device
  /** Forgets the device; its readings stay. */
  remove(device: Device): void
  /** `changed` hears of each change in the call that makes it; one that is withdrawn was heard all the same. */
  watch(changed: (before: Device | undefined, after: Device | undefined) => void): void
}

interface Change {
  before: Device | undefined
  after: Device | undefined
}

export function createDevices(db: Database, group: Group, uuid: () => string = randomUUID): Devices {
  // Each record is whole, so its row is too, whatever became of the changes before it.
  const put = prepare<Device>(
    db,
    query
      .insertInto('esp_devices')
      .values(params<EspDevicesTable>(COLUMNS))
      .onConflict((taken) => taken.column('device_id').doUpdateSet(params<EspDevicesTable>(COLUMNS))),
  )
  const remove = prepare<{ device_id: string }>(
    db,
    query.deleteFrom('esp_devices').where('device_id', '=', param<string>('device_id')),
  )
  const rows = prepare<object, Device>(
    db,
    query.selectFrom('esp_devices').selectAll().orderBy('device_id'),
  ).all({})
  const devices = new Map(rows.map((device) => [device.device_id, Object.freeze(device)]))

  const hold = (device_id: string, device: Device | undefined): void => {
    if (device) devices.set(device_id, device)
    else devices.delete(device_id)
  }

  /** Records whose rows were withdrawn, with those they were made from. */
  const withdrawn = new WeakMap<Device, Device | undefined>()

  const lastGood = (device: Device | undefined): Device | undefined => {
    let good = device
    while (good && withdrawn.has(good)) good = withdrawn.get(good)
    return good
  }

  const writer: Writer<Change> = {
    write({ before, after }) {
      // A record that was followed by another in this turn is not written: the next one is whole.
      if (after && devices.get(after.device_id) === after) put.run(after)
      else if (!after) remove.run({ device_id: before!.device_id })
    },
    undo({ before, after }) {
      const device_id = (before ?? after)!.device_id
      if (after) withdrawn.set(after, before)
      if (devices.get(device_id) === after) hold(device_id, lastGood(before))
    },
  }

  const watching: ((before: Device | undefined, after: Device | undefined) => void)[] = []

  const change = (before: Device | undefined, after: Device | undefined): void => {
    hold((before ?? after)!.device_id, after)
    group.write(writer, { before, after })
    for (const changed of watching) changed(before, after)
  }

  return {
    find: (device_id) => devices.get(device_id),
    list: () => [...devices.values()],
    get count() {
      return devices.size
    },
    insert(device_id, fields, now) {
      if (devices.has(device_id)) throw new Error(`device ${device_id} exists`)
      const device: Device = Object.freeze({ ...blank(uuid(), device_id, now), ...fields })
      change(undefined, device)
      return device
    },
    update(device, changes, now) {
      const next: Device = Object.freeze({ ...device, ...changes, updated_at: now })
      change(device, next)
      return next
    },
    remove: (device) => change(device, undefined),
    watch: (changed) => void watching.push(changed),
  }
}

const blank = (id: string, device_id: string, now: number): EspDevicesTable => ({
  id,
  device_id,
  name: null,
  hardware_type: 'ESP32_WROOM',
  status: 'pending_approval',
  last_seen: null,
  zone_id: null,
  zone_name: null,
  master_zone_id: null,
  subzone_id: null,
  is_zone_master: 0,
  kaiser_id: null,
  ip_address: null,
  mac_address: null,
  firmware_version: null,
  heap_free: null,
  wifi_rssi: null,
  uptime: null,
  sensor_count: 0,
  actuator_count: 0,
  error_count: 0,
  boot: 0,
  boot_sequence_id: null,
  connect_seq: null,
  system_state: null,
  reset_reason: null,
  health_status: null,
  health: '{}',
  last_heartbeat: null,
  heartbeat_interval: null,
  offline_reason: null,
  flapping_since: null,
  discovered_at: null,
  approved_at: null,
  approved_by: null,
  rejection_reason: null,
  last_rejection_at: null,
  capabilities: '{}',
  device_metadata: '{}',
  password_hash: null,
  created_at: now,
  updated_at: now,
})
