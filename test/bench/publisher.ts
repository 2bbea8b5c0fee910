/**
 * One device of the load generator: a socket, some sensors, and the readings it has in flight. It writes many
 * readings at once and gives every reading of a sensor a measured time of its own, so that none is a redelivery.
 */
import type { Socket } from 'node:net'
import { publish, type Template, template } from './mqtt-wire.js'

const RING = 4096

/** Milliseconds of CLOCK_MONOTONIC, the same in every process of the machine. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6

/** One publisher: a device with some sensors. */
export class Publisher {
  inFlight = 0
  #id = 0
  #next = 0
  readonly #sentAt = new Float64Array(RING)
  readonly #templates: Template[]
  readonly #last: Float64Array

  constructor(
    readonly espId: string,
    sensors: number,
    readonly socket: Socket,
  ) {
    this.#templates = Array.from({ length: sensors }, (_, i) => template(espId, 4 + i))
    this.#last = new Float64Array(sensors)
  }

  /** Publishes some readings with one write; no two of a sensor have the same `ts`. */
  send(count: number, sent?: (key: string, at: number) => void): void {
    const length = this.#templates[0]!.bytes.length
    const bytes = Buffer.allocUnsafe(count * (length + 2 * this.#templates.length))
    const clock = Date.now()
    const at = sent === undefined ? 0 : now()
    let end = 0
    for (let i = 0; i < count; i++) {
      const sensor = this.#next
      this.#next = (sensor + 1) % this.#templates.length
      this.#id = (this.#id % 65535) + 1
      const ts = Math.max(this.#last[sensor]! + 1, clock)
      this.#last[sensor] = ts
      const from = this.#templates[sensor]!
      publish(bytes, end, from, this.#id, ts, 2000 + (this.#id % 1000))
      end += from.bytes.length
      if (sent === undefined) continue
      this.#sentAt[this.#id % RING] = at
      sent(`${this.espId}/${4 + sensor}/${ts}`, at)
    }
    this.inFlight += count
    this.socket.write(bytes.subarray(0, end))
  }

  /** When the packet with this id was written; only known if `sent` was asked for. */
  sentAt(id: number): number {
    return this.#sentAt[id % RING]!
  }
}
