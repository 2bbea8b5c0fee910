/**
 * The subzones of devices, all in memory, each in its row. Which subzone a gpio belongs to is asked for every
 * reading and is one look-up.
 */
import type { Database } from 'better-sqlite3'
import type { Group } from './group.js'
import { createRecords } from './records.js'
import type { SubzoneConfigsTable } from './tables.js'

type Columns = Readonly<Omit<SubzoneConfigsTable, 'assigned_gpios' | 'reported'>>

/** The row, with its JSON parsed. */
export interface Subzone extends Columns {
  readonly assigned_gpios: readonly number[]
  /** What the device said of it last. */
  readonly reported: Readonly<Record<string, unknown>> | null
}

export type SubzoneKey = Pick<Subzone, 'esp_id' | 'subzone_id'>
type Fields = Partial<Omit<Subzone, keyof SubzoneKey | 'created_at' | 'updated_at'>>

export interface Subzones {
  find(esp_id: string, subzone_id: string): Subzone | undefined
  /** Of a device, by id; also those that are being removed. */
  list(esp_id: string): readonly Subzone[]
  /** The subzone a gpio belongs to now. */
  of(esp_id: string, gpio: number): string | undefined
  /** gpio → subzone of a device, as it is now; undefined when none of its gpios belongs anywhere. */
  gpios(esp_id: string): ReadonlyMap<number, string> | undefined
  /** Queues a new row. Throws when there is one. */
  insert(
    key: SubzoneKey,
    fields: Fields & Pick<Subzone, 'parent_zone_id' | 'assigned_gpios' | 'correlation_id'>,
    now: number,
  ): Subzone
  /** Queues the changed row; returns the new record. */
  update(subzone: Subzone, changes: Fields, now: number): Subzone
  remove(subzone: Subzone): void
  /** Forgets the subzones of a device that goes. */
  removeDevice(esp_id: string): void
}

const COLUMNS = [
  'esp_id',
  'subzone_id',
  'subzone_name',
  'parent_zone_id',
  'assigned_gpios',
  'safe_mode_active',
  'status',
  'error',
  'correlation_id',
  'told',
  'sent_at',
  'attempts',
  'last_ack_at',
  'reported',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof SubzoneConfigsTable)[]

const recordOf = ({ assigned_gpios, reported, ...columns }: SubzoneConfigsTable) =>
  Object.freeze<Subzone>({
    ...columns,
    assigned_gpios: JSON.parse(assigned_gpios) as number[],
    reported: reported === null ? null : (JSON.parse(reported) as Record<string, unknown>),
  })

const rowOf = ({ assigned_gpios, reported, ...columns }: Subzone): SubzoneConfigsTable => ({
  ...columns,
  assigned_gpios: JSON.stringify(assigned_gpios),
  reported: reported === null ? null : JSON.stringify(reported),
})

const byName = (a: Subzone, b: Subzone): number => (a.subzone_id < b.subzone_id ? -1 : 1)

export function createSubzones(db: Database, group: Group): Subzones {
  const byGpio = new Map<string, ReadonlyMap<number, string>>()
  const records = createRecords<SubzoneConfigsTable, Subzone>(db, group, {
    table: 'subzone_configs',
    columns: COLUMNS,
    key: ['esp_id', 'subzone_id'],
    ownerOf: ({ esp_id }) => esp_id,
    recordOf,
    rowOf,
    changed: place,
  })

  /** A gpio belongs to one subzone at most: whoever assigns sees to that. */
  function place(before: Subzone | undefined, after: Subzone | undefined): void {
    const { esp_id } = (before ?? after)!
    const gpios = new Map(byGpio.get(esp_id))
    for (const gpio of before?.assigned_gpios ?? [])
      if (gpios.get(gpio) === before!.subzone_id) gpios.delete(gpio)
    if (after && after.status !== 'removing')
      for (const gpio of after.assigned_gpios) gpios.set(gpio, after.subzone_id)
    if (gpios.size > 0) byGpio.set(esp_id, gpios)
    else byGpio.delete(esp_id)
  }

  const list: Subzones['list'] = (esp_id) => records.list(esp_id).sort(byName)
  return {
    find: records.find,
    list,
    of: (esp_id, gpio) => byGpio.get(esp_id)?.get(gpio),
    gpios: (esp_id) => byGpio.get(esp_id),
    insert({ esp_id, subzone_id }, fields, now) {
      if (records.find(esp_id, subzone_id)) throw new Error(`subzone ${subzone_id} of ${esp_id} exists`)
      return records.put(undefined, { ...blank(now), ...fields, esp_id, subzone_id })
    },
    update: (subzone, changes, now) => records.put(subzone, { ...subzone, ...changes, updated_at: now }),
    remove: records.remove,
    removeDevice(esp_id) {
      for (const subzone of list(esp_id)) records.remove(subzone)
    },
  }
}

const blank = (
  now: number,
): Omit<Subzone, keyof SubzoneKey | 'parent_zone_id' | 'assigned_gpios' | 'correlation_id'> => ({
  subzone_name: null,
  safe_mode_active: 1,
  status: 'pending',
  error: null,
  told: 0,
  sent_at: null,
  attempts: 0,
  last_ack_at: null,
  reported: null,
  created_at: now,
  updated_at: now,
})
