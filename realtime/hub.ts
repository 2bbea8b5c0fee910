/**
 * Everybody who listens on the realtime WebSocket. An event is serialised once, whoever hears it; what is
 * emitted in one turn leaves each socket together. An emit never throws: a socket or a serialiser that fails
 * is reported and is nobody else's business.
 */
import { randomUUID } from 'node:crypto'
import { type Event, OPT_IN } from '../routing/contract/events.js'
import { GOING_AWAY, REPLACED, SESSION_OVER } from './close-codes.js'
import { cursorOf, positionOf } from './cursor.js'
import { createRecent } from './recent.js'
import type { Told } from './ring.js'
import { batchOf, type Frame, type Subscriber } from './subscriber.js'
import { createTurns } from './turns.js'
import type { Sensors } from './waiting.js'

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
  /** Sends a subscriber what it wants of all that happened after this event and is still remembered. */
  replay(subscriber: Subscriber, since: string): void
  /** Since when a subscriber would have to ask for a replay, if it left now. */
  cursor(subscriber: Subscriber): string
  /** Adds another way out; returns how to close it. */
  reflect(mirror: Mirror): () => void
  /** Reports what failed while a subscriber was on its own. */
  readonly failed: (error: unknown) => void
  /** Does what a subscriber has to do on its own, one after the other; what fails is reported. */
  readonly inTurn: (work: () => void) => void
  readonly size: number
  readonly frames: number
  /** Says goodbye to everybody. */
  close(): void
}

/** Events in a frame of a replay. */
const BATCH = 100
/** How soon somebody whose session is over hears no more, ms. */
const DISMISS_EVERY = 2_000

export function createHub(options: HubOptions): Hub {
  const subscribers = new Map<string, Subscriber>()
  const mirrors = new Set<Mirror>()
  /** Which types subscribers want, until somebody comes, goes or wants something else. */
  const interest = new Map<string, boolean>()
  const changed = (): void => interest.clear()
  /** Of which values wait for somebody. */
  const sensors: Sensors = new Map()
  let due = new Set<Subscriber>()
  let scheduled = false
  let gone = 0
  /** Names this start in cursors. */
  const boot = randomUUID().slice(0, 8)
  /** How many events there were. */
  let newest = 0

  const guarded = (what: string, work: () => void): void => {
    try {
      work()
    } catch (error) {
      options.failed(error, what)
    }
  }

  const failed = (error: unknown): void => options.failed(error, 'send')

  const flush = (): void => {
    const started = options.monotonic()
    scheduled = false
    const now = due
    due = new Set()
    for (const subscriber of now) guarded('send', () => subscriber.flush())
    options.onBroadcast?.(options.monotonic() - started)
  }

  const spell = ({ event, stored, at, seq }: Told): string => {
    const data = JSON.stringify(stored ? event.data : { ...event.data, stored: false })
    const cursor = seq > 0 ? `,"cursor":"${cursorOf(boot, seq)}"` : ''
    return `{"type":"${event.type}","timestamp":${at / 1000},"data":${data}${cursor}}`
  }
  const recent = createRecent(spell)

  const tell = (event: Event, stored: boolean): void => {
    const at = options.now()
    // What must be named is nothing that a page misses.
    const seq = OPT_IN.has(event.type) ? 0 : ++newest
    if (seq > 0) recent.keep(event, stored, at, seq)
    // null: it cannot be serialised, which is reported once.
    let frame: Frame | null | undefined
    // Each guarded by itself, without a closure for each: this runs for every reading.
    for (const subscriber of subscribers.values())
      try {
        if (!subscriber.wants(event)) continue
        if (frame === undefined) {
          frame = null
          frame = { event, text: spell({ event, stored, at, seq }), seq, boot, sensors }
        }
        if (frame && subscriber.take(frame)) due.add(subscriber)
      } catch (error) {
        options.failed(error, event.type)
      }
    for (const mirror of mirrors)
      if (mirror.wants(event.type))
        guarded('mirror', () => mirror.take(event.type, frame?.text ?? spell({ event, stored, at, seq })))
    if (scheduled || due.size === 0) return
    scheduled = true
    queueMicrotask(flush)
  }

  const replay = (subscriber: Subscriber, since: string): void => {
    const seq = positionOf(since, boot, newest)
    const { texts, complete, missed } = recent.since(seq, newest, subscriber)
    // What waited for it is among them.
    subscriber.forgo(seq ?? 0)
    const data = { since, cursor: hub.cursor(subscriber), complete, missed, events: texts.length }
    const frames = [JSON.stringify({ type: 'replay', timestamp: options.now() / 1000, data })]
    for (let at = 0; at < texts.length; at += BATCH) frames.push(batchOf(texts.slice(at, at + BATCH)))
    subscriber.tell(...frames)
  }

  const dismiss = (): void => {
    for (const subscriber of [...subscribers.values()])
      if (!subscriber.stands()) guarded('close', () => subscriber.close(SESSION_OVER, 'the session is over'))
  }
  const timer = setInterval(dismiss, DISMISS_EVERY).unref()

  const hub: Hub = {
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
      guarded('close', () => replaced?.close(REPLACED, 'replaced'))
    },
    leave(client_id, subscriber) {
      subscriber.ended()
      gone += subscriber.frames
      if (subscribers.get(client_id) === subscriber) subscribers.delete(client_id)
      if (subscribers.size === 0) sensors.clear()
      changed()
    },
    reflect(mirror) {
      mirrors.add(mirror)
      return () => void mirrors.delete(mirror)
    },
    replay(subscriber, since) {
      guarded('replay', () => replay(subscriber, since))
    },
    cursor: (subscriber) => cursorOf(boot, subscriber.completeUpTo(newest)),
    failed,
    inTurn: createTurns(options.monotonic, failed),
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
        guarded('close', () => subscriber.close(GOING_AWAY, 'kaiser stops'))
    },
  }
  return hub
}
