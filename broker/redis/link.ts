/**
 * Is Redis there? Two states, `up` and `lost`, and the way between them: a line is opened, what was missed is made
 * up for (`resume`), and only then is it up. The first thing that fails makes it lost, at once and for everybody;
 * then it is tried again for ever, with backoff from 1 s to 30 s and jitter.
 */
import { createLine, type Line } from './line.js'
import type { RedisPlace } from './url.js'

export type LinkState = 'up' | 'lost'

export interface LinkOptions {
  place: RedisPlace
  /** Makes a new line ready for use. */
  resume: (line: Line) => Promise<void>
  /** Writes what waits; the link is up when nothing rests, and stays lost when this or `resume` rejects. */
  drain: (line: Line) => Promise<void>
  rest: () => boolean
  changed: (state: LinkState, detail: string) => void
  /** ms since 1970 */
  now: () => number
  /** The first and the longest wait between two attempts, ms. */
  backoff?: readonly [first: number, last: number]
}

export interface Link {
  readonly state: LinkState
  /** When it got into its state, ms since 1970. */
  readonly since: number
  /** Attempts since it was up. */
  readonly attempts: number
  /** Why it is lost. */
  readonly detail: string
  /** Does it with Redis when it is up, else the other thing; also when Redis is lost meanwhile. */
  attempt<T>(work: (line: Line) => Promise<T>, otherwise: () => T | Promise<T>): Promise<T>
  /** Something that concerns all of Redis failed. */
  lose(error: Error): void
  /** Resolves when the first attempt is over, however it ended. */
  start(): Promise<void>
  close(): void
}

const BACKOFF = [1_000, 30_000] as const

/** Replies that say Redis is of no use now, whatever is asked; any other one is about the command. */
const USELESS =
  /^(OOM|READONLY|MISCONF|LOADING|NOAUTH|WRONGPASS|NOPERM|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|BUSY|TRYAGAIN)\b/

const concernsRedis = (error: Error): boolean => error.name !== 'ReplyError' || USELESS.test(error.message)

export function createLink({
  place,
  resume,
  drain,
  rest,
  changed,
  now,
  backoff = BACKOFF,
}: LinkOptions): Link {
  let state: LinkState = 'lost'
  let since = now()
  let attempts = 0
  let detail = 'not connected yet'
  let told = false
  let line: Line | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const become = (next: LinkState, why: string): void => {
    detail = why
    // What is lost from the start is told once, too.
    if (state === next && told) return
    if (state !== next) since = now()
    told = true
    state = next
    changed(next, why)
  }

  const lose = (error: Error): void => {
    if (closed || !line) return
    line.close()
    line = undefined
    become('lost', error.message)
    const wait = Math.min(backoff[0] * 2 ** Math.min(attempts, 20), backoff[1])
    timer = setTimeout(() => void open(), wait * (0.5 + Math.random() / 2))
  }

  const open = async (): Promise<void> => {
    attempts++
    const opening = createLine(place, (error) => {
      if (line === opening) lose(error)
    })
    line = opening
    try {
      await opening.open()
      await resume(opening)
      do await drain(opening)
      while (line === opening && rest())
    } catch (error) {
      if (line === opening) lose(error as Error)
      return
    }
    if (line !== opening) return
    attempts = 0
    become('up', '')
  }

  return {
    get state() {
      return state
    },
    get since() {
      return since
    },
    get attempts() {
      return attempts
    },
    get detail() {
      return detail
    },
    async attempt(work, otherwise) {
      const mine = line
      if (state === 'lost' || !mine) return otherwise()
      try {
        return await work(mine)
      } catch (error) {
        if (!concernsRedis(error as Error)) throw error
        if (line === mine) lose(error as Error)
        return otherwise()
      }
    },
    lose,
    start: open,
    close() {
      closed = true
      clearTimeout(timer)
      line?.close()
      line = undefined
    },
  }
}
