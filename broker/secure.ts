/**
 * TLS for MQTT: takes accepted TCP sockets, shakes hands, and hands the stream on with what its certificate proved.
 * A connection has its place before the handshake, so strangers who never finish one are bounded like all who did
 * not say who they are. The certificate can be renewed; connections that are open keep the old one.
 */
import type { Socket } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import type { Place } from './admission.js'
import type { Peer } from './peer.js'

export interface Credentials {
  /** PEM: the certificate, and those between it and its authority, if any. */
  cert: Buffer
  /** PEM: its private key. */
  key: Buffer
  /** PEM: who signs client certificates; without it none is asked for. */
  client_ca?: Buffer | undefined
}

export interface SecureOptions {
  credentials: Credentials
  /** ms */
  handshakeTimeout: number
  /** A place among the connections; undefined when there is none. */
  admit: (address: string | null) => Place | undefined
  /** The handshake is done. */
  secured: (stream: TLSSocket, peer: Peer) => void
  failed: (address: string | null, detail: string) => void
}

export interface Secure {
  accept(socket: Socket): void
  /** Whoever connects from now on gets the new certificate. Throws when it cannot be used. */
  renew(credentials: Credentials): void
  /** Ends the handshakes that are not done. */
  close(): void
}

interface Waiting {
  address: string | null
  port: number | undefined
  place: Place
  detail?: string
}

/** Small enough for an ESP32 that has made its receive buffer small, bytes. */
const FRAGMENT = 4_096

/** What handshakes fail for in everyday life, in words that say what to do. */
const HINTS: Readonly<Record<string, string>> = {
  ERR_TLS_HANDSHAKE_TIMEOUT: 'the handshake was not done in time',
  ERR_SSL_HTTP_REQUEST: 'this looks like HTTP; this port is for MQTT over TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'this is no TLS; plain MQTT has a port of its own',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'the client does not know who signed our certificate; give it the CA',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'the client does not accept our certificate',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'the client does not accept our certificate; does it name this host?',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'for the client our certificate has expired; is its clock right?',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'the client is older than TLS 1.2',
  ERR_SSL_NO_SHARED_CIPHER: 'the client has no cipher in common with us',
}

const LEFT = 'the client left in the middle of the handshake; does it know who signed our certificate?'

/** The TCP socket under a stream: a private field of Node, pinned by a test. Addresses are gone when a client is. */
const under = (stream: TLSSocket): Socket => (stream as unknown as { _parent: Socket })._parent

/** The common name a client proved, or why it is refused; neither when it showed no certificate. */
function proved(stream: TLSSocket): { certificate_cn?: string; refused?: string } {
  const { subject } = stream.getPeerCertificate()
  if (!subject) return {}
  if (!stream.authorized)
    return { refused: `the client certificate is not good: ${String(stream.authorizationError)}` }
  const name: unknown = subject.CN
  return typeof name === 'string'
    ? { certificate_cn: name }
    : { refused: 'the client certificate names nobody' }
}

export function createSecure(options: SecureOptions): Secure {
  const { credentials, admit, secured, failed } = options
  /** Handshakes that are not done. */
  const waiting = new Map<Socket, Waiting>()

  const contextOf = ({ cert, key, client_ca }: Credentials) => ({
    cert,
    key,
    ...(client_ca && { ca: client_ca }),
    minVersion: 'TLSv1.2' as const,
  })
  // It never listens: sockets come from a listener, which can be opened again.
  const server = createServer({
    ...contextOf(credentials),
    handshakeTimeout: options.handshakeTimeout,
    requestCert: credentials.client_ca !== undefined,
    // Who shows none may still log in with a password; one that is not good is refused below.
    rejectUnauthorized: false,
  })

  server.on('secureConnection', (stream) => {
    const socket = under(stream)
    const client = waiting.get(socket)
    // It left between its last word and ours.
    if (!client) return void stream.destroy()
    const { certificate_cn, refused } = proved(stream)
    if (refused !== undefined) {
      client.detail = refused
      return void stream.destroy()
    }
    waiting.delete(socket)
    stream.setMaxSendFragment(FRAGMENT)
    const { address, port, place } = client
    secured(stream, { address, port, secure: true, certificate_cn, place })
  })

  server.on('tlsClientError', (error: Error & { code?: string }, stream) => {
    const client = waiting.get(under(stream))
    if (client) client.detail = HINTS[error.code ?? ''] ?? error.message
    // After its own errors Node has done so; who takes too long is left to us.
    stream.destroy()
  })

  return {
    accept(socket) {
      const address = socket.remoteAddress ?? null
      const place = admit(address)
      if (!place) return void socket.destroy()
      const client: Waiting = { address, port: socket.remotePort, place }
      waiting.set(socket, client)
      socket.on('error', () => {})
      socket.once('close', () => {
        place.release()
        if (!waiting.delete(socket)) return
        // Who said nothing at all only looked whether the port is open.
        if (client.detail !== undefined || socket.bytesRead > 0) failed(address, client.detail ?? LEFT)
      })
      server.emit('connection', socket)
    },

    renew: (renewed) => server.setSecureContext(contextOf(renewed)),

    close() {
      for (const socket of waiting.keys()) socket.destroy()
    },
  }
}
