/** How often it may be switched on within any hour. What is on already can be told ON again. */
import { commandSaid } from '../../contract/sentences/commands.js'
import { current, startsWithin } from '../runs.js'
import { blockedBy, limit } from './limit.js'

const HOUR = 3_600_000

export const startsPerHour = limit({
  name: 'starts_per_hour',
  blocks(_order, { config, at, runs, on, coming }) {
    const most = config?.starts_per_hour
    if (!most || (on && coming !== 'off')) return undefined
    const starts = startsWithin(runs, at.monotonic, HOUR)
    if (starts.length < most) return undefined
    const frees = starts[starts.length - most]! + HOUR - at.monotonic
    const said = commandSaid('starts_per_hour', { starts: starts.length, limit: most })
    return blockedBy(said, Math.ceil(at.now + frees))
  },
  broken({ config, runs }) {
    const most = config?.starts_per_hour
    const run = current(runs)
    if (!most || !run) return undefined
    const starts = startsWithin(runs, run.started, HOUR).length
    return starts > most
      ? { detail: `it was switched on ${starts} times within the hour, ${most} are allowed` }
      : undefined
  },
})
