/**
 * One connection per client id [MQTT-3.1.4-2]. Aedes registers by id: of several that come at once more than one would
 * stay, and an old one that ends would take the new one's entry with it. Here an id has one holder, from its login until
 * it has ended altogether; meanwhile only the newest of those who want the id waits, without a CONNACK, and the others
 * are closed.
 */
import type { Duplex } from 'node:stream'
import type { Aedes, Client } from 'aedes'

/** What Aedes' client keeps to itself. */
interface Connected {
  readonly id: string
  readonly conn: Duplex
  readonly closed: boolean
  readonly will: object | null | undefined
  readonly subscriptions: object
  /** null once Aedes has done all it does at an end. */
  readonly _will: object | null | undefined
  /** It may be sent a CONNACK. */
  connecting: boolean
  /** It said goodbye: its Will is not told. */
  _disconnected: boolean
  unsubscribe(filters: { unsubscriptions: string[] }, done: () => void): void
  close(): void
}

/** What Aedes says about a client to its persistence: the connection itself, or whose id it was. */
interface Named {
  readonly id: string
  readonly conn?: Duplex
  readonly brokerId?: string
}

interface Broker {
  readonly id: string
  readonly clients: Readonly<Record<string, Connected | undefined>>
  readonly persistence: {
    delWill(client: Named): Promise<unknown>
    cleanIncoming(client: Named): Promise<unknown>
  }
  registerClient(client: Connected): void
  unregisterClient(client: Connected): void
  deleteClient(client_id: string): void
  _finishRegisterClient(client: Connected): void
}

export interface Registration {
  /** A client may come in: `enter` is called when nobody else has its id, and never when it has gone by then. */
  take(client: Client, enter: () => void): void
}

const hasEnded = ({ closed, _will }: Connected): boolean => closed && _will === null

/** Throws a TypeError when Aedes' registering is not where it was. */
export function registerOneByOne(served: Aedes): Registration {
  const aedes = served as unknown as Broker
  if (typeof aedes._finishRegisterClient !== 'function')
    throw new TypeError('the registering of Aedes has moved')
  const holders = new Map<string, Connected>()
  const waiting = new Map<string, { client: Connected; enter: () => void }>()

  const hold = (client: Connected, enter: () => void): void => {
    const { id, conn } = client
    holders.set(id, client)
    // The last thing Aedes does with a connection is to let go whoever waits to write to it.
    conn.on('drain', () => {
      if (!hasEnded(client) || holders.get(id) !== client) return
      holders.delete(id)
      const next = waiting.get(id)
      waiting.delete(id)
      if (next && !next.client.closed) hold(next.client, next.enter)
    })
    enter()
  }

  const { unregisterClient, deleteClient } = aedes
  aedes.registerClient = (client) => {
    if (!client.closed && !waiting.has(client.id)) return aedes._finishRegisterClient(client)
    // It is not let in: it gets no CONNACK, and its Will is not told. [MQTT-3.1.2-8]
    client.connecting = false
    client._disconnected = true
    // One that went while its session was restored has subscribed since.
    const unsubscribe = (): void =>
      client.unsubscribe({ unsubscriptions: Object.keys(client.subscriptions) }, () => {})
    if (hasEnded(client)) unsubscribe()
    else if (client.closed) client.conn.once('drain', unsubscribe)
    client.close()
  }
  aedes.unregisterClient = (client) => {
    if (aedes.clients[client.id] === client) unregisterClient.call(aedes, client)
  }
  // Aedes also deletes who is still ending, when the id appears on another node; then nobody would hear of its end.
  aedes.deleteClient = (client_id) => {
    const client = aedes.clients[client_id]
    if (client && hasEnded(client)) deleteClient.call(aedes, client_id)
  }

  const { persistence } = aedes
  const { delWill, cleanIncoming } = persistence
  persistence.delWill = async (named) => {
    const { id, conn, brokerId } = named
    const holder = holders.get(id)
    // Who has ended in the middle of its login, and who comes to delete a Will that has been replaced by now.
    if (conn ? holder?.conn !== conn : brokerId === aedes.id && holder && !holder.closed && holder.will)
      return undefined
    return delWill.call(persistence, named)
  }
  // A clean session that never began ends nothing of a lasting one. [MQTT-3.1.2-6]
  persistence.cleanIncoming = async (named) => {
    if (!named.conn || holders.get(named.id)?.conn === named.conn)
      await cleanIncoming.call(persistence, named)
  }

  return {
    take(taking, enter) {
      const client = taking as unknown as Connected
      const { id } = client
      if (!('_will' in client)) throw new TypeError('the end of Aedes’ clients has moved')
      const before = holders.get(id)
      if (!before) return hold(client, enter)
      const older = waiting.get(id)?.client
      waiting.set(id, { client, enter })
      older?.close()
      // One that is not registered yet is stopped there.
      if (aedes.clients[id] === before) before.close()
    },
  }
}
