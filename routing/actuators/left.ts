/** What is left of each limit of an actuator, in seconds, as people are shown it. Pure. */
import { quotaLeft } from './limits/daily-quota.js'
import { runtimeLeft } from './limits/max-runtime.js'
import { lastEnd, runningFor, startsWithin } from './runs.js'
import type { Surroundings } from './surroundings.js'

/** null: there is no such limit, or nothing runs out now. */
export interface Left {
  /** How long it has been on; null while it is off. */
  readonly running: number | null
  /** Of the run that goes on, or the next one. */
  readonly max_runtime: number | null
  /** Until a command that was given for a time ends. */
  readonly duration: number | null
  /** Until rules may act again after a person did. */
  readonly override: number | null
  /** Until it may be switched on again. */
  readonly min_off: number | null
  readonly daily_quota: number | null
  /** Starts, not seconds, within this hour. */
  readonly starts: number | null
}

const HOUR = 3_600_000

const seconds = (ms: number | undefined): number | null =>
  ms === undefined || !Number.isFinite(ms) ? null : Math.ceil(ms / 1000)

function offLeft({ config, on, runs, at }: Surroundings): number | undefined {
  const ended = lastEnd(runs, undefined)
  if (!config?.min_off || on || ended === undefined) return undefined
  const rest = ended + config.min_off * 1000 - at.monotonic
  return rest > 0 ? rest : undefined
}

export function leftOf(surroundings: Surroundings): Left {
  const { config, runs, at, left } = surroundings
  const running = runningFor(runs, at.monotonic)
  const most = config?.starts_per_hour
  return {
    running: running === undefined ? null : Math.floor(running / 1000),
    max_runtime: seconds(runtimeLeft(surroundings)),
    duration: seconds(left.duration),
    override: seconds(left.override),
    min_off: seconds(offLeft(surroundings)),
    daily_quota: seconds(quotaLeft(surroundings)),
    starts: most ? Math.max(most - startsWithin(runs, at.monotonic, HOUR).length, 0) : null,
  }
}
