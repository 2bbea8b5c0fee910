/**
 * One realtime client: its filter, its share of the rate, and what waits while it may not be sent to. Sensor
 * values wait as the latest per sensor, other events in a bounded queue, urgent ones never; what was left out
 * is said in the next frame. A slow socket is treated like one over its limit: it gets a snapshot later.
 */
import { type Event, type Filters, OPT_IN, URGENT } from '../routing/contract/events.js'

/** What this needs from a WebSocket. */
export interface Socket {
  send(frame: string): void
  /** Bytes the network has not taken yet. */
  buffered(): number
  /** Sends together what `work` sends. */
  cork(work: () => void): void
  close(code: number, reason: string): void
}

/** An event, serialised once for all subscribers. */
export interface Frame {
  readonly event: Event
  readonly text: string
}

const WINDOW_MS = 1_000
const QUEUED = 200
/** Bytes waiting in the network at which a client counts as slow; without a rate limit it may lag further. */
const SLOW = 262_144
const SLOW_UNLIMITED = 8_388_608
/** Beyond this even urgent events would pile up: the socket is given up. */
const HOPELESS = 16_777_216

const listed = (words: readonly string[] | null | undefined): ReadonlySet<string> | undefined =>
  words && words.length > 0 ? new Set(words) : undefined

/** What is about no single device (an emergency stop of everything) is about each of them. */
const concerns = (esp_id: string | null, wanted: ReadonlySet<string>): boolean =>
  esp_id === null || esp_id === 'ALL' || wanted.has(esp_id)

