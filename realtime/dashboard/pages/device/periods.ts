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

/** In the order of time; what was before the first turn is the other of what it turned to. */
export function periodsOf(turns: readonly Turn[], from: number, to: number): Period[] {
  const ordered = turns.filter(({ at }) => at >= from && at <= to).sort((a, b) => a.at - b.at)
  const periods: Period[] = []
  let since = from
  let state: Period['state'] = ordered[0]?.online === false ? 'online' : 'unknown'
  for (const { online, at } of ordered) {
    if (at > since) periods.push({ state, from: since, to: at })
    since = at
    state = online ? 'online' : 'offline'
  }
  if (to > since) periods.push({ state, from: since, to })
  return periods
}
