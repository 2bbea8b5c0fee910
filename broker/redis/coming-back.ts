/**
 * What has to be made up for when Redis is (again) there, in its order: what Redis knows is read, and what only this
 * node knows is not forgotten; what waited is carried over; the other nodes hear who is here, and the clients get
 * what waited for them. Each step may be interrupted and begun again.
 */
import { randomUUID } from 'node:crypto'
import type { Aside } from './aside.js'
import type { Changes } from './changes.js'
import type { Elsewhere } from './elsewhere.js'
import type { Expiry } from './expiry.js'
import type { Line } from './line.js'
import type { Nodes } from './nodes.js'
import type { Outgoing } from './outgoing.js'
import type { Owners } from './owners.js'
import type { Packet, Subscription } from './packet.js'
import type { Retained } from './retained.js'
import type { Sessions } from './sessions.js'
import type { Spool } from './spool.js'
import { openStore } from './store.js'
import type { Subscriptions } from './subscriptions.js'
import type { ThisNode } from './this-node.js'
import type { Wills } from './wills.js'
import { createWire, type Wire } from './wire.js'

export interface ComingBackOptions {
  /** The number of the database. */
  db: number
  node: ThisNode
  sessions: Sessions
  aside: Aside
  changes: Changes
  spool: Spool
  subscriptions: Subscriptions
  retained: Retained
  outgoing: Outgoing
  owners: Owners
  wills: Wills
  nodes: Nodes
  expiry: Expiry
  elsewhere: Pick<Elsewhere, 'renew' | 'told'>
  /** A client of another node published this. */
  heard: (packet: Packet) => void
  failed: (error: Error) => void
}

export interface ComingBack {
  /** The way to the other nodes; undefined before Redis was there for the first time. */
  readonly wire: Wire | undefined
  /** How much waits for Redis. */
  readonly waiting: number
  /** Makes a new line ready for use. */
  resume(line: Line): Promise<void>
  /** Writes what waits. */
  drain(line: Line): Promise<void>
  /** After Redis is up: for those who are not Redis. */
  catchUp(): Promise<void>
  /** This session was taken up without knowing what Redis has for it. */
  takenUp(clientId: string): void
}

export function createComingBack(options: ComingBackOptions): ComingBack {
  const {
    node,
    sessions,
    aside,
    changes,
    spool,
    subscriptions,
    retained,
    outgoing,
    owners,
    wills,
    nodes,
    expiry,
  } = options
  const unknown = new Set<string>()
  let wire: Wire | undefined
  let epoch: string | undefined

  const open = async (line: Line): Promise<Wire> => {
    const opened = createWire(line, {
      id: node.id,
      db: options.db,
      heard(from, packet) {
        nodes.heard(from)
        options.heard(packet)
      },
      told(from, word, payload) {
        if (nodes.told(from, word, payload)) return
        nodes.heard(from)
        if (options.elsewhere.told(from, word, payload) || word !== 'session') return
        const { clientId, wanted } = JSON.parse(payload) as { clientId: string; wanted: Subscription[] }
        subscriptions.heard(clientId, wanted)
      },
      junk: options.failed,
    })
    await opened.open()
    return opened
  }

  /** Did Redis come back without what it knew? Also finds out whether it takes writes. */
  const isEmptied = async ({ commands }: Line): Promise<boolean> => {
    const before = epoch
    await commands.set('epoch', randomUUID(), 'NX')
    epoch = (await commands.get('epoch')) ?? undefined
    return before !== undefined && before !== epoch
  }

  return {
    get wire() {
      return wire
    },
    get waiting() {
      return subscriptions.waiting + aside.size + changes.size + spool.size
    },

    async resume(line) {
      options.elsewhere.renew()
      await openStore(line, node.id)
      const emptied = await isEmptied(line)
      wire = await open(line)
      await subscriptions.load(line, emptied ? sessions.ids() : node.lasting().map(({ id }) => id))
      await owners.load(line)
      await wills.restore(line, node.wills())
      await changes.carryOut(line)
    },

    async drain(line) {
      await subscriptions.carryOver(line)
      await retained.carryOver(line)
      await outgoing.carryOver(line)
      await changes.carryOut(line)
      while (spool.size > 0) {
        const page = spool.take()
        await Promise.all(page.packets.map((packet) => wire!.send(packet))).catch((error) => {
          page.giveBack()
          throw error
        })
      }
    },

    async catchUp() {
      nodes.hello()
      await expiry.round()
      for (const clientId of unknown) {
        const client = node.client(clientId)
        if (client && !client.clean)
          for (const packet of await outgoing.unsent(clientId))
            await new Promise<void>((done) => client.deliverQoS(packet, done))
        unknown.delete(clientId)
      }
    },

    takenUp: (clientId) => void unknown.add(clientId),
  }
}
