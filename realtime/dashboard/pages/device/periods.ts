/** The time in which a device was there and was not, from the moments at which it came and went. Pure. */

export interface Turn {
  readonly online: boolean
  /** ms */
  readonly at: number
  readonly message: string | null
}

export interface Period {
  /** unknown: before the first turn that is known. */
  readonly state: 'online' | 'offline' | 'unknown'
  readonly from: number
  readonly to: number
}

/** Whether the last turn was never told: it is the other now. Of a device that comes and goes not every turn is written. */
export const missesTurn = (turns: readonly Turn[], status: string): boolean => {
  const last = turns.reduce<Turn | undefined>((a, b) => (a && a.at >= b.at ? a : b), undefined)
  return last !== undefined && status === (last.online ? 'offline' : 'online')
}

/**
 * In the order of time; what was before the first turn is the other of what it turned to. With `missed` nobody knows how
 * long it stayed what it turned to last.
 */
export function periodsOf(turns: readonly Turn[], from: number, to: number, missed = false): Period[] {
  const ordered = turns.filter(({ at }) => at >= from && at <= to).sort((a, b) => a.at - b.at)
  const periods: Period[] = []
  let since = from
  let state: Period['state'] = ordered[0]?.online === false ? 'online' : 'unknown'
  for (const { online, at } of ordered) {
    if (at > since) periods.push({ state, from: since, to: at })
    since = at
    state = online ? 'online' : 'offline'
  }
  if (to > since) periods.push({ state: missed ? 'unknown' : state, from: since, to })
  return periods
}
