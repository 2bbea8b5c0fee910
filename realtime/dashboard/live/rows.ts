/**
 * The last rows of something that happens all the time, newest first. What comes is drawn once for each frame of the
 * screen, however much it is. Paused, the list stands still while new rows gather behind it, and none of them is lost
 * that fits.
 */
import { shallowReactive } from 'vue'

export interface Rows<T> {
  readonly list: {
    rows: readonly T[]
    paused: boolean
    /** How many came during the pause. */
    waiting: number
  }
  add(row: T): void
  /** Puts rows where they belong by their time. */
  fill(rows: readonly T[]): void
  /** Takes another row for one that is there. */
  change(row: T): void
  /** Keeps so many more than usual, until it is emptied. */
  keepMore(count: number): void
  pauseOrResume(): void
  clear(): void
}

export interface RowsOptions<T> {
  /** Rows in the list. */
  readonly most: number
  /** Rows that a pause may gather. */
  readonly gathered: number
  /** What is said of so many that did not fit. */
  readonly overflow: (count: number, at: number) => T
}

export function createRows<T extends { readonly id: number; readonly at: number }>({
  most,
  gathered,
  overflow,
}: RowsOptions<T>): Rows<T> {
  const list = shallowReactive({ rows: [] as readonly T[], paused: false, waiting: 0 })
  /** Not drawn yet, oldest first. */
  let pending: T[] = []
  /** Did not fit into a pause, and when the last of them came. */
  let dropped = 0
  let dropped_at = 0
  let limit = most
  let drawing = 0

  const draw = (): void => {
    cancelAnimationFrame(drawing)
    drawing = 0
    if (list.paused || pending.length === 0) return
    const news = pending.reverse()
    pending = []
    if (dropped > 0) news.push(overflow(dropped, dropped_at))
    dropped = 0
    limit = Math.max(limit, news.length)
    list.rows = [...news, ...list.rows].slice(0, limit)
  }
  const newestFirst = (a: T, b: T): number => b.at - a.at || b.id - a.id

  return {
    list,
    add(row) {
      pending.push(row)
      if (list.paused) list.waiting++
      // A page out of sight draws nothing, and what did not fit into its list is no loss.
      else drawing ||= requestAnimationFrame(draw)
      const bound = list.paused ? gathered : limit
      if (pending.length <= bound + 256) return
      const gone = pending.splice(0, pending.length - bound)
      if (!list.paused) return
      dropped += gone.length
      dropped_at = gone.at(-1)!.at
    },
    fill(rows) {
      const known = new Set([...list.rows, ...pending].map(({ id }) => id))
      const news = rows.filter(({ id }) => !known.has(id))
      if (news.length === 0) return
      if (list.paused) {
        pending = [...pending, ...news].sort((a, b) => newestFirst(b, a))
        list.waiting += news.length
      } else list.rows = [...list.rows, ...news].sort(newestFirst).slice(0, limit)
    },
    change(row) {
      const changed = (other: T): T => (other.id === row.id ? row : other)
      pending = pending.map(changed)
      list.rows = list.rows.map(changed)
    },
    keepMore(count) {
      limit += count
    },
    pauseOrResume() {
      if (!list.paused) draw()
      list.paused = !list.paused
      list.waiting = 0
      draw()
    },
    clear() {
      pending = []
      dropped = 0
      limit = most
      Object.assign(list, { rows: [], paused: false, waiting: 0 })
    },
  }
}
