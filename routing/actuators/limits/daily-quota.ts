/** How long it may be on within any 24 hours, all its runs together. */
import { commandSaid } from '../../contract/sentences/commands.js'
import { untilUsedLess, usedWithin } from '../runs.js'
import type { Surroundings } from '../surroundings.js'
import { blockedBy, limit } from './limit.js'

const DAY = 86_400_000

/** ms that are left within the last 24 hours; Infinity without a quota. */
export function quotaLeft({ config, runs, at }: Surroundings): number {
  if (config?.daily_quota == null) return Number.POSITIVE_INFINITY
  return Math.max(config.daily_quota * 1000 - usedWithin(runs, at.monotonic, DAY), 0)
}

export const dailyQuota = limit({
  name: 'daily_quota',
  blocks(_order, surroundings) {
    const { config, runs, at } = surroundings
    const left = quotaLeft(surroundings)
    if (left >= 1000) return undefined
    const quota = config!.daily_quota!
    const wait = untilUsedLess(runs, at.monotonic, DAY, (quota - 1) * 1000)
    return blockedBy(commandSaid('daily_quota', { quota }), Math.ceil(at.now + wait))
  },
  broken: (surroundings) =>
    quotaLeft(surroundings) === 0
      ? { detail: `it was on for the ${surroundings.config!.daily_quota} s it may be on within 24 hours` }
      : undefined,
})
