/**
 * One realtime client: its filter, its share of the rate, and what waits while it may not be sent to. Sensor
 * values wait as the latest per sensor, other events in a bounded queue, urgent ones never; what was left out
 * is said in the next frame. A slow socket is treated like one over its limit: it gets a snapshot later.
 */
import { type Event, URGENT } from '../routing/contract/events.js'
import type { Filters } from '../routing/contract/frames.js'
import { TOO_SLOW } from './close-codes.js'
import { cursorOf } from './cursor.js'
import { Filter } from './filter.js'
import { type Frame, Waiting } from './waiting.js'

export type { Frame } from './waiting.js'

/** What this needs from a WebSocket. */
export interface Socket {
  send(frame: string): void
  /** Bytes the network has not taken yet. */
  buffered(): number
  /** Sends together what `work` sends. */
  cork(work: () => void): void
  close(code: number, reason: string): void
}

const WINDOW_MS = 1_000
/** Clients that heard the same are over their limit at the same time, and would be due at the same time: they drift apart. */
const APART_MS = 25
/** Bytes waiting in the network at which a client counts as slow; without a rate limit it may lag further. */
const SLOW = 262_144
const SLOW_UNLIMITED = 8_388_608
/** Beyond this even urgent events would pile up: the socket is given up. */
const HOPELESS = 16_777_216

export const batchOf = (events: readonly string[]): string => `{"type":"batch","events":[${events.join()}]}`

export class Subscriber {
  readonly #socket: Socket
  #rate: number
  readonly #monotonic: () => number
  readonly #inTurn: (work: () => void) => void
  readonly #sent: number[] = []
  readonly #filter: Filter
  readonly #waiting = new Waiting()
  #outbox: string[] = []
  /** The newest event that was sent or waits. */
  #newest = 0
  #batch = false
  #timer: NodeJS.Timeout | undefined
  #closed = false
  /** Hears that the filter is another one. */
  refiltered: () => void = () => {}
  /** May it still listen? Asked now and then. */
  stands: () => boolean = () => true
  frames = 0

  /**
   * `rate` frames a second, 0 for no limit. `inTurn` does what is due when it is this client's turn and hears what
   * goes wrong then; `normalise` gives the name a sensor type is stored under.
   */
  constructor(
    socket: Socket,
    rate: number,
    monotonic: () => number,
    inTurn: (work: () => void) => void,
    normalise: (sensor_type: string) => string,
  ) {
    this.#filter = new Filter(normalise)
    this.#socket = socket
    this.#rate = rate
    this.#monotonic = monotonic
    this.#inTurn = inTurn
  }

  /** Replaces the filter; null asks for everything. With `batch`, what leaves together is one frame. */
  subscribe(filters: Filters | null | undefined, batch = false): void {
    this.flush()
    this.#batch = batch
    this.#filter.replace(filters)
    this.#refiltered()
  }

  /** From now on this many frames a second, 0 for no limit. */
  pace(rate: number): void {
    this.#rate = rate
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.resume()
  }

  /** Takes the listed words out of the filter; null clears it. An emptied list asks for everything. */
  unsubscribe(filters: Filters | null | undefined): void {
    this.flush()
    this.#filter.remove(filters)
    this.#refiltered()
  }

  #refiltered(): void {
    // What waits was asked for by the filter before.
    this.#waiting.keep(({ event }) => this.wants(event))
    this.refiltered()
  }

  wants(event: Event): boolean {
    return this.#filter.wants(event)
  }

  wantsType(type: string): boolean {
    return this.#filter.wantsType(type)
  }

  get unfiltered(): boolean {
    return this.#filter.isEmpty
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Puts a frame out, or lets it wait. Returns true when `flush` is due. */
  take(frame: Frame): boolean {
    if (this.#closed) return false
    if (frame.seq > this.#newest) this.#newest = frame.seq
    if (URGENT.has(frame.event.type) || (this.#waiting.isEmpty && this.#maySend())) return this.#put(frame)
    this.#waiting.add(frame)
    this.#wait()
    return false
  }

  /** A batch that has not left yet takes in whatever comes or waited; it is one frame all the same. */
  get #joins(): boolean {
    return this.#batch && this.#outbox.length > 0
  }

  #maySend(): boolean {
    if (this.#joins) return true
    if (this.#socket.buffered() > (this.#rate === 0 ? SLOW_UNLIMITED : SLOW)) return false
    if (this.#rate === 0) return true
    this.#forget()
    return this.#sent.length < this.#rate
  }

  /** Only the last second counts. */
  #forget(): void {
    const now = this.#monotonic()
    while (this.#sent.length > 0 && now - this.#sent[0]! >= WINDOW_MS) this.#sent.shift()
  }

  #put(frame: Frame): true {
    if (this.#rate > 0 && !this.#joins) {
      this.#forget()
      this.#sent.push(this.#monotonic())
    }
    this.#outbox.push(this.#finished(frame))
    return true
  }

  /** Its text, with what is said to this client alone. */
  #finished({ seq, boot, text }: Frame): string {
    const since = seq === 0 ? 0 : this.completeUpTo(this.#newest)
    const skipped = this.#waiting.leftOut()
    if (since === seq && skipped === 0) return text
    const from = since === seq ? '' : `,"since":"${cursorOf(boot, since)}"`
    return `${text.slice(0, -1)}${from}${skipped === 0 ? '' : `,"skipped":${skipped}`}}`
  }

  /** Up to which event this client has everything, apart from what it was told to be skipped. */
  completeUpTo(newest: number): number {
    const { oldest } = this.#waiting
    return oldest === undefined ? newest : Math.min(newest, oldest - 1)
  }

  /** What waits and came after this event is sent otherwise. */
  forgo(seq: number): void {
    this.#waiting.keep((frame) => frame.seq <= seq)
  }

  #wait(): void {
    if (this.#timer || this.#closed) return
    const oldest = this.#sent[0]
    const full = this.#rate > 0 && this.#sent.length >= this.#rate && oldest !== undefined
    const ms = full ? Math.max(1, Math.ceil(WINDOW_MS - (this.#monotonic() - oldest))) : 20
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#inTurn(this.#resume)
      },
      ms + Math.random() * APART_MS,
    )
  }

  readonly #resume = (): void => this.resume()

  /** Sends what waited, as far as limit and network allow. */
  resume(): void {
    while (!this.#waiting.isEmpty && this.#maySend()) this.#put(this.#waiting.next()!)
    if (!this.#waiting.isEmpty) this.#wait()
    this.flush()
  }

  /** Hands everything put out to the network, in one go. */
  flush(): void {
    if (this.#outbox.length === 0 || this.#closed) return
    const frames = this.#outbox
    this.#outbox = []
    this.#send(this.#batch ? [batchOf(frames)] : frames)
  }

  /** Sends frames that were asked for, whatever the limit; what was put out before goes first. */
  tell(...frames: readonly string[]): void {
    this.flush()
    if (!this.#closed) this.#send(frames)
  }

  #send(frames: readonly string[]): void {
    this.frames += frames.length
    this.#socket.cork(() => {
      for (const frame of frames) this.#socket.send(frame)
    })
    if (this.#socket.buffered() > HOPELESS) this.close(TOO_SLOW, 'too slow')
  }

  /** The network takes no more for now. */
  get slow(): boolean {
    return this.#socket.buffered() > SLOW
  }

  close(code: number, reason: string): void {
    if (this.#closed) return
    this.flush()
    this.ended()
    this.#socket.close(code, reason)
  }

  /** The socket is gone. */
  ended(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#waiting.keep(() => false)
  }
}
