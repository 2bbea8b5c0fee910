/**
 * The ports: MQTT, MQTT over TLS, and HTTP. Opens them in order, says where they are, and closes them in reverse. A
 * port that cannot be had is a PortError that names its flag.
 */
import type { Socket } from 'node:net'
import type { Broker } from '../broker/broker.js'
import { type Listener, listen } from '../broker/listener.js'
import type { Secure } from '../broker/secure.js'
import type { Server } from '../realtime/server.js'
import type { StartConfig } from './config.js'
import { portError } from './ports.js'

/** Where it accepts; null where it is not asked to. */
export interface Ports {
  mqtt_port: number
  mqtts_port: number | null
  http_port: number
  scheme: 'http' | 'https'
}

export interface DoorsOptions {
  config: Pick<StartConfig, 'host' | 'mqtt-port' | 'mqtts-port' | 'http-port'>
  attach: Broker['attach']
  server: Pick<Server, 'listen' | 'stopListening'>
  /** Takes the connections of MQTT over TLS; nothing without a certificate. */
  secure: Secure | undefined
  /** A listener died and is being opened again. */
  failed: (door: 'mqtt' | 'mqtts', error: Error) => void
}

export interface Doors {
  /** Throws PortError. */
  open(): Promise<Ports>
  /** Accepts no more; those who are in stay. */
  close(): Promise<void>
  readonly mqtt: Listener | undefined
  readonly mqtts: Listener | undefined
  readonly http_port: number | undefined
}

export function createDoors({ config, attach, server, secure, failed }: DoorsOptions): Doors {
  const { host } = config
  let mqtt: Listener | undefined
  let mqtts: Listener | undefined
  let http_port: number | undefined

  const listenMqtt = (door: 'mqtt' | 'mqtts', port: number, accept: (socket: Socket) => void) =>
    listen({ host, port, accept, failed: (error) => failed(door, error) }).catch((error) => {
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
        attach(socket, { address: socket.remoteAddress ?? null, port: socket.remotePort }),
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
    },
  }
}
