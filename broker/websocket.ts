/**
 * MQTT over WebSocket: turns a WebSocket of any kind into the duplex stream the broker takes. websocket-stream
 * does the framing; this file gives it a socket of the shape it expects. Outbound waits for drain; inbound
 * cannot be paused, so it is bounded and the socket is closed beyond. [MQTT-6.0.0-1]
 */
import type { Duplex } from 'node:stream'
import websocketStream from 'websocket-stream'
import { Violation } from './violation.js'

/** What this needs from a WebSocket; the HTTP room provides it. */
export interface RawSocket {
  /** False when the bytes were queued instead of sent; `drained` follows. */
  send(bytes: Uint8Array): boolean
  close(code: number, reason: string): void
}

/** What a WebSocket tells this. */
export interface Tunnel {
  message(bytes: ArrayBuffer, isBinary: boolean): void
  drained(): void
  closed(): void
}

const OPEN = 1
const CLOSED = 3

/** The object websocket-stream takes for a WebSocket that is open already. */
class SocketShape {
  readonly OPEN = OPEN
  readyState = OPEN
  binaryType = 'arraybuffer'
  onclose: () => void = () => {}
  onerror: (error: Error) => void = () => {}
  onmessage: (event: { data: ArrayBuffer }) => void = () => {}
  readonly #raw: RawSocket
  #drain: (() => void) | undefined

  constructor(raw: RawSocket) {
    this.#raw = raw
  }

  /** That it exists makes websocket-stream use the `on…` properties. */
  addEventListener(): void {}

  send(bytes: Uint8Array, sent: () => void): void {
    if (this.#raw.send(bytes)) sent()
    else this.#drain = sent
  }

  drained(): void {
    const sent = this.#drain
    this.#drain = undefined
    sent?.()
  }

  close(code = 1000, reason = ''): void {
    if (this.readyState === CLOSED) return
    this.readyState = CLOSED
    this.#raw.close(code, reason)
  }
}

/** Bytes nobody has read. websocket-stream brings streams of a time before `readableLength`; a test pins this. */
const unread = (stream: Duplex): number =>
  (stream as unknown as { _readableState: { length: number } })._readableState.length

export function openTunnel(raw: RawSocket, inboundBytes: number, attach: (stream: Duplex) => void): Tunnel {
  const socket = new SocketShape(raw)
  const stream = websocketStream(socket as never) as unknown as Duplex
  attach(stream)

  return {
    message(bytes, isBinary) {
      if (socket.readyState !== OPEN) return
      // The broker hears why before the stream ends, and the stream does not close the socket its own way:
      // one of this age says `close` before it says `error`.
      const refuse = (code: number, error: Error): void => {
        socket.readyState = CLOSED
        stream.emit('error', error)
        raw.close(code, error.message)
      }
      // [MQTT-6.0.0-1]
      if (!isBinary) return refuse(1003, new Error('MQTT needs binary frames'))
      if (unread(stream) + bytes.byteLength > inboundBytes)
        return refuse(1013, new Violation('inbound_full', `over ${inboundBytes} bytes not read yet`))
      // The memory belongs to the server and is gone after this call: copy it.
      socket.onmessage({ data: bytes.slice(0) })
    },
    drained: () => socket.drained(),
    closed() {
      socket.readyState = CLOSED
      socket.drained()
      if (unread(stream) === 0) return socket.onclose()
      // What it said before it left still counts.
      stream.once('end', () => socket.onclose())
      stream.push(null)
    },
  }
}
