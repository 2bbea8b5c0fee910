/**
 * How often types are measured (protocol.md §7.4) and how long a value may stand still: a live sensor's last
 * digits move, so one that does not move for hours is frozen or its bus repeats the last answer.
 */
const HOUR = 3_600_000

export const CONTINUOUS = { interval_s: 30, stale_s: 180 } as const
/** Soil and air pressure change slowly. */
export const SLOW = { interval_s: 60, stale_s: 300 } as const
export const ON_DEMAND = { interval_s: 0, stale_s: 0 } as const

/** Fine steps, always a little noise: two hours. */
export const LIVELY = 2 * HOUR
/** Coarse steps, or a medium that changes slowly (water, soil): six hours. */
export const CALM = 6 * HOUR
