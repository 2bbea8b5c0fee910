/** One place in the log of messages, used again and again, and what is read from it. */
import { withoutSecrets } from '../routing/contract/secrets.js'
import type { LoggedMessage, LoggedPayload, Outcome, TracedTable, WrittenRow } from '../routing/trace.js'
import { EXCERPT, type LogTopic } from './log-topics.js'

export class Entry {
  seq = 0
  at = 0
  topic: LogTopic | undefined
  client_id: string | null = null
  qos = 0
  retain = false
  dup = false
  size = 0
  block: Buffer | undefined
  start = 0
  kept = 0
  outcome: Outcome = 'waiting'
  acknowledged = false
  reject_id = 0
  said = false
  /** Most messages become one row and one event: those cost no list. */
  table: TracedTable | undefined
  row_id = 0
  row_of = 0
  row_at = 0
  rows: WrittenRow[] | undefined
  event: string | undefined
  events: string[] | undefined
}

/** No rows, no events. */
export const forget = (entry: Entry): void => {
  entry.table = undefined
  entry.rows = undefined
  entry.event = undefined
  entry.events = undefined
}

/** `id` is how people know it. */
export const headOf = (entry: Entry, id: number): LoggedMessage => ({
  id,
  at: entry.at,
  direction: entry.client_id === null ? 'out' : 'in',
  topic: entry.topic!.name,
  client_id: entry.client_id,
  qos: entry.qos,
  retain: entry.retain,
  dup: entry.dup,
  size: entry.size,
  outcome: entry.outcome,
  acknowledged: entry.acknowledged,
  reject_id: entry.reject_id,
})

export function payloadOf({ topic, block, start, kept, size }: Entry): LoggedPayload {
  const { secret, keeps } = topic!
  if (secret && keeps === 0) return { bytes: null, cut: size > 0, masked: true }
  // A copy: the block may be written over.
  const copy = Buffer.from(block?.subarray(start, start + kept) ?? [])
  if (!secret || size === 0) return { bytes: copy, cut: kept < size, masked: false }
  const blank = withoutSecrets(copy)
  return { bytes: blank.subarray(0, EXCERPT), cut: kept < size || blank.length > EXCERPT, masked: true }
}