export class Subscriber {
  readonly #socket: Socket
  readonly #rate: number
  readonly #monotonic: () => number
  readonly #failed: (error: unknown) => void
  readonly #sent: number[] = []
  #types: ReadonlySet<string> | undefined
  #esp_ids: ReadonlySet<string> | undefined
  #sensor_types: ReadonlySet<string> | undefined
  #filters: { types: string[]; esp_ids: string[]; sensor_types: string[] } = {
    types: [],
    esp_ids: [],
    sensor_types: [],
  }
  #outbox: string[] = []
  #latest = new Map<string, Frame>()
  #queue: Frame[] = []
  #skipped = 0
  #batch = false
  #timer: NodeJS.Timeout | undefined
  #closed = false
  /** Hears that the filter is another one. */
  refiltered: () => void = () => {}
  /** May it still listen? Asked now and then. */
  stands: () => boolean = () => true
  readonly #normalise: (sensor_type: string) => string
  frames = 0

  /**
   * `rate` frames a second, 0 for no limit. `failed` hears what goes wrong in a timer; `normalise` gives the name
   * a sensor type is stored under.
   */
  constructor(
    socket: Socket,
    rate: number,
    monotonic: () => number,
    failed: (error: unknown) => void,
    normalise: (sensor_type: string) => string,
  ) {
    this.#normalise = normalise
    this.#socket = socket
    this.#rate = rate
    this.#monotonic = monotonic
    this.#failed = failed
  }

  /** Replaces the filter; null asks for everything. With `batch`, what leaves together is one frame. */
  subscribe(filters: Filters | null | undefined, batch = false): void {
    this.flush()
    this.#batch = batch
    this.#filters = {
      types: [...(filters?.types ?? [])],
      esp_ids: [...(filters?.esp_ids ?? [])],
      sensor_types: [...(filters?.sensor_types ?? [])],
    }
    this.#apply()
  }

  /** Takes the listed words out of the filter; null clears it. An emptied list asks for everything. */
  unsubscribe(filters: Filters | null | undefined): void {
    if (!filters) return this.subscribe(null, this.#batch)
    for (const list of ['types', 'esp_ids', 'sensor_types'] as const) {
      const gone = new Set(filters[list] ?? [])
      this.#filters[list] = this.#filters[list].filter((word) => !gone.has(word))
    }
    this.#apply()
  }

  #apply(): void {
    this.#types = listed(this.#filters.types)
    this.#esp_ids = listed(this.#filters.esp_ids)
    // Types are normalised when they are stored, so they are in a filter.
    this.#sensor_types = listed(this.#filters.sensor_types.map(this.#normalise))
    // What waits was asked for by the filter before.
    this.#queue = this.#queue.filter(({ event }) => this.wants(event))
    for (const [key, { event }] of this.#latest) if (!this.wants(event)) this.#latest.delete(key)
    this.refiltered()
  }

  /** Did its page ask for events of this type, by name or by asking for all? */
  wantsType(type: string): boolean {
    return this.#types ? this.#types.has(type) : !OPT_IN.has(type)
  }

  /** Filters are an AND; a list about something the event does not have lets it pass (protocol.md §5.3). */
  wants({ type, data }: Event): boolean {
    if (!this.wantsType(type)) return false
    if (this.#esp_ids && 'esp_id' in data && !concerns(data.esp_id, this.#esp_ids)) return false
    if (this.#sensor_types && 'sensor_type' in data && !this.#sensor_types.has(data.sensor_type)) return false
    return true
  }

  /** Puts a frame out, or lets it wait. Returns true when `flush` is due. */
  take(frame: Frame): boolean {
    if (this.#closed) return false
    // A batch that has not left yet takes in what comes in the same turn.
    const joins = this.#batch && this.#outbox.length > 0
    if (URGENT.has(frame.event.type) || (this.#mayQueueNothing() && (joins || this.#maySend())))
      return this.#put(frame)
    this.#keep(frame)
    return false
  }

  #mayQueueNothing(): boolean {
    return this.#queue.length === 0 && this.#latest.size === 0
  }

  #maySend(): boolean {
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
    if (this.#rate > 0 && !(this.#batch && this.#outbox.length > 0)) {
      this.#forget()
      this.#sent.push(this.#monotonic())
    }
    const skipped = this.#skipped
    this.#skipped = 0
    this.#outbox.push(skipped === 0 ? frame.text : `${frame.text.slice(0, -1)},"skipped":${skipped}}`)
    return true
  }

  #keep(frame: Frame): void {
    const { event } = frame
    if (event.type === 'sensor_data') {
      const { esp_id, gpio, sensor_type, address } = event.data
      const key = `${esp_id} ${gpio} ${sensor_type} ${address}`
      if (this.#latest.delete(key)) this.#skipped++
      this.#latest.set(key, frame)
    } else {
      this.#queue.push(frame)
      if (this.#queue.length > QUEUED) {
        this.#queue.shift()
        this.#skipped++
      }
    }
    this.#wait()
  }

  #wait(): void {
    if (this.#timer || this.#closed) return
    const oldest = this.#sent[0]
    const full = this.#rate > 0 && this.#sent.length >= this.#rate && oldest !== undefined
    const ms = full ? Math.max(1, Math.ceil(WINDOW_MS - (this.#monotonic() - oldest))) : 20
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      try {
        this.resume()
      } catch (error) {
        this.#failed(error)
      }
    }, ms)
  }

  /** Sends what waited, as far as limit and network allow. */
  resume(): void {
    while (!this.#mayQueueNothing() && this.#maySend()) {
      const next = this.#queue.shift()
      if (next) {
        this.#put(next)
        continue
      }
      const [key, frame] = this.#latest.entries().next().value!
      this.#latest.delete(key)
      this.#put(frame)
    }
    if (!this.#mayQueueNothing()) this.#wait()
    this.flush()
  }

  /** Hands everything put out to the network, in one go. */
  flush(): void {
    if (this.#outbox.length === 0 || this.#closed) return
    const frames = this.#outbox
    this.#outbox = []
    const sent = this.#batch ? [`{"type":"batch","events":[${frames.join()}]}`] : frames
    this.frames += sent.length
    this.#socket.cork(() => {
      for (const frame of sent) this.#socket.send(frame)
    })
    if (this.#socket.buffered() > HOPELESS) this.close(1013, 'too slow')
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
    this.#latest.clear()
    this.#queue = []
  }
}
