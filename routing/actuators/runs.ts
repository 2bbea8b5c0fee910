/**
 * When actuators ran, as they were reported, whoever switched them: what starts per hour, off times and quotas are
 * counted by. Kept by the monotonic clock, which no jump can fool; the rows only tell a restart what was before it.
 * Bounded like the rows: 25 hours and 300 runs of one actuator.
 */
import { type ActuatorRun, type ActuatorRuns, MOST_RUNS, REMEMBERED } from '../../storage/actuator-runs.js'
import { type At, keyOf, type Place } from './place.js'

/** ms on the monotonic clock; what was before this process has times before its start. */
export interface Run {
  readonly started: number
  /** null while it is going on */
  readonly ended: number | null
}

export interface Runs {
  /** Oldest first; the last may be going on. */
  list(place: Place): readonly Run[]
  /** An actuator is on, or not; says whether a run began or ended with that. */
  follow(place: Place, on: boolean, at: At): 'started' | 'ended' | undefined
  /** Forgets actuators that are gone. */
  sweep(isGone: (key: string) => boolean): void
}

export interface RunsOptions {
  rows: Pick<ActuatorRuns, 'list'>
  /** Every actuator that may have run before now. */
  places: Iterable<Place>
  /** How long a run that is going on has lasted, ms, where something knows it better than its row. */
  lasted?: (place: Place) => number | undefined
  at: At
}

export function createRuns({ rows, places, lasted, at }: RunsOptions): Runs {
  const known = new Map<string, Run[]>()

  /** A row that claims to be of the future is of now. */
  const restored = (row: ActuatorRun, place: Place): Run => {
    const ago = (time: number): number => at.monotonic - Math.max(at.now - time, 0)
    if (row.ended_at !== null) {
      const ended = ago(row.ended_at)
      return { started: ended - Math.max(row.ended_at - row.started_at, 0), ended }
    }
    const known = lasted?.(place)
    return { started: known === undefined ? ago(row.started_at) : at.monotonic - known, ended: null }
  }
  for (const place of places) {
    const runs = rows.list(place.esp_id, place.gpio).map((row) => restored(row, place))
    if (runs.length > 0) known.set(keyOf(place), runs)
  }

  return {
    list: (place) => known.get(keyOf(place)) ?? [],
    follow(place, on, { monotonic }) {
      const key = keyOf(place)
      const runs = known.get(key)
      const last = runs?.at(-1)
      const was = last !== undefined && last.ended === null
      if (on === was) return undefined
      if (!on) {
        runs!.splice(-1, 1, { started: last!.started, ended: monotonic })
        return 'ended'
      }
      const kept = (runs ?? []).filter(({ ended }) => ended === null || ended >= monotonic - REMEMBERED)
      if (kept.length >= MOST_RUNS) kept.splice(0, 2, merged(kept[0]!, kept[1]!))
      kept.push({ started: monotonic, ended: null })
      known.set(key, kept)
      return 'started'
    },
    sweep(isGone) {
      for (const key of known.keys()) if (isGone(key)) known.delete(key)
    },
  }
}

/** One run that ends with the second and is as long as both. */
const merged = (first: Run, second: Run): Run => ({
  started: second.started - ((first.ended ?? first.started) - first.started),
  ended: second.ended,
})

/** The run that is going on. */
export const current = (runs: readonly Run[]): Run | undefined => {
  const last = runs.at(-1)
  return last?.ended === null ? last : undefined
}

/** How long it has been on, ms; undefined when it is off. */
export const runningFor = (runs: readonly Run[], monotonic: number): number | undefined => {
  const run = current(runs)
  return run && Math.max(monotonic - run.started, 0)
}

/** When the last run before this one ended; undefined when there was none. */
export const lastEnd = (runs: readonly Run[], before: Run | undefined): number | undefined =>
  runs.findLast((run) => run !== before && run.ended !== null)?.ended ?? undefined

/** When runs began within the `window` ms before and at `until`, oldest first. */
export const startsWithin = (runs: readonly Run[], until: number, window: number): number[] =>
  runs.map(({ started }) => started).filter((started) => started > until - window && started <= until)

/** How long it was on within the last `window` ms, in ms. */
export function usedWithin(runs: readonly Run[], monotonic: number, window: number): number {
  let used = 0
  for (const { started, ended } of runs)
    used += Math.max((ended ?? monotonic) - Math.max(started, monotonic - window), 0)
  return used
}

/** How long it has to stay off, ms, until no more than `allowed` ms of the last `window` are used. */
export function untilUsedLess(
  runs: readonly Run[],
  monotonic: number,
  window: number,
  allowed: number,
): number {
  let excess = usedWithin(runs, monotonic, window) - allowed
  if (excess <= 0) return 0
  for (const run of runs) {
    const started = Math.max(run.started, monotonic - window)
    const length = Math.max((run.ended ?? monotonic) - started, 0)
    if (length >= excess) return started + excess + window - monotonic
    excess -= length
  }
  return window
}
