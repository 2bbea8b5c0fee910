/**
 * Everybody who listens on the realtime WebSocket. An event is serialised once, whoever hears it; what is
 * emitted in one turn leaves each socket together. An emit never throws: a socket or a serialiser that fails
 * is reported and is nobody else's business.
 */
import type { Event } from '../routing/contract/events.js'
import type { Frame, Subscriber } from './subscriber.js'

export interface HubOptions {
  /** ms since 1970 */
  now: () => number
  failed: (error: unknown, what: string) => void
  /** How long telling everybody took, ms. */
  onBroadcast?: (ms: number) => void
  monotonic: () => number
}

/** Another way out that takes the same text. It says itself whether it wants what only reaches who names it. */
export interface Mirror {
  wants(type: string): boolean
  take(type: string, text: string): void
}

export interface Hub {
  /** Tells everybody who wants to know. `stored` is false while storage fails. */
  emit(event: Event, stored?: boolean): void
  /** Does anybody want events of this type? What costs something to make is made only then. */
  wanted(type: string): boolean
  /** Adds a subscriber under its client_id; one that was there under this id is closed with 1000. */
  join(client_id: string, subscriber: Subscriber): void
  /** Takes a subscriber out; another one that came under the same id stays. */
  leave(client_id: string, subscriber: Subscriber): void
  /** Adds another way out; returns how to close it. */
  reflect(mirror: Mirror): () => void
  /** Reports what failed while a subscriber was on its own. */
  readonly failed: (error: unknown) => void
  readonly size: number
  readonly frames: number
  /** Says goodbye to everybody. */
  close(): void
}

/** How soon somebody whose session is over hears no more, ms. */
const DISMISS_EVERY = 2_000
/** The close code the original uses for a token that is no good. protocol.md §5.1 */
const SESSION_OVER = 4001

export function createHub(options: HubOptions): Hub {
  const subscribers = new Map<string, Subscriber>()
  const mirrors = new Set<Mirror>()
  /** Which types subscribers want, until somebody comes, goes or wants something else. */
  const interest = new Map<string, boolean>()
  const changed = (): void => interest.clear()
  let due = new Set<Subscriber>()
  let scheduled = false
  let gone = 0

  const guarded = (what: string, work: () => void): void => {
    try {
      work()
    } catch (error) {
      options.failed(error, what)
    }
  }

  const flush = (): void => {
    const started = options.monotonic()
    scheduled = false
    const now = due
    due = new Set()
    for (const subscriber of now) guarded('send', () => subscriber.flush())
    options.onBroadcast?.(options.monotonic() - started)
  }

  const serialise = (event: Event, stored: boolean): Frame => {
    const data = stored ? event.data : { ...event.data, stored: false }
    return { event, text: JSON.stringify({ type: event.type, timestamp: options.now() / 1000, data }) }
  }

  const tell = (event: Event, stored: boolean): void => {
    // null: it cannot be serialised, which is reported once.
    let frame: Frame | null | undefined
    // Each guarded by itself, without a closure for each: this runs for every reading.
    for (const subscriber of subscribers.values())
      try {
        if (!subscriber.wants(event)) continue
        if (frame === undefined) {
          frame = null
          frame = serialise(event, stored)
        }
        if (frame && subscriber.take(frame)) due.add(subscriber)
      } catch (error) {
        options.failed(error, event.type)
      }
    for (const mirror of mirrors)
      if (mirror.wants(event.type))
        guarded('mirror', () => mirror.take(event.type, (frame ?? serialise(event, stored)).text))
    if (scheduled || due.size === 0) return
    scheduled = true
    queueMicrotask(flush)
  }

  const dismiss = (): void => {
    for (const subscriber of [...subscribers.values()])
      if (!subscriber.stands()) guarded('close', () => subscriber.close(SESSION_OVER, 'the session is over'))
  }
  const timer = setInterval(dismiss, DISMISS_EVERY).unref()

  return {
    emit(event, stored = true) {
      guarded(event.type, () => tell(event, stored))
    },
    wanted(type) {
      for (const mirror of mirrors) if (mirror.wants(type)) return true
      let wanted = interest.get(type)
      if (wanted === undefined) {
        wanted = false
        for (const subscriber of subscribers.values())
          try {
            if (subscriber.wantsType(type)) wanted = true
          } catch (error) {
            options.failed(error, type)
          }
        interest.set(type, wanted)
      }
      return wanted
    },
    join(client_id, subscriber) {
      const replaced = subscribers.get(client_id)
      subscribers.set(client_id, subscriber)
      subscriber.refiltered = changed
      changed()
      guarded('close', () => replaced?.close(1000, 'replaced'))
    },
    leave(client_id, subscriber) {
      subscriber.ended()
      gone += subscriber.frames
      if (subscribers.get(client_id) === subscriber) subscribers.delete(client_id)
      changed()
    },
    reflect(mirror) {
      mirrors.add(mirror)
      return () => void mirrors.delete(mirror)
    },
    failed: (error) => options.failed(error, 'send'),
    get size() {
      return subscribers.size
    },
    get frames() {
      let frames = gone
      for (const subscriber of subscribers.values()) frames += subscriber.frames
      return frames
    },
    close() {
      clearInterval(timer)
      flush()
      for (const subscriber of [...subscribers.values()])
        guarded('close', () => subscriber.close(1001, 'kaiser stops'))
    },
  }
}
