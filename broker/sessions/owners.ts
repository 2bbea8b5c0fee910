/**
 * Sessions by whose they are, so that what one identity may keep is bounded by itself, and makes room of its own and
 * never of anybody else's.
 */
import type { Bounds } from '../bounds.js'
import type { LastingSession } from './lasting-session.js'

export type OwnersBound = 'sessions_per_identity' | 'anonymous_sessions'

interface Owned {
  /** All of them, with a connection or without. */
  count: number
  /** Without a connection, the longest away first. */
  readonly absent: Set<LastingSession>
}

export class Owners {
  readonly #bounds: Pick<Bounds, OwnersBound>
  readonly #owners = new Map<string, Owned>()

  constructor(bounds: Pick<Bounds, OwnersBound>) {
    this.#bounds = bounds
  }

  /** A session more; it has no connection yet. */
  add(session: LastingSession): void {
    const owned = this.#owners.get(session.owner) ?? { count: 0, absent: new Set() }
    owned.count++
    owned.absent.add(session)
    this.#owners.set(session.owner, owned)
  }

  /** A session less. */
  remove(session: LastingSession): void {
    const owned = this.#owners.get(session.owner)!
    owned.absent.delete(session)
    if (--owned.count === 0) this.#owners.delete(session.owner)
  }

  connected(session: LastingSession): void {
    this.#owners.get(session.owner)!.absent.delete(session)
  }

  disconnected(session: LastingSession): void {
    this.#owners.get(session.owner)!.absent.add(session)
  }

  names(): string[] {
    return [...this.#owners.keys()]
  }

  /**
   * What has to go before this owner gets `more` sessions: the one of its own that is away longest. Nothing does where
   * all are connected, because connections have bounds of their own.
   */
  tooMuch(owner: string, more: number): { session: LastingSession; bound: OwnersBound } | undefined {
    const owned = this.#owners.get(owner)
    const bound = boundOf(owner)
    if (!owned || owned.count + more <= this.#bounds[bound]) return undefined
    const [session] = owned.absent
    return session && { session, bound }
  }
}

/** Whoever comes without a name is one and the same: a whole lab, maybe. */
const boundOf = (owner: string): OwnersBound =>
  owner.startsWith('anonymous ') ? 'anonymous_sessions' : 'sessions_per_identity'
