/**
 * Which reports came before. A report has an identity when it says when it happened or which command it answers,
 * and is then the same report however late it comes again; with nothing but a counter it is for ten minutes of the
 * same boot, with nothing at all its words are for as long as a command lives. Redelivery is normal.
 */
import { createHash } from 'node:crypto'
import type { Device } from '../../storage/devices.js'
import type { Store } from '../../storage/store.js'
import { measuredAt } from '../time.js'

/** What tells a report from another. */
export interface Identity {
  readonly key: string
  /** It is the same for ever, so that it may stand in the history. */
  readonly lasting: boolean
  /** It was numbered, so that two reports of the same second differ. */
  readonly exact: boolean
  /** How long it holds, ms; 0 = it has none, each arrival is new. */
  readonly holds: number
}

interface Said {
  ts?: number | null
  timestamp?: number | null
  time_valid?: boolean | null
  seq?: number | null
  correlation_id?: string | null
}

/** Without a clock a counter is good for this long, ms. */
const COUNTED = 600_000
const MOST = 20_000

export interface IdentityOptions {
  /** Kind, device, gpio and whatever else makes it what it is. */
  words: readonly unknown[]
  said: Said
  device: Device | undefined
  received_at: number
  /** A command is answered once: its id is all the identity there is. */
  answers: boolean
  /** How long mere words are the same report, ms. */
  spoken: number
}

export function identityOf({ words, said, device, received_at, answers, spoken }: IdentityOptions): Identity {
  const { seq, correlation_id } = said
  const byId = answers && correlation_id != null
  const ts = said.ts ?? said.timestamp
  const timed = measuredAt(ts, said.time_valid, received_at).time_source === 'device'
  const when = timed ? [ts, seq] : seq == null ? [] : [device?.boot, seq]
  const identity = byId ? [words[0], words[1], words[2], correlation_id] : [...words, correlation_id, ...when]
  return {
    key: createHash('sha256').update(JSON.stringify(identity)).digest('base64url').slice(0, 24),
    lasting: byId || timed,
    exact: byId || seq != null,
    holds: byId || timed ? Number.POSITIVE_INFINITY : seq == null ? spoken : COUNTED,
  }
}

export interface Facts {
  /** Was it reported before? Where the history has its kind, that is asked too. */
  before(identity: Identity, now: number): boolean
  /** Remembers it, unless the message is withdrawn. Inside the group only. */
  remember(identity: Identity, now: number): void
}

export function createFacts({ group, actuatorHistory }: Pick<Store, 'group' | 'actuatorHistory'>): Facts {
  /** Until when each is the same report, ms since 1970. */
  const known = new Map<string, number>()
  const nothing = { write() {}, undo: (key: string) => void known.delete(key) }
  return {
    before({ key, lasting, holds }, now) {
      const until = known.get(key)
      // A clock that was put back must not make a report of today one of the past.
      if (until !== undefined && now < until && (until === Number.POSITIVE_INFINITY || until - now <= holds))
        return true
      return lasting && actuatorHistory.knows(key)
    },
    remember({ key, holds }, now) {
      if (holds === 0) return
      known.delete(key)
      known.set(key, now + holds)
      if (known.size > MOST) known.delete(known.keys().next().value!)
      group.write(nothing, key)
    },
  }
}
