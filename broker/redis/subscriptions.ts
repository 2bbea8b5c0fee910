/**
 * Subscriptions of lasting sessions, wherever Redis is: changed in memory, in Redis, and on the other nodes. After
 * Redis was lost, what the sessions of this node want is what counts; and when Redis comes back without what it
 * knew, everything this node knows is written again.
 */
import type { Line } from './line.js'
import type { Link } from './link.js'
import type { Named, Subscription } from './packet.js'
import type { Sessions } from './sessions.js'
import { storeOf } from './store.js'

export interface SubscriptionsOptions {
  link: Pick<Link, 'attempt'>
  sessions: Sessions
  /** Tells the other nodes what a session wants now. */
  tell: (clientId: string, subscriptions: readonly Subscription[]) => void
}

export interface Subscriptions {
  /** Sessions Redis has to be told about. */
  readonly waiting: number
  add(client: Named, subscriptions: readonly Subscription[]): Promise<void>
  remove(client: Named, filters: readonly string[]): Promise<void>
  /** A session wants nothing any more. */
  clear(client: Named): Promise<void>
  /** What a session wants, by Redis' word while it is up. */
  of(client: Named): Promise<Subscription[]>
  /** Another node told what a session wants. */
  heard(clientId: string, subscriptions: readonly Subscription[]): void
  /** Reads all sessions but those whose word counts more than Redis': these, and what changed without Redis. */
  load(line: Line, mine: readonly string[]): Promise<void>
  /** Writes what changed without Redis. */
  carryOver(line: Line): Promise<void>
}

const CLIENTS = 'clients'
const AT_ONCE = 200

/** The library keeps filters as names of fields of an object, where this one is lost; no client can send the other. */
const LOST = '__proto__'
const KEPT = '\u0000__proto__'
const fieldOf = (filter: string): string => (filter === LOST ? KEPT : filter)
const filterOf = (field: string): string => (field === KEPT ? LOST : field)

const same = (a: Subscription, b: Subscription): boolean => a.topic === b.topic && a.qos === b.qos

export function createSubscriptions({ link, sessions, tell }: SubscriptionsOptions): Subscriptions {
  /** Sessions that changed without Redis. */
  const changed = new Set<string>()
  /** Sessions another node told about while they were read. */
  let told: Set<string> | undefined

  const write = async (line: Line, id: string, subscriptions: readonly Subscription[]): Promise<void> => {
    if (subscriptions.length === 0) return
    const fields = subscriptions.map((subscription) => ({
      ...subscription,
      topic: fieldOf(subscription.topic),
    }))
    await storeOf(line).addSubscriptions({ id }, fields)
  }
  const erase = async (line: Line, id: string, filters: readonly string[]): Promise<void> => {
    if (filters.length > 0) await storeOf(line).removeSubscriptions({ id }, filters.map(fieldOf))
  }
  const read = async (line: Line, id: string): Promise<Subscription[]> => {
    const found = await storeOf(line).subscriptionsByClient({ id })
    return found.map((subscription) => ({ ...subscription, topic: filterOf(subscription.topic) }))
  }

  /** Makes Redis know what is known here. */
  const correct = async (line: Line, id: string): Promise<void> => {
    changed.delete(id)
    try {
      const wanted = sessions.of(id)
      const known = await read(line, id)
      const gone = known.filter(({ topic }) => !wanted.some((subscription) => subscription.topic === topic))
      await erase(
        line,
        id,
        gone.map(({ topic }) => topic),
      )
      await write(
        line,
        id,
        wanted.filter((subscription) => !known.some((other) => same(other, subscription))),
      )
      tell(id, wanted)
    } catch (error) {
      changed.add(id)
      throw error
    }
  }

  const remove = async ({ id }: Named, filters: readonly string[]): Promise<void> => {
    await link.attempt(
      (line) => erase(line, id, filters),
      () => void changed.add(id),
    )
    sessions.remove(id, filters)
    tell(id, sessions.of(id))
  }
  const of = async ({ id }: Named): Promise<Subscription[]> => {
    const known = await link.attempt(
      (line) => read(line, id),
      () => sessions.of(id),
    )
    sessions.replace(id, known)
    return known
  }

  return {
    get waiting() {
      return changed.size
    },

    async add({ id }, subscriptions) {
      sessions.add(id, subscriptions)
      await link.attempt(
        (line) => write(line, id, subscriptions),
        () => void changed.add(id),
      )
      tell(id, sessions.of(id))
    },

    remove,
    of,

    async clear(client) {
      const wanted = await of(client)
      if (wanted.length === 0) return
      await remove(
        client,
        wanted.map(({ topic }) => topic),
      )
    },

    heard(clientId, subscriptions) {
      told?.add(clientId)
      if (!changed.has(clientId)) sessions.replace(clientId, subscriptions)
    },

    async load(line, mine) {
      for (const id of mine) changed.add(id)
      told = new Set()
      const ids = await line.commands.smembers(CLIENTS)
      const replace = (id: string, subscriptions: readonly Subscription[]): void => {
        if (!changed.has(id) && !told?.has(id)) sessions.replace(id, subscriptions)
      }
      for (let at = 0; at < ids.length; at += AT_ONCE) {
        const page = ids.slice(at, at + AT_ONCE)
        const known = await Promise.all(page.map((id) => read(line, id)))
        for (const [i, id] of page.entries()) replace(id, known[i]!)
      }
      const there = new Set(ids)
      for (const id of sessions.ids()) if (!there.has(id)) replace(id, [])
      told = undefined
    },

    async carryOver(line) {
      for (const id of changed) await correct(line, id)
    },
  }
}
