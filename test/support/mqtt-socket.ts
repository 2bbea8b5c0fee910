/** The same bytes of MQTT over both doors: a TCP socket and a WebSocket, raw, for clients that misbehave. */
import { once } from 'node:events'
import WebSocket from 'ws'
import type { OpenApp, Teardown } from './app.js'
import { openWire } from './mqtt-wire.js'
import { until } from './until.js'

export interface Pipe {
  send(bytes: Buffer): void
  readonly closed: boolean
  end(): Promise<void>
  /** Closes it as soon as what was sent is out. */
  leave(): void
  /** Close code of a WebSocket; undefined over TCP or while open. */
  readonly code: number | undefined
}

export type Door = 'TCP' | 'WebSocket'
export const DOORS: readonly Door[] = ['TCP', 'WebSocket']

/** A WebSocket on `/mqtt` that a test drives by hand. */
export async function openSocket(t: Teardown, app: OpenApp, protocols = ['mqtt']): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${app.httpPort}/mqtt`, protocols)
  socket.on('error', () => {})
  t.teardown(() => socket.terminate())
  await Promise.race([
    once(socket, 'open'),
    once(socket, 'close').then(() => Promise.reject(new Error('refused'))),
  ])
  return socket
}

export async function openPipe(t: Teardown, app: OpenApp, door: Door): Promise<Pipe> {
  if (door === 'TCP') {
    const wire = await openWire(t, app.mqttPort)
    return {
      send: (bytes) => wire.send(bytes),
      get closed() {
        return wire.closed
      },
      end: () => wire.end(),
      leave: () => void wire.socket.end(),
      code: undefined,
    }
  }
  const socket = await openSocket(t, app)
  let code: number | undefined
  socket.on('close', (closed) => {
    code = closed
  })
  return {
    send: (bytes) => socket.send(bytes),
    get closed() {
      return code !== undefined
    },
    leave: () => socket.close(),
    end: () => until(() => code !== undefined, 'the end of the WebSocket'),
    get code() {
      return code
    },
  }
}
