/**
 * The last messages that went through the broker: a ring in memory, bounded in number and bytes. It lies on the way of
 * every message, so a message costs a look-up of its topic and a copy of its payload; nothing is made of it before
 * somebody reads. Secrets are not kept, or are blanked when they are read. What kaiser says only because realtime
 * heard it (`…/event/…`) is left out: it would push out what it repeats. Where several kaisers share a Redis, each
 * keeps what came to it and what it said.
 */
import type { MessageLog, Trace } from '../routing/trace.js'
import type { BoundName, Bounds } from './bounds.js'
import { LogBytes } from './log-bytes.js'
import { Entry, forget, headOf, payloadOf } from './log-entry.js'
import { createTopics, type LogTopic } from './log-topics.js'

/** What a message takes besides payload and topic, about, bytes. */
const OVERHEAD = 256
/** Rows that are noted of one message. */
const ROWS = 32

const NOTHING = new Entry()

export interface BrokerLogOptions {
  bounds: Pick<Bounds, 'logged_messages' | 'logged_bytes'>
  /** ms since 1970 */
  now: () => number
}

/** What the broker says to it. Both return the number by which the message is traced; 0 when it is not kept. */
export interface Noting {
  came(
    client_id: string,
    packet: { readonly topic: string; readonly qos?: number; readonly retain?: boolean },
    payload: Uint8Array,
    dup: boolean | undefined,
  ): number
  said(topic: string, payload: string | Buffer, qos: number, retain: boolean): number
}

export interface BrokerLog extends Noting {
  readonly trace: Trace
  readonly messages: MessageLog
  /** Hears of each message once it is known what became of it. */
  heard: ((id: number) => void) | undefined
  /** Hears that the oldest had to make room, and for which bound. */
  rolled: ((bound: BoundName, at: number) => void) | undefined
}

export function createMessageLog({ bounds, now }: BrokerLogOptions): BrokerLog {
  const most = bounds.logged_messages
  const bytes = new LogBytes()
  const topicOf = createTopics()
  const entries: Entry[] = []
  /** What people see is this much more, so that a number of an earlier start is none of this one's. */
  const base = Math.floor(now()) * 100
  let first = 1
  let last = 0
  let weight = 0

  const at = (seq: number): Entry | undefined =>
    seq >= first && seq <= last ? entries[(seq - 1) % most] : undefined
  const weightOf = ({ kept, topic }: Entry): number => kept + topic!.name.length + OVERHEAD

  /** The oldest makes room. */
  const roll = (bound: BoundName, when: number): void => {
    const gone = at(first)!
    weight -= weightOf(gone)
    first++
    const { block } = gone
    gone.block = undefined
    if (block && at(first)?.block !== block) bytes.release(block)
    log.rolled?.(bound, when)
  }

  const enter = (
    topic: LogTopic,
    client_id: string | null,
    qos: number,
    retain: boolean,
    dup: boolean,
  ): Entry => {
    const when = now()
    if (last - first + 1 >= most) roll('logged_messages', when)
    const slot = last % most
    last++
    let entry = entries[slot]
    if (!entry) {
      entry = new Entry()
      entries[slot] = entry
    }
    entry.seq = last
    entry.at = when
    entry.topic = topic
    entry.client_id = client_id
    entry.qos = qos
    entry.retain = retain
    entry.dup = dup
    entry.outcome = 'waiting'
    entry.acknowledged = false
    entry.reject_id = 0
    entry.said = false
    forget(entry)
    return entry
  }

  const hold = (entry: Entry, block: Buffer | undefined): void => {
    entry.block = block ?? bytes.block
    entry.start = bytes.start
    entry.kept = block ? bytes.written : 0
    weight += weightOf(entry)
    while (weight > bounds.logged_bytes && first < last) roll('logged_bytes', entry.at)
  }

  /** Says it to those who listen, once. */
  const say = (entry: Entry): void => {
    if (entry.said) return
    entry.said = true
    log.heard?.(base + entry.seq)
  }

  const trace: Trace = {
    wrote(message, table, id, of, when) {
      const entry = at(message)
      if (!entry) return
      if (entry.table === undefined) {
        entry.table = table
        entry.row_id = id
        entry.row_of = of
        entry.row_at = when
        return
      }
      entry.rows ??= []
      if (entry.rows.length < ROWS - 1) entry.rows.push({ table, id, of, at: when })
    },
    became(message, outcome) {
      const entry = at(message)
      if (!entry) return
      entry.outcome = outcome
      say(entry)
    },
    refused(message, code, reject_id) {
      const entry = at(message)
      if (!entry) return
      entry.outcome = code
      entry.reject_id = reject_id
      // Its rows were withdrawn, and with them what they would have made anybody hear.
      if (code === 'handler_failed') forget(entry)
    },
    committed(message, stored) {
      const entry = at(message)
      if (!entry) return
      if (stored && entry.outcome === 'waiting') entry.outcome = 'handled'
      say(entry)
    },
    acknowledged(message) {
      const entry = at(message)
      if (entry) entry.acknowledged = true
    },
    emitted(message, event) {
      const entry = at(message)
      if (!entry || entry.event === event) return
      if (entry.event === undefined) entry.event = event
      else if (!entry.events) entry.events = [event]
      else if (!entry.events.includes(event)) entry.events.push(event)
    },
  }

  const log: BrokerLog = {
    trace,
    messages: {
      get oldest() {
        return base + first
      },
      get newest() {
        return base + last
      },
      get lost() {
        return first - 1
      },
      find(id) {
        const entry = at(id - base)
        return entry && headOf(entry, id)
      },
      payload(id) {
        const entry = at(id - base)
        return entry && payloadOf(entry)
      },
      rejectOf: (id) => at(id - base)?.reject_id ?? 0,
      rows(id) {
        const { table, row_id, row_of, row_at, rows = [] } = at(id - base) ?? NOTHING
        return table === undefined ? [] : [{ table, id: row_id, of: row_of, at: row_at }, ...rows]
      },
      events(id) {
        const { event, events = [] } = at(id - base) ?? NOTHING
        return event === undefined ? [] : [event, ...events]
      },
    },
    heard: undefined,
    rolled: undefined,

    came(client_id, { topic, qos = 0, retain = false }, payload, dup = false) {
      if (most === 0) return 0
      const known = topicOf(topic)
      const entry = enter(known, client_id, qos, retain, dup)
      const kept = Math.min(payload.length, known.keeps)
      entry.size = payload.length
      hold(entry, kept > 0 ? bytes.keep(payload, kept) : undefined)
      return entry.seq
    },

    said(topic, payload, qos, retain) {
      if (most === 0) return 0
      const known = topicOf(topic)
      if (known.repeats) return 0
      const entry = enter(known, null, qos, retain, false)
      entry.size = Buffer.byteLength(payload)
      const kept = Math.min(entry.size, known.keeps)
      if (kept === 0) hold(entry, undefined)
      else
        hold(entry, typeof payload === 'string' ? bytes.keepText(payload, kept) : bytes.keep(payload, kept))
      entry.outcome = 'sent'
      say(entry)
      return entry.seq
    },
  }
  return log
}
