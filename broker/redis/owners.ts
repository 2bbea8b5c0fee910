/**
 * Whose each lasting session is, in Redis and in the memory of every node that knows it: what waits for somebody is
 * for nobody else, also when they connect with the same client id. A session of nobody belongs to who takes it up.
 */
import type { Changes } from './changes.js'
import type { Line } from './line.js'
import type { Link } from './link.js'

const KEY = 'owners'

export interface OwnersOptions {
  link: Pick<Link, 'attempt'>
  changes: Changes
  /** Forgets everything of a session that is somebody else's. */
  end: (clientId: string) => Promise<void>
  /** Forgets what Redis has of it, and nothing that is here. */
  drop: (line: Line, clientId: string) => Promise<void>
}

export interface Owners {
  has(clientId: string): boolean
  /** Somebody was let in under this id, and is about to take its session up. */
  claim(clientId: string, owner: string): void
  /** Resolves when the session under this id is that of who claimed it; what somebody else had is gone by then. */
  settle(clientId: string): Promise<void>
  /** A session is over. */
  forget(clientId: string): Promise<void>
  /** Reads whose the sessions are. */
  load(line: Line): Promise<void>
}

export function createOwners({ link, changes, end, drop }: OwnersOptions): Owners {
  const owners = new Map<string, string>()
  const claims = new Map<string, string>()
  /** Claimed without Redis. */
  const unsaid = new Set<string>()
  const thing = (clientId: string): string => `owner ${clientId}`

  const write = async (
    { commands }: Line,
    clientId: string,
    owner: string,
    endOther: () => Promise<void>,
  ): Promise<void> => {
    const before = await commands.hget(KEY, clientId)
    if (before === owner) return
    if (before !== null) await endOther()
    await commands.hset(KEY, clientId, owner)
  }

  return {
    has: (clientId) => owners.has(clientId),
    claim: (clientId, owner) => void claims.set(clientId, owner),

    async settle(clientId) {
      const owner = claims.get(clientId)
      claims.delete(clientId)
      if (owner === undefined) return
      await link.attempt(
        (line) => write(line, clientId, owner, () => end(clientId)),
        async () => {
          const before = owners.get(clientId)
          if (before === owner) return
          if (before !== undefined) await end(clientId)
          changes.note(thing(clientId), async (line) => {
            await write(line, clientId, owner, () => drop(line, clientId))
            unsaid.delete(clientId)
          })
          unsaid.add(clientId)
        },
      )
      owners.set(clientId, owner)
    },

    async forget(clientId) {
      claims.delete(clientId)
      const known = owners.delete(clientId)
      unsaid.delete(clientId)
      await link.attempt(
        async ({ commands }) => void (await commands.hdel(KEY, clientId)),
        () => {
          if (known) changes.note(thing(clientId), ({ commands }) => commands.hdel(KEY, clientId))
        },
      )
    },

    async load({ commands }) {
      const all = new Map(Object.entries(await commands.hgetall(KEY)))
      for (const clientId of owners.keys())
        if (!all.has(clientId) && !unsaid.has(clientId)) owners.delete(clientId)
      for (const [clientId, owner] of all) if (!unsaid.has(clientId)) owners.set(clientId, owner)
    },
  }
}
