/**
 * The reject list: messages that were acknowledged but not used. Two rings of 1,000, so that a flood of
 * refusals never pushes out what a failed handler has kept; a slot is overwritten, nothing is deleted.
 */
import type { Database } from 'better-sqlite3'
import type { CodeName } from '../routing/contract/codes.js'
import { holdsSecrets } from '../routing/contract/secrets.js'
import type { Group, Writer } from './group.js'
import { params, prepare, query } from './statement.js'
import type { RejectsTable } from './tables.js'

export type Reject = Readonly<RejectsTable>

/** How many of each kind are kept. */
export const KEPT = 1_000
/** How much of a refused payload is kept, bytes; of a failed handler's all, of one that may hold secrets nothing. */
export const EXCERPT = 512

export interface Rejected {
  received_at: number
  topic: string
  payload: Uint8Array
  qos: number
  code: CodeName
  detail: string
  esp_id: string | null
  client_id: string | null
  /** The person it is from, when it was for kaiser to do what it says. */
  said_by?: string | undefined
}

export interface Rejects {
  insert(rejected: Rejected): Reject
  find(id: number): Reject | undefined
  /** Newest first. */
  list(): Reject[]
  /** Marks as handed in again. */
  retried(reject: Reject, now: number): void
}

const COLUMNS = [
  'slot',
  'id',
  'received_at',
  'topic',
  'payload',
  'payload_bytes',
  'qos',
  'code',
  'detail',
  'esp_id',
  'client_id',
  'retried_at',
  'said_by',
] as const satisfies readonly (keyof RejectsTable)[]

export function createRejects(db: Database, group: Group): Rejects {
  const replace = prepare<Reject>(db, query.replaceInto('rejects').values(params<RejectsTable>(COLUMNS)))
  const slots = new Map<number, Reject>()
  let lastId = 0
  const next = { refused: 0, failed: 0 }

  for (const row of prepare<object, Reject>(
    db,
    query.selectFrom('rejects').selectAll().orderBy('id'),
  ).iterate({})) {
    slots.set(row.slot, row)
    lastId = row.id
    if (row.slot < KEPT) next.refused = (row.slot + 1) % KEPT
    else next.failed = (row.slot - KEPT + 1) % KEPT
  }

  const writer: Writer<Reject> = {
    write(row) {
      // In a flood the slot may have been taken again before this turn ends: only the newest row is written.
      if (slots.get(row.slot) === row) replace.run(row)
    },
  }

  const keep = (row: Reject): Reject => {
    slots.set(row.slot, row)
    group.write(writer, row)
    return row
  }

  const slotFor = (code: CodeName): number => {
    const ring = code === 'handler_failed' ? 'failed' : 'refused'
    const slot = next[ring]
    next[ring] = (slot + 1) % KEPT
    return ring === 'failed' ? slot + KEPT : slot
  }

  return {
    insert(rejected) {
      const whole = rejected.code === 'handler_failed'
      return keep({
        slot: slotFor(rejected.code),
        id: ++lastId,
        received_at: rejected.received_at,
        topic: rejected.topic.slice(0, EXCERPT),
        // A copy: the payload is a view into a network buffer that must not be kept alive by 512 bytes of it.
        payload: holdsSecrets(rejected.topic)
          ? new Uint8Array()
          : Uint8Array.prototype.slice.call(rejected.payload, 0, whole ? undefined : EXCERPT),
        payload_bytes: rejected.payload.length,
        qos: rejected.qos,
        code: rejected.code,
        detail: rejected.detail.slice(0, EXCERPT),
        esp_id: rejected.esp_id,
        client_id: rejected.client_id,
        retried_at: null,
        said_by: rejected.said_by ?? null,
      })
    },
    find: (id) => {
      for (const row of slots.values()) if (row.id === id) return row
      return undefined
    },
    list: () => [...slots.values()].sort((a, b) => b.id - a.id),
    retried(reject, now) {
      // While it was handed in, its slot may have gone to a newer one.
      if (slots.get(reject.slot)?.id === reject.id) keep({ ...reject, retried_at: now })
    },
  }
}
