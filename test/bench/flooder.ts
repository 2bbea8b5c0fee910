/**
 * A client that publishes readings of its own at QoS 0 as fast as its socket takes them, until it is told to stop. It
 * never waits for anybody and reads nothing; says how many it got rid of, and ends.
 */
import { connect as dial } from 'node:net'
import { connect, publish, template } from './mqtt-wire.js'

export interface FloodJob {
  host: string
  mqttPort: number
}

export interface Flooded {
  sent: number
  ms: number
  /** The server closed the connection. */
  closed: boolean
}

const AT_ONCE = 200

process.once('disconnect', () => process.exit(1))
process.once('message', ({ host, mqttPort }: FloodJob) => {
  const from = template('ESP_FLOOD', 4, 0)
  const socket = dial({ host, port: mqttPort, noDelay: true })
  const began = performance.now()
  let ts = Date.now()
  let sent = 0
  let closed = false
  const pour = (): void => {
    if (closed) return
    const bytes = Buffer.allocUnsafe(AT_ONCE * from.bytes.length)
    for (let i = 0; i < AT_ONCE; i++) publish(bytes, i * from.bytes.length, from, 0, ts++, 2000 + (i % 1000))
    // What its socket has taken is sent; the kernel's buffers are part of a flood.
    socket.write(bytes, () => {
      sent += AT_ONCE
      setImmediate(pour)
    })
  }
  socket.on('error', () => {})
  socket.once('close', () => {
    closed = true
  })
  socket.once('data', () => {
    process.send!({ flooding: true })
    pour()
  })
  socket.resume()
  socket.write(connect('ESP_FLOOD'))
  process.once('message', () => {
    process.send!({ sent, ms: performance.now() - began, closed } satisfies Flooded, () => process.exit(0))
  })
})
