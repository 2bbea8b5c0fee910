/** One connection as kaiser sees it: where it is, who it is, and what it promised to leave behind. */
import type { Client } from 'aedes'
import type { Identity } from '../routing/contract/identities.js'
import type { Sender } from '../routing/delivery.js'
import type { Place } from './admission.js'
import type { Bounds } from './bounds.js'
import { InOrder } from './in-order.js'
import type { Peer } from './peer.js'
import { Subscriptions } from './subscriptions.js'

/** One connection, from accept to close. */
export interface Session extends Sender {
  /** Who it is: given for connections inside this process, found out by CONNECT for others. */
  identity: Identity | undefined
  /** It asked for a session that lasts without giving an id. */
  nameless: boolean
  /** Topic of its Will, when it left one. */
  will: string | undefined
  /** What its Will says. */
  last_words: Uint8Array | undefined
  /** Its Keep Alive is kaiser's, because it wanted a longer one or none. */
  kept_alive: boolean
  readonly subscriptions: Subscriptions
  /** Where it is, `address:port`; null inside this process. */
  readonly peer: string | null
  /** It came over TLS. */
  readonly secure: boolean
  /** Common name of the client certificate it proved to own. */
  readonly certificate_cn: string | undefined
  taken_over: boolean
  /** Acknowledgements that wait for something besides the disk. */
  readonly inOrder: InOrder
  authenticated(): void
}

export const createSession = (
  client: Client,
  { address, port, identity, secure, certificate_cn }: Peer,
  place: Place,
  bounds: Bounds,
): Session => ({
  address,
  peer: address !== null && port !== undefined ? `${address}:${port}` : address,
  secure: secure ?? false,
  certificate_cn,
  taken_over: false,
  inOrder: new InOrder(),
  identity,
  nameless: false,
  kept_alive: false,
  subscriptions: new Subscriptions(bounds.subscriptions),
  will: undefined,
  last_words: undefined,
  waiting: 0,
  get client_id() {
    return client.id ?? ''
  },
  authenticated: place.authenticated,
  readOn() {},
})
