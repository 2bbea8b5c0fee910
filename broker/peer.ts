/** Who is at the other end of a connection, as far as it is known before the first byte of MQTT. */
import type { Identity } from '../routing/contract/identities.js'
import type { Place } from './admission.js'

export interface Peer {
  /** Its network address; null inside this process. */
  address: string | null
  port?: number | undefined
  /** Nobody can listen in on the way: TLS. */
  secure?: boolean
  /** Common name of the client certificate it proved to own, signed by `--tls-client-ca`. */
  certificate_cn?: string | undefined
  /** Who it is, for connections from inside this process. */
  identity?: Identity
  /** Its place among the connections, when it was given one before its handshake. */
  place?: Place
}
