/**
 * What an actuator is wanted to be: the last command that passed, whoever gave it. Kept beside what was reported, so
 * that a device that comes back as something else is told again, as long as it is still wanted.
 */
import type { ActuatorState } from '../../storage/actuator-states.js'

export interface Desired {
  /** 0 to 1 */
  readonly value: number
  /** When it was wished, ms since 1970. */
  readonly from: number
  /** When the wish ends, ms since 1970; null when it has no end. */
  readonly until: number | null
  readonly correlation_id: string
  readonly issued_by: string
}

export const desiredText = (desired: Desired): string => JSON.stringify(desired)

/** Nothing when nobody wants anything, or the wish has ended. */
export function desiredOf(state: Pick<ActuatorState, 'desired'>, now: number): Desired | undefined {
  if (state.desired === null) return undefined
  const desired = JSON.parse(state.desired) as Desired
  return desired.until !== null && desired.until <= now ? undefined : desired
}

/** How long it is still wanted, ms: never longer than it was at first, whatever the wall clock does. */
export const restOf = ({ from, until }: Desired, now: number): number =>
  until === null ? Number.POSITIVE_INFINITY : Math.min(until - now, until - from)

/** The same wish by a wall clock that was put forward by so many ms, or back. */
export const shifted = (desired: Desired, by: number): Desired =>
  desired.until === null ? desired : { ...desired, from: desired.from + by, until: desired.until + by }
