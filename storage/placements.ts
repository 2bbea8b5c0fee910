/**
 * Where devices were before they were moved, so that a reading which comes late gets the zone of its time. The
 * present is not here: a reading measured after the last move, as nearly all are, costs one look-up and one
 * comparison. Bounded: the last moves of each device; before the oldest of them it was where it was then.
 */
import type { Database } from 'better-sqlite3'
import type { Group, Writer } from './group.js'
import { param, params, prepare, query } from './statement.js'
import type { PlacementsTable } from './tables.js'

/** How many moves of a device are remembered. */
export const MOVES = 100

/** Where a device was until a moment, ms since 1970. */
export interface Placement {
  readonly esp_id: string
  readonly until_at: number
  readonly zone_id: string | null
  /** gpio → subzone */
  readonly subzones: ReadonlyMap<number, string>
}

export interface Placements {
  /** Where the device was at that time; undefined when it has not been moved since. */
  find(esp_id: string, timestamp: number): Placement | undefined
  /** Oldest first. */
  list(esp_id: string): readonly Placement[]
  /** Queues a row: it was there until now. Of several in one moment the first counts. Inside the group only. */
  insert(placement: Placement): void
  /** Forgets the past of a device that goes. */
  removeDevice(esp_id: string): void
}

const COLUMNS = ['esp_id', 'until_at', 'zone_id', 'subzones'] as const
const NONE: readonly Placement[] = Object.freeze([])

const rowOf = ({ subzones, ...columns }: Placement): PlacementsTable => ({
  ...columns,
  subzones: JSON.stringify(Object.fromEntries(subzones)),
})

const placementOf = ({ subzones, ...columns }: PlacementsTable): Placement =>
  Object.freeze({
    ...columns,
    subzones: new Map(
      Object.entries(JSON.parse(subzones) as Record<string, string>).map(([gpio, subzone_id]) => [
        Number(gpio),
        subzone_id,
      ]),
    ),
  })

export function createPlacements(db: Database, group: Group): Placements {
  const put = prepare<PlacementsTable>(
    db,
    query.replaceInto('placements').values(params<PlacementsTable>(COLUMNS)),
  )
  const prune = prepare<{ esp_id: string; until_at: number }>(
    db,
    query
      .deleteFrom('placements')
      .where('esp_id', '=', param<string>('esp_id'))
      .where('until_at', '<=', param<number>('until_at')),
  )
  const byDevice = new Map<string, readonly Placement[]>()
  const list = (esp_id: string): readonly Placement[] => byDevice.get(esp_id) ?? NONE
  const hold = (esp_id: string, placements: readonly Placement[]): void => {
    if (placements.length > 0) byDevice.set(esp_id, placements)
    else byDevice.delete(esp_id)
  }

  for (const row of prepare<object, PlacementsTable>(
    db,
    query.selectFrom('placements').selectAll().orderBy('esp_id').orderBy('until_at'),
  ).all({}))
    hold(row.esp_id, [...list(row.esp_id), placementOf(row)])

  const adding: Writer<Placement> = {
    write(placement) {
      put.run(rowOf(placement))
      const [oldest] = list(placement.esp_id)
      // What memory has let go of is let go of here too.
      if (oldest && list(placement.esp_id).length === MOVES)
        prune.run({ esp_id: placement.esp_id, until_at: oldest.until_at - 1 })
    },
    undo: (placement) =>
      hold(
        placement.esp_id,
        list(placement.esp_id).filter((other) => other !== placement),
      ),
  }
  const removing: Writer<{ esp_id: string; before: readonly Placement[] }> = {
    write: ({ esp_id }) => void prune.run({ esp_id, until_at: Number.MAX_SAFE_INTEGER }),
    undo: ({ esp_id, before }) => hold(esp_id, [...before, ...list(esp_id)]),
  }

  return {
    list,
    find(esp_id, timestamp) {
      const placements = byDevice.get(esp_id)
      if (!placements || timestamp >= placements[placements.length - 1]!.until_at) return undefined
      return placements.find(({ until_at }) => timestamp < until_at)
    },
    insert(placement) {
      const before = list(placement.esp_id)
      const last = before.at(-1)
      // Clocks that go back do not make a past after the present.
      if (last && placement.until_at <= last.until_at) return
      const next = Object.freeze(placement)
      hold(placement.esp_id, [...before.slice(-(MOVES - 1)), next])
      group.write(adding, next)
    },
    removeDevice(esp_id) {
      const before = list(esp_id)
      if (before.length === 0) return
      hold(esp_id, NONE)
      group.write(removing, { esp_id, before })
    },
  }
}
