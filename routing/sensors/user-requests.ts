/**
 * The conversions that wait for an answer from the thread of user modules. Every one of them is answered, within
 * two seconds, whatever becomes of modules and threads: with undefined where there is no answer. Bounded.
 */
import type { Conversion, Converted } from './sensor-type.js'
import type { Request } from './user-messages.js'

/** A request without the place of its module, which differs from thread to thread. */
export interface Waiting extends Omit<Request, 'index'> {
  readonly type: string
}

export interface Requests {
  /** Queues one. Undefined when too many wait. */
  add(
    type: string,
    operation: Request['operation'],
    number: number,
    conversion: Conversion,
  ): { waiting: Waiting; answer: Promise<Converted | undefined> } | undefined
  /** Answers one; nothing happens when it was answered before. */
  answer(id: number, answer?: Converted): void
  /** Answers all of a type, or all there are, with undefined. */
  drop(type?: string): void
  /** Answers those that have waited too long with undefined; their types. */
  dropLate(): Set<string>
  /** Oldest first. */
  all(): Waiting[]
}

/** More than a greenhouse of 1,000 devices sends in the time a thread takes to start. */
export const MOST_WAITING = 1_000
export const LONGEST_WAIT_MS = 2_000
const LAST_ID = 2 ** 31 - 1

export function createRequests(monotonic: () => number): Requests {
  interface Entry {
    waiting: Waiting
    since: number
    resolve: (answer: Converted | undefined) => void
  }
  const entries = new Map<number, Entry>()
  let lastId = 0

  const answer = (id: number, answer?: Converted): void => {
    const entry = entries.get(id)
    entries.delete(id)
    entry?.resolve(answer)
  }

  return {
    add(type, operation, number, conversion) {
      if (entries.size >= MOST_WAITING) return undefined
      lastId = (lastId % LAST_ID) + 1
      const waiting = { id: lastId, type, operation, number, conversion }
      const since = monotonic()
      return {
        waiting,
        answer: new Promise((resolve) => entries.set(waiting.id, { waiting, since, resolve })),
      }
    },
    answer,
    drop(type) {
      for (const { waiting } of [...entries.values()])
        if (type === undefined || waiting.type === type) answer(waiting.id)
    },
    dropLate() {
      const types = new Set<string>()
      const before = monotonic() - LONGEST_WAIT_MS
      for (const { waiting, since } of entries.values()) {
        if (since > before) break
        types.add(waiting.type)
        answer(waiting.id)
      }
      return types
    },
    all: () => Array.from(entries.values(), ({ waiting }) => waiting),
  }
}
