/**
 * When actuators ran lately, for the limits that count starts and hours. Bounded: a run is forgotten 25 hours after
 * its end, and beyond 300 runs of one actuator the two oldest become one of the same length in sum.
 */
import type { Database } from 'better-sqlite3'
import type { ActuatorRunsTable } from './actuator-tables.js'
import type { Group } from './group.js'
import { asTheyAre, createRecords } from './records.js'

export type ActuatorRun = Readonly<ActuatorRunsTable>

export interface ActuatorRuns {
  /** Oldest first; the last may still be running (`ended_at` null). */
  list(esp_id: string, gpio: number): ActuatorRun[]
  /** Queues the start of a run, unless one is going on; forgets what is too old. */
  start(esp_id: string, gpio: number, at: number): void
  /** Queues the end of the run that is going on. */
  end(esp_id: string, gpio: number, at: number): void
  /** Forgets the runs of a device that goes. */
  removeDevice(esp_id: string): void
}

/** ms */
export const REMEMBERED = 25 * 3_600_000
/** Runs of one actuator. */
export const MOST_RUNS = 300

const COLUMNS = [
  'esp_id',
  'gpio',
  'started_at',
  'ended_at',
] as const satisfies readonly (keyof ActuatorRunsTable)[]

const inOrder = (a: ActuatorRun, b: ActuatorRun): number => a.started_at - b.started_at

export function createActuatorRuns(db: Database, group: Group): ActuatorRuns {
  const records = createRecords<ActuatorRunsTable>(db, group, {
    table: 'actuator_runs',
    columns: COLUMNS,
    key: ['esp_id', 'gpio', 'started_at'],
    ownerOf: ({ esp_id, gpio }) => `${esp_id} ${gpio}`,
    ...asTheyAre<ActuatorRunsTable>(),
  })
  const list: ActuatorRuns['list'] = (esp_id, gpio) => records.list(`${esp_id} ${gpio}`).sort(inOrder)
  const running = (runs: readonly ActuatorRun[]): ActuatorRun | undefined =>
    runs.findLast(({ ended_at }) => ended_at === null)

  /** One run that ends with the second and is as long as both. */
  const merge = ([first, second]: readonly ActuatorRun[]): void => {
    if (!first || !second) return
    records.remove(first)
    if (second.ended_at === null) return
    records.remove(second)
    const started_at = second.started_at - ((first.ended_at ?? first.started_at) - first.started_at)
    records.put(undefined, { ...second, started_at })
  }

  const forget = (esp_id: string, gpio: number, at: number): void => {
    for (const run of list(esp_id, gpio))
      if (run.ended_at !== null && run.ended_at < at - REMEMBERED) records.remove(run)
    const runs = list(esp_id, gpio)
    if (runs.length >= MOST_RUNS) merge(runs)
  }

  return {
    list,
    start(esp_id, gpio, at) {
      forget(esp_id, gpio, at)
      const runs = list(esp_id, gpio)
      if (running(runs)) return
      // Two runs within a millisecond, or a clock that went back, must not be one run.
      const started_at = Math.max(at, (runs.at(-1)?.started_at ?? 0) + 1)
      records.put(undefined, { esp_id, gpio, started_at, ended_at: null })
    },
    end(esp_id, gpio, at) {
      const run = running(list(esp_id, gpio))
      if (run) records.put(run, { ...run, ended_at: Math.max(at, run.started_at) })
    },
    removeDevice(esp_id) {
      for (const run of records.list()) if (run.esp_id === esp_id) records.remove(run)
    },
  }
}
