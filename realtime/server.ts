/**
 * uWebSockets.js on the one HTTP port: REST, the realtime WebSocket, MQTT over WebSocket, and the dashboard; with
 * a certificate all of it over TLS. The only file that loads uWebSockets.js; building it touches no port.
 */
import {
  App,
  SSLApp,
  type TemplatedApp,
  type us_listen_socket,
  us_listen_socket_close,
  us_socket_local_port,
  type WebSocket,
} from 'uWebSockets.js'
import type { Assets } from './assets.js'
import { addressOf, type Fetch, refuse, serve } from './http.js'
import { type RealtimeOptions, realtimeSocket } from './socket.js'

/** A WebSocket that carries MQTT, as broker/websocket.ts wants it. */
export interface MqttSocket {
  send(bytes: Uint8Array): boolean
  close(code: number, reason: string): void
}

export interface MqttTunnel {
  message(bytes: ArrayBuffer, isBinary: boolean): void
  drained(): void
  closed(): void
}

export interface ServerOptions extends RealtimeOptions {
  fetch: Fetch
  assets: Assets
  /** Opens an MQTT connection over a WebSocket. */
  openTunnel: (socket: MqttSocket, address: string) => MqttTunnel
  /** Files with a certificate and its key, as PEM, that TLS is served with. */
  certificate?: { cert: string; key: string }
  failed: (error: unknown) => void
}

export interface Server {
  /** Rejects when the port is taken. Resolves with the port. */
  listen(host: string, port: number): Promise<number>
  /** Whoever connects from now on gets what the certificate's files hold now. Throws when they cannot be used. */
  renew(): void
  /** Takes no new connections; those that are open go on. */
  stopListening(): void
  close(): Promise<void>
}

interface Tunnelled {
  address: string
  tunnel: MqttTunnel | undefined
  open: boolean
}

/** Bytes of one MQTT WebSocket message; the broker bounds packets, this bounds frames. */
const MAX_MESSAGE = 1_048_576
const GOODBYE_MS = 500

export function createServer(options: ServerOptions): Server {
  const { certificate } = options
  const secure = (): TemplatedApp =>
    SSLApp({
      cert_file_name: certificate!.cert,
      key_file_name: certificate!.key,
      ssl_prefer_low_memory_usage: true,
    })
  const open = (lobby: TemplatedApp): TemplatedApp => {
    const room = mount(secure(), options)
    asLobby(lobby).addChildAppDescriptor(asLobby(room).getDescriptor())
    return room
  }
  // No HSTS: who goes back to plain HTTP, or makes another authority, would be locked out of the own greenhouse.
  const door = certificate ? secure() : mount(App(), options)
  /** Newest first. Older ones keep the connections they have; uWS never gives their 50 KB back. */
  const rooms = certificate ? [open(door)] : []
  let listening: us_listen_socket | undefined

  const stopListening = (): void => {
    if (listening) us_listen_socket_close(listening)
    listening = undefined
  }

  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        const listen = door.listen.bind(door) as unknown as ListenExclusively
        listen(host, port, EXCLUSIVE_PORT, (socket) => {
          if (!socket) return reject(new Error(`port ${port} on ${host} cannot be bound`))
          listening = socket
          resolve(us_socket_local_port(socket))
        })
      }),

    renew() {
      const [before] = rooms
      rooms.unshift(open(door))
      if (before) asLobby(door).removeChildAppDescriptor(asLobby(before).getDescriptor())
    },

    stopListening,

    async close() {
      stopListening()
      options.hub.close()
      const until = options.monotonic() + GOODBYE_MS
      while (options.hub.size > 0 && options.monotonic() < until)
        await new Promise((resolve) => setTimeout(resolve, 5))
      for (const app of new Set([door, ...rooms])) app.close()
    },
  }
}

/** Everything that is served, on one app. */
function mount(app: TemplatedApp, options: ServerOptions): TemplatedApp {
  const { fetch, assets } = options
  app.ws('/api/v1/ws/realtime/:client_id', realtimeSocket(options))

  app.ws<Tunnelled>('/mqtt', {
    compression: 0,
    maxPayloadLength: MAX_MESSAGE,
    maxBackpressure: 16_777_216,
    // The stream waits for drain; if it ever did not, a closed connection is better than a silent gap.
    closeOnBackpressureLimit: true,
    // MQTT's own keep alive decides; this only clears sockets whose network is gone.
    idleTimeout: 960,
    sendPingsAutomatically: false,
    upgrade(res, req, context) {
      const offered = req
        .getHeader('sec-websocket-protocol')
        .split(',')
        .map((name) => name.trim())
      const protocol = ['mqtt', 'mqttv3.1'].find((name) => offered.includes(name))
      // [MQTT-6.0.0-3]
      if (!protocol) return refuse(res, 'request_invalid', 'The WebSocket subprotocol mqtt is required')
      res.upgrade<Tunnelled>(
        { address: addressOf(res), tunnel: undefined, open: true },
        req.getHeader('sec-websocket-key'),
        protocol,
        req.getHeader('sec-websocket-extensions'),
        context,
      )
    },
    open(ws) {
      const data = ws.getUserData()
      data.tunnel = options.openTunnel(mqttSocket(ws), data.address)
    },
    message: (ws, bytes, isBinary) => ws.getUserData().tunnel?.message(bytes, isBinary),
    drain: (ws) => ws.getUserData().tunnel?.drained(),
    close(ws) {
      const data = ws.getUserData()
      data.open = false
      data.tunnel?.closed()
    },
  })

  // A route for one method goes before one for any, so each method is named, or the page would answer for GET.
  for (const method of ['get', 'head', 'post', 'put', 'patch', 'del', 'options'] as const)
    for (const path of ['/api', '/api/*'])
      app[method](path, (res, req) => serve(fetch, res, req, options.failed))
  app.get('/*', (res, req) => assets.serve(res, req))
  app.head('/*', (res, req) => assets.serve(res, req))
  app.any('/*', (res) => refuse(res, 'method_not_allowed'))
  return app
}

/**
 * An app that listens and lets another one on this thread serve whom it accepts: so a new certificate, which uWS
 * only takes with a new app, comes without a moment in which nobody listens. Missing from the declarations.
 */
interface Lobby {
  addChildAppDescriptor(descriptor: unknown): void
  removeChildAppDescriptor(descriptor: unknown): void
  getDescriptor(): unknown
}
const asLobby = (app: TemplatedApp): Lobby => app as unknown as Lobby

/** Without it a second process would share the port in silence. Its name is missing from the declarations. */
const EXCLUSIVE_PORT = 1
type ListenExclusively = (
  host: string,
  port: number,
  options: number,
  listening: (socket: us_listen_socket | false) => void,
) => void

const SENT = 1

const mqttSocket = (ws: WebSocket<Tunnelled>): MqttSocket => ({
  send(bytes) {
    if (!ws.getUserData().open) return true
    return ws.send(bytes as Uint8Array<ArrayBuffer>, true) === SENT
  },
  close(code, reason) {
    const data = ws.getUserData()
    if (!data.open) return
    data.open = false
    ws.end(code, reason)
  },
})
