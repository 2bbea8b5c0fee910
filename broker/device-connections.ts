/**
 * Which connection is which device's: the one with its credentials; in a lab without any, the anonymous one that speaks
 * for it, or else the one that subscribes by a filter which names it. Knows which of them hear what their device obeys.
 */
import type { Aedes, Client } from 'aedes'
import { isSaidByDevice } from '../routing/contract/topics.js'
import { createLookAt, HeardFilters } from './heard-filters.js'
import type { BrokerOptions } from './options.js'
import type { Way } from './outlet.js'
import { subscribes } from './present.js'
import type { Session } from './session.js'
import type { Whereabouts } from './whereabouts.js'

export type DeviceConnectionsOptions = Pick<BrokerOptions, 'kaiser_id' | 'listening' | 'heard' | 'subscribed'>

export interface DeviceConnections {
  open(client: Client, session: Session, way: Way): void
  /** Follows what its clients subscribe to. */
  follow(aedes: Aedes): void
  /** A client says something. */
  spoke(sender: object, topic: string): void
  leave(client: Client): void
  /** Says it on the likeliest of the device's connections that hears it; false when none does. */
  tell(esp_id: string, ...told: Parameters<Way['tell']>): boolean
  where(esp_id: string): Whereabouts
  /** Does it hear this topic on a connection that is its own, speaks for it or hears its commands? undefined without one. */
  hears(esp_id: string, topic: string): boolean | undefined
}

interface Opened {
  readonly client: Client
  readonly session: Session
  readonly way: Way
  /** Most connections of an idle house are no device's: they hold nothing for it. */
  connection: Connection | undefined
}

interface Connection extends Pick<Opened, 'client' | 'session' | 'way'> {
  readonly filters: HeardFilters
  /** Devices it spoke for. */
  readonly spoken: Set<string>
  /** Those of its devices whose commands it hears. */
  readonly hears: Set<string>
}

const NONE: readonly Connection[] = []

/** The connections of each device, the newest last. */
class Index {
  readonly #connections = new Map<string, readonly Connection[]>()

  of(esp_id: string): readonly Connection[] {
    return this.#connections.get(esp_id) ?? NONE
  }

  add(esp_id: string, connection: Connection): void {
    this.#connections.set(esp_id, [...this.#without(esp_id, connection), connection])
  }

  remove(esp_id: string, connection: Connection): void {
    const others = this.#without(esp_id, connection)
    if (others.length > 0) this.#connections.set(esp_id, others)
    else this.#connections.delete(esp_id)
  }

  #without(esp_id: string, connection: Connection): readonly Connection[] {
    const all = this.of(esp_id)
    return all.includes(connection) ? all.filter((one) => one !== connection) : all
  }
}

/** Devices that one anonymous connection speaks for, at most; the one it spoke for first is forgotten first. */
const SPOKEN_FOR = 10_000

const isThere = ({ client }: Connection): boolean =>
  !client.closed && (client as unknown as { connackSent: boolean }).connackSent

/** By filter. */
const subscriptionsOf = (client: Client): object =>
  (client as unknown as { subscriptions: object }).subscriptions

