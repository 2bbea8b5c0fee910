/**
 * What zones are called, all of them in memory and each in its row. A zone exists as long as a device is in it
 * or its name is known; people name zones, devices cannot, so their number is small.
 */
import type { Database } from 'better-sqlite3'
import type { Group } from './group.js'
import { asTheyAre, createRecords } from './records.js'
import type { ZonesTable } from './tables.js'

export type Zone = Readonly<ZonesTable>

export interface Zones {
  find(zone_id: string): Zone | undefined
  /** By id. */
  list(): Zone[]
  /** Queues the row; inside the group only. Returns the new record. */
  upsert(zone_id: string, fields: Pick<Zone, 'name' | 'master_zone_id'>, now: number): Zone
}

const COLUMNS = ['zone_id', 'name', 'master_zone_id', 'created_at', 'updated_at'] as const

export function createZones(db: Database, group: Group): Zones {
  const records = createRecords<ZonesTable>(db, group, {
    table: 'zones',
    columns: COLUMNS,
    key: ['zone_id'],
    ownerOf: () => '',
    ...asTheyAre<ZonesTable>(),
  })
  return {
    find: records.find,
    list: () => records.list().sort((a, b) => (a.zone_id < b.zone_id ? -1 : 1)),
    upsert(zone_id, fields, now) {
      const before = records.find(zone_id)
      return records.put(before, {
        ...fields,
        zone_id,
        created_at: before?.created_at ?? now,
        updated_at: now,
      })
    },
  }
}
