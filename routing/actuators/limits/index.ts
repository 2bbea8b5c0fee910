/** The limits, in the order in which they are asked: the first that refuses is the one people are told of. */
import { dailyQuota } from './daily-quota.js'
import { duration } from './duration.js'
import { enabled } from './enabled.js'
import { freshSensors } from './fresh-sensors.js'
import { maxRuntime } from './max-runtime.js'
import { minOff } from './min-off.js'
import { neverWith } from './never-with.js'
import { onlyWhile } from './only-while.js'
import { override } from './override.js'
import { range } from './range.js'
import { safeMode } from './safe-mode.js'
import { sanity } from './sanity.js'
import { startsPerHour } from './starts-per-hour.js'
import { stopped } from './stopped.js'
import { switchedOff } from './switched-off.js'

export const limits = [
  stopped,
  safeMode,
  enabled,
  duration,
  maxRuntime,
  dailyQuota,
  neverWith,
  onlyWhile,
  switchedOff,
  freshSensors,
  sanity,
  range,
  minOff,
  startsPerHour,
  override,
] as const

export type LimitName = (typeof limits)[number]['name']