/** `moved` is called when a device may have come nearer or gone away. */
export function createDeviceConnections(
  { kaiser_id, listening, heard, subscribed }: DeviceConnectionsOptions,
  moved: (esp_id: string) => void,
): DeviceConnections {
  const lookAt = createLookAt(kaiser_id)
  const branch = `kaiser/${kaiser_id}/esp/`
  const all = new WeakMap<object, Opened>()
  const own = new Index()
  const speaking = new Index()
  const named = new Index()

  const connectionOf = (opened: Opened): Connection => {
    const { client, session, way } = opened
    opened.connection ??= {
      client,
      session,
      way,
      filters: new HeardFilters(lookAt),
      spoken: new Set(),
      hears: new Set(),
    }
    return opened.connection
  }
  const ownName = ({ session: { identity } }: Pick<Opened, 'session'>): string | undefined =>
    identity && 'esp_id' in identity ? identity.esp_id : undefined
  const isAnonymous = ({ session }: Pick<Opened, 'session'>): boolean =>
    session.identity?.kind === 'anonymous'

  const indexes = [own, speaking, named] as const
  /** Is there a connection of the device like this? The likeliest is asked first. */
  const some = (
    esp_id: string,
    isWanted: (connection: Connection) => boolean,
    among: readonly Index[] = indexes,
  ): boolean =>
    among.some((index) => {
      const connections = index.of(esp_id)
      for (let i = connections.length - 1; i >= 0; i--)
        if (isThere(connections[i]!) && isWanted(connections[i]!)) return true
      return false
    })

  const where = (esp_id: string): Whereabouts => {
    if (some(esp_id, ({ hears }) => hears.has(esp_id))) return 'hears'
    return some(esp_id, () => true) ? 'here' : 'away'
  }

  /** Looks again whether it hears the commands of these devices. */
  const look = (connection: Connection, esp_ids: Iterable<string>): void => {
    const { filters, spoken, hears } = connection
    for (const esp_id of esp_ids) {
      const its = ownName(connection) === esp_id || spoken.has(esp_id) || filters.names(esp_id)
      if (!its || !filters.hears(esp_id)) hears.delete(esp_id)
      else if (!hears.has(esp_id)) {
        hears.add(esp_id)
        heard?.(esp_id)
      }
      moved(esp_id)
    }
  }

  const filtersChanged = (connection: Connection, change: (filters: HeardFilters) => string[]): void => {
    const { filters, spoken, hears } = connection
    const wide = filters.wide
    const names = change(filters)
    if (isAnonymous(connection))
      for (const esp_id of names)
        if (filters.names(esp_id)) named.add(esp_id, connection)
        else named.remove(esp_id, connection)
    look(
      connection,
      filters.wide === wide ? names : new Set([...names, ...filters.all(), ...spoken, ...hears]),
    )
  }

  const devicesOf = (connection: Connection): Set<string> => {
    const name = ownName(connection)
    return new Set([...(name === undefined ? connection.filters.all() : [name]), ...connection.spoken])
  }

  const listens = (client: Client, filters: readonly string[]): void => {
    const opened = all.get(client)
    if (!opened?.session.identity || client.closed) return
    listening?.(opened.session.identity)
    const name = ownName(opened)
    if (name === undefined && !isAnonymous(opened)) return
    const connection = connectionOf(opened)
    if (name !== undefined && !own.of(name).includes(connection)) own.add(name, connection)
    filtersChanged(connection, (known) => known.add(filters))
    if (name !== undefined) moved(name)
    if (subscribed && filters.length > 0) for (const esp_id of devicesOf(connection)) subscribed(esp_id)
  }

  const silence = (connection: Connection, esp_id: string): void => {
    connection.spoken.delete(esp_id)
    speaking.remove(esp_id, connection)
    look(connection, [esp_id])
  }

  return {
    open(client, session, way) {
      const opened = { client, session, way, connection: undefined }
      all.set(client, opened)
      all.set(session, opened)
    },

    follow(aedes) {
      aedes.on('clientReady', (client) => listens(client, Object.keys(subscriptionsOf(client))))
      aedes.on('subscribe', (granted, client) => {
        const has = subscriptionsOf(client)
        listens(
          client,
          granted.map(({ topic }) => topic).filter((filter) => filter in has),
        )
      })
      aedes.on('unsubscribe', (filters, client) => {
        const connection = all.get(client)?.connection
        if (connection) filtersChanged(connection, (known) => known.remove(filters))
      })
    },

    spoke(sender, topic) {
      if ((sender as Partial<Session>).identity?.kind !== 'anonymous' || !topic.startsWith(branch)) return
      const esp_id = topic.slice(branch.length, topic.indexOf('/', branch.length))
      const before = speaking.of(esp_id).at(-1)
      // Devices say the same for ever.
      if (before?.session === sender || !isSaidByDevice(topic)) return
      const opened = all.get(sender)
      if (!opened || opened.client.closed) return
      const connection = connectionOf(opened)
      const { spoken } = connection
      speaking.add(esp_id, connection)
      spoken.add(esp_id)
      if (spoken.size > SPOKEN_FOR) silence(connection, spoken.values().next().value!)
      look(connection, [esp_id])
    },

    leave(client) {
      const opened = all.get(client)
      if (!opened) return
      all.delete(client)
      all.delete(opened.session)
      const { connection } = opened
      if (!connection) return
      const { spoken, filters, hears } = connection
      hears.clear()
      const name = ownName(connection)
      for (const esp_id of new Set([...(name === undefined ? [] : [name]), ...spoken, ...filters.all()])) {
        for (const index of indexes) index.remove(esp_id, connection)
        moved(esp_id)
      }
    },

    tell: (esp_id, packet, life) => some(esp_id, ({ way }) => way.tell(packet, life)),

    where,

    hears: (esp_id, topic) =>
      where(esp_id) === 'hears' || some(esp_id, () => true, [own, speaking])
        ? some(esp_id, ({ client }) => subscribes(client, topic))
        : undefined,
  }
}
