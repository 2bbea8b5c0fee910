/** Whether the mocks that run are those that are to, as the database has them. */
import Type from 'typebox'
import { type Route, route } from '../../route.js'
import type { MockEspOptions } from './options.js'

const Count = Type.Integer({ minimum: 0 })
const Ids = Type.Array(Type.String())

export const syncStatus = ({ fleet, store }: MockEspOptions): Route[] => [
  route({
    method: 'GET',
    path: '/sync-status',
    role: 'admin',
    summary: 'Mocks in memory against mocks in the database',
    answer: Type.Object({
      in_memory_count: Count,
      in_database_count: Count,
      synced_count: Count,
      orphaned_count: Count,
      orphaned_ids: Ids,
      memory_only_ids: Ids,
      is_synced: Type.Boolean(),
      message: Type.String(),
    }),
    handle() {
      const inMemory = fleet.list().map(({ esp_id }) => esp_id)
      const inDatabase = store.devices
        .list()
        .filter(({ hardware_type }) => hardware_type === 'MOCK_ESP32')
        .map(({ device_id }) => device_id)
      const orphaned_ids = inDatabase.filter((esp_id) => !inMemory.includes(esp_id))
      const memory_only_ids = inMemory.filter((esp_id) => !inDatabase.includes(esp_id))
      const is_synced = orphaned_ids.length + memory_only_ids.length === 0
      return {
        in_memory_count: inMemory.length,
        in_database_count: inDatabase.length,
        synced_count: inMemory.length - memory_only_ids.length,
        orphaned_count: orphaned_ids.length,
        orphaned_ids,
        memory_only_ids,
        is_synced,
        message: is_synced
          ? `All ${inMemory.length} mock devices are in the database`
          : `${orphaned_ids.length} devices of the hardware of mocks are not simulated here`,
      }
    },
  }),
]
