/**
 * The doors, composed: MQTT, MQTT over TLS, and HTTP. Opens their ports in order, says where they are, and closes them
 * in reverse. A port that cannot be had is a PortError that names its flag.
 */
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Broker } from '../broker/broker.js'
import { type Listener, listen } from '../broker/listener.js'
import { createSecure } from '../broker/secure.js'
import { openTunnel } from '../broker/websocket.js'
import { loadAssets } from '../realtime/assets.js'
import type { Rest } from '../realtime/rest.js'
import { createServer, type ServerOptions } from '../realtime/server.js'
import type { Report } from '../routing/contract/codes.js'
import type { StartConfig } from './config.js'
import { portError } from './ports.js'
import type { Pair } from './tls/pair.js'
import type { Serving } from './tls/serving.js'

const dashboard = fileURLToPath(new URL('../dashboard', import.meta.url))

/** Where it accepts; null where it is not asked to. */
export interface Ports {
  mqtt_port: number
  mqtts_port: number | null
  http_port: number
  scheme: 'http' | 'https'
}

export interface DoorsOptions {
  config: Pick<StartConfig, 'host' | 'mqtt-port' | 'mqtts-port' | 'http-port' | 'ws-rate'>
  broker: Pick<Broker, 'attach' | 'admit' | 'bounds'>
  hub: ServerOptions['hub']
  tokens: ServerOptions['tokens']
  normalise: ServerOptions['normalise']
  snapshot: ServerOptions['snapshot']
  api: Rest
  /** The certificate; HTTP and MQTT are plain without one. */
  serving: Serving | undefined
  report: Report
  /** A listener died and is being opened again. */
  died: (door: 'mqtt' | 'mqtts', error: Error) => void
  /** ms since 1970 */
  now: () => number
  /** ms */
  monotonic: () => number
}

export interface Doors {
  /** Throws PortError. */
  open(): Promise<Ports>
  /** Whoever comes from now on gets the new certificate. Throws when it cannot be used. */
  renew(pair: Pair): void
  /** Accepts no more; those who are in stay. */
  close(): Promise<void>
  /** Lets the last of HTTP go. */
  end(): Promise<void>
  readonly mqtt: Listener | undefined
  readonly mqtts: Listener | undefined
  readonly http_port: number | undefined
}

export function createDoors(options: DoorsOptions): Doors {
  const { config, broker, hub, tokens, api, serving, report, died, monotonic } = options
  const { host } = config
  const server = createServer({
    hub,
    tokens,
    rate: config['ws-rate'],
    normalise: options.normalise,
    snapshot: options.snapshot,
    now: options.now,
    monotonic,
    misunderstood: (client_id, detail) => report('frame_invalid', client_id, { detail }),
    fetch: (request, env) => api.fetch(request, env),
    assets: loadAssets(dashboard),
    openTunnel: (socket, address) =>
      openTunnel(socket, broker.bounds.inbound_bytes, (stream) =>
        broker.attach(stream, { address, secure: serving !== undefined }),
      ),
    ...(serving && { certificate: { cert: serving.files['tls-cert'], key: serving.files['tls-key'] } }),
    failed: (error) => report('internal_error', 'http', { err: error }),
  })
  const secure =
    serving &&
    createSecure({
      credentials: serving.pair,
      handshakeTimeout: broker.bounds.connect_timeout,
      admit: broker.admit,
      secured: broker.attach,
      failed: (address, detail) => report('tls_failed', address ?? '', { address, detail }),
    })
  let mqtt: Listener | undefined
  let mqtts: Listener | undefined
  let http_port: number | undefined

  const listenMqtt = (door: 'mqtt' | 'mqtts', port: number, accept: (socket: Socket) => void) =>
    listen({ host, port, accept, failed: (error) => died(door, error) }).catch((error) => {
      throw portError(`${door}-port`, host, port, error)
    })

  return {
    get mqtt() {
      return mqtt
    },
    get mqtts() {
      return mqtts
    },
    get http_port() {
      return http_port
    },
    async open() {
      mqtt = await listenMqtt('mqtt', config['mqtt-port'], (socket) =>
        broker.attach(socket, { address: socket.remoteAddress ?? null, port: socket.remotePort }),
      )
      if (secure && config['mqtts-port'] !== undefined)
        mqtts = await listenMqtt('mqtts', config['mqtts-port'], secure.accept)
      http_port = await server.listen(host, config['http-port']).catch((error) => {
        throw portError('http-port', host, config['http-port'], Object.assign(error, { code: 'EADDRINUSE' }))
      })
      return {
        mqtt_port: mqtt.port,
        mqtts_port: mqtts?.port ?? null,
        http_port,
        scheme: secure ? 'https' : 'http',
      }
    },
    async close() {
      server.stopListening()
      await mqtt?.close()
      await mqtts?.close()
      secure?.close()
    },
    end: server.close,
    renew(pair) {
      server.renew()
      secure?.renew(pair)
    },
  }
}
