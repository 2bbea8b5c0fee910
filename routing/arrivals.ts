/**
 * What it means that a client connected: a device that was connected before is back; one that throws another
 * out is counted, and when that happens again within five minutes, two devices share an id: people must know,
 * once, with both addresses.
 */
import type { SystemEvent } from './contract/events.js'
import type { Findings } from './findings.js'

const WINDOW = 300_000
const REPEATED = 2
/** Ids remembered; the ones not seen longest are forgotten first. */
const IDS = 20_000

/** A client that connected; the broker says it. */
export interface Arrived {
  readonly client_id: string
  readonly esp_id: string
  readonly peer: string | null
  readonly instead_of: string | null | undefined
}

export interface ArrivalsOptions {
  findings: Findings
  /** A device connected that had been connected since kaiser started. */
  reconnected: (esp_id: string) => void
  announce: (event_type: SystemEvent['event_type'], message: string, details: SystemEvent['details']) => void
  /** ms since 1970 */
  now: () => number
}

const remember = <T>(map: Map<string, T>, key: string, value: T): void => {
  map.delete(key)
  map.set(key, value)
  if (map.size > IDS) map.delete(map.keys().next().value!)
}

export function createArrivals({
  findings,
  reconnected,
  announce,
  now,
}: ArrivalsOptions): (arrived: Arrived) => void {
  const known = new Map<string, true>()
  const takeovers = new Map<string, { at: number[]; told: number }>()

  const takenOver = ({ client_id, peer, instead_of }: Arrived, at: number): void => {
    const before = takeovers.get(client_id) ?? { at: [], told: Number.NEGATIVE_INFINITY }
    const recent = [...before.at, at].slice(-REPEATED).filter((moment) => at - moment < WINDOW)
    const repeated = recent.length >= REPEATED
    const tell = repeated && at - before.told >= WINDOW
    remember(takeovers, client_id, { at: recent, told: tell ? at : before.told })
    if (!repeated) return
    const addresses = [instead_of ?? null, peer]
    findings.note('client_id_shared', client_id, at, { client_id, addresses })
    if (tell)
      announce(
        'takeover',
        `Two clients use the id ${client_id} and throw each other out: ${addresses.join(' and ')}`,
        { client_id, addresses },
      )
  }

  return (arrived) => {
    if (known.has(arrived.esp_id)) reconnected(arrived.esp_id)
    remember(known, arrived.esp_id, true)
    if (arrived.instead_of !== undefined) takenOver(arrived, now())
  }
}
