/**
 * What waits for one realtime client while it may not be sent to: sensor values as the latest per sensor, other events
 * in a bounded queue. Both are in the order of their coming.
 */
import type { Event } from '../routing/contract/events.js'

/** An event, serialised once for all subscribers. */
export interface Frame {
  readonly event: Event
  readonly text: string
  /** The how many-th event of this start of kaiser; 0 for one that nobody can replay. */
  readonly seq: number
  readonly boot: string
  /** The sensor it is a value of: spelled once, however many clients it waits for. */
  sensor?: string | undefined
}

const QUEUED = 200

export class Waiting {
  #latest = new Map<string, Frame>()
  #queue: Frame[] = []

  get isEmpty(): boolean {
    return this.#queue.length === 0 && this.#latest.size === 0
  }

  /** Takes a frame in; returns how many were left out for it. */
  add(frame: Frame): number {
    const { event } = frame
    if (event.type === 'sensor_data') {
      const { esp_id, gpio, sensor_type, address } = event.data
      frame.sensor ??= `${esp_id} ${gpio} ${sensor_type} ${address}`
      const key = frame.sensor
      const replaced = this.#latest.delete(key)
      this.#latest.set(key, frame)
      return replaced ? 1 : 0
    }
    this.#queue.push(frame)
    if (this.#queue.length <= QUEUED) return 0
    this.#queue.shift()
    return 1
  }

  /** Takes out what is sent next. */
  next(): Frame | undefined {
    const queued = this.#queue.shift()
    if (queued) return queued
    for (const [key, frame] of this.#latest) {
      this.#latest.delete(key)
      return frame
    }
    return undefined
  }

  /** The oldest event that waits; undefined when none does that could be replayed. */
  get oldest(): number | undefined {
    const queued = this.#queue.find(({ seq }) => seq > 0)?.seq ?? Number.POSITIVE_INFINITY
    for (const { seq } of this.#latest.values()) return Math.min(seq, queued)
    return queued === Number.POSITIVE_INFINITY ? undefined : queued
  }

  /** Only these go on waiting. */
  keep(which: (frame: Frame) => boolean): void {
    this.#queue = this.#queue.filter(which)
    for (const [key, frame] of this.#latest) if (!which(frame)) this.#latest.delete(key)
  }
}
