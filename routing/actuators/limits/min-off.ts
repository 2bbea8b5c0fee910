/** How long it has to stay off between two runs. */
import { commandSaid } from '../../contract/sentences/commands.js'
import { secondsOf } from '../place.js'
import { current, lastEnd } from '../runs.js'
import { blockedBy, limit } from './limit.js'

export const minOff = limit({
  name: 'min_off',
  blocks(_order, { config, at, runs, on, coming }) {
    if (!config?.min_off) return undefined
    const whole = config.min_off * 1000
    // On its way off: what is wished now would be the next run.
    const ended = on ? (coming === 'off' ? at.monotonic : undefined) : lastEnd(runs, undefined)
    if (ended === undefined) return undefined
    const wait = Math.min(ended + whole - at.monotonic, whole)
    if (wait <= 0) return undefined
    const said = commandSaid('min_off', { min_off: config.min_off, left: secondsOf(wait) })
    return blockedBy(said, Math.ceil(at.now + wait))
  },
  broken({ config, runs }) {
    const run = current(runs)
    if (!config?.min_off || !run) return undefined
    const ended = lastEnd(runs, run)
    if (ended === undefined || run.started - ended >= config.min_off * 1000) return undefined
    const off = Math.floor((run.started - ended) / 1000)
    return { detail: `it was off for ${off} s only; it has to stay off for ${config.min_off} s` }
  },
})
