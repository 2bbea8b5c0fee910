/**
 * What each mock device was at last, one JSON text per mock, so that after a restart it goes on where it was. What
 * a mock is made of stands in its device's row. All in memory; a change is there at once and goes back when its row
 * is withdrawn.
 */
import type { Database } from 'better-sqlite3'
import type { Group } from './group.js'
import { asTheyAre, createRecords } from './records.js'
import type { MockStatesTable } from './tables.js'

export interface Mocks {
  /** What was kept, parsed anew each time; undefined when nothing was. */
  find(esp_id: string): unknown
  /** Queues the row; false when it is as it was. Inside the group only. */
  upsert(esp_id: string, state: object, now: number): boolean
  /** Forgets what a mock was at. Inside the group only. */
  remove(esp_id: string): void
}

export function createMocks(db: Database, group: Group): Mocks {
  const records = createRecords<MockStatesTable>(db, group, {
    table: 'mock_states',
    columns: ['esp_id', 'state', 'updated_at'],
    key: ['esp_id'],
    ownerOf: ({ esp_id }) => esp_id,
    ...asTheyAre<MockStatesTable>(),
  })
  return {
    find(esp_id) {
      const record = records.find(esp_id)
      return record && (JSON.parse(record.state) as unknown)
    },
    upsert(esp_id, object, updated_at) {
      const state = JSON.stringify(object)
      const before = records.find(esp_id)
      if (before?.state === state) return false
      records.put(before, { esp_id, state, updated_at })
      return true
    },
    remove(esp_id) {
      const record = records.find(esp_id)
      if (record) records.remove(record)
    },
  }
}
