/**
 * Sessions and the connections they have: a client that wants a lasting session is given its queue when it has its
 * CONNACK, and the session goes on without it when it goes. Also publishes what kaiser says itself, and the Wills a
 * killed kaiser left.
 */
import type { Aedes, Client } from 'aedes'
import type { Report } from '../../routing/contract/codes.js'
import type { Identity } from '../../routing/contract/identities.js'
import { ownerOf } from '../access.js'
import { heardBy } from '../hooks.js'
import { publishLastWills } from './last-wills.js'
import type { SessionState } from './session-state.js'

export interface LiveOptions {
  aedes: Aedes
  state: SessionState
  kaiser_id: string
  identityOf: (client: Client) => Identity | undefined
  /** The hook that hands a message in. */
  handIn: (packet: object, settle: (error?: Error | null) => void) => void
  report: Report
  /** How long clients have to come back before Wills of an earlier start are published, ms. */
  grace: number | undefined
}

export interface Live {
  /** A connection ended. */
  leave(client: Client): void
  close(): void
}

export function followSessions({
  aedes,
  state,
  kaiser_id,
  identityOf,
  handIn,
  report,
  grace,
}: LiveOptions): Live {
  const lasting = new WeakMap<Client, ReturnType<SessionState['follow']>>()
  const leave = (client: Client): void => lasting.get(client)?.end()

  aedes.on('client', (client) => {
    const identity = identityOf(client)
    if ((client as { clean?: boolean }).clean !== false) return state.forgo(client.id)
    const hear = (topic: string, payload: string | Buffer) => heardBy(identity, topic, payload, kaiser_id)
    lasting.set(client, state.follow(client as never, ownerOf(identity!), hear))
  })
  aedes.on('clientReady', (client) => lasting.get(client)?.start())
  aedes.on('clientDisconnect', leave)

  const promised = (work: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => work((error) => (error ? reject(error) : resolve())))
  const stopLastWills = publishLastWills(
    {
      wills: state.wills,
      handIn: (packet) => promised((done) => handIn(packet, done)),
      forward: (packet) => promised((done) => aedes.publish(packet as never, done as never)),
      failed: (error, client_id) => report('publish_failed', client_id, { err: error, will: true }),
    },
    grace,
  )
  return {
    leave,
    close() {
      stopLastWills()
      state.close()
    },
  }
}
