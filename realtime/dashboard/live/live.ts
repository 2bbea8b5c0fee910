/**
 * A connection that is there again and again, for ever (1 s to 30 s, with jitter, at once when the page comes back into
 * view), over any transport. Silence is probed, because a browser may take a quarter of an hour to notice that a
 * network is gone.
 */
import { reactive } from 'vue'
import { ApiError, callOpenly } from '../api.js'
import type { Connection, Ending, Transport } from './transport.js'

export interface Link {
  state: 'connecting' | 'live' | 'reconnecting' | 'offline'
  /** Since when it is live, or since when it no longer is. */
  since: number
  retry_at: number | undefined
  /** The server was there and refused what was asked for. */
  refused: boolean
}

export interface Ear {
  frame: (text: string) => void
  /**
   * Connected; `lost_at` is when the connection before this one broke, `asked` whether what happened since then was
   * asked for.
   */
  live: (lost_at: number | undefined, asked: boolean) => void
  /** The cursor of what was heard last. */
  heard?: () => string | undefined
}

const FIRST_WAIT = 1000
const LONGEST_WAIT = 30_000
const OFFLINE_AFTER = 60_000
const SILENCE = 30_000
/** A connection that lasted this long was a good one: the next wait starts small again. */
const STEADY = 5000

/** One connection to the realtime events, from `open` to `close`. */
export class Live {
  readonly link = reactive<Link>({
    state: 'connecting',
    since: Date.now(),
    retry_at: undefined,
    refused: false,
  })
  #isOpen = false
  #connection: Connection | undefined
  #attempt = 0
  #round = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  #probe: ReturnType<typeof setInterval> | undefined
  #heard_at = 0
  #lost_at: number | undefined

  constructor(
    readonly ear: Ear,
    readonly transport: () => Promise<Transport>,
  ) {}

  /** Connects and keeps connected. */
  open(): void {
    this.#isOpen = true
    document.addEventListener('visibilitychange', this.#seen)
    window.addEventListener('online', this.retryNow)
    this.#probe = setInterval(() => this.#probeSilence(), 5000)
    this.#connect()
  }

  /** Lets go for good. */
  close(): void {
    this.#isOpen = false
    document.removeEventListener('visibilitychange', this.#seen)
    window.removeEventListener('online', this.retryNow)
    clearInterval(this.#probe)
    this.#abandon()
    this.#lost_at = undefined
    // The next one who opens it is not connected before they are.
    Object.assign(this.link, { state: 'connecting', since: Date.now(), refused: false })
  }

  /** Tries at once instead of waiting for the next attempt. */
  retryNow = (): void => {
    if (!this.#isOpen || this.link.state === 'live') return
    this.#attempt = 0
    this.#connect()
  }

  /** Connects anew, by the transport that is wanted now. */
  change(): void {
    if (!this.#isOpen) return
    this.#left()
    this.#attempt = 0
    this.link.state = 'connecting'
    this.#connect()
  }

  #seen = (): void => {
    if (document.visibilityState !== 'visible') return
    if (this.link.state === 'live') this.#heard_at = 0
    this.retryNow()
    this.#probeSilence()
  }

  /** Forgets the current connection and attempt; whatever they still report is not listened to. */
  #abandon(): void {
    this.#round++
    clearTimeout(this.#retry)
    this.link.retry_at = undefined
    this.#connection?.close()
    this.#connection = undefined
  }

  async #connect(): Promise<void> {
    this.#abandon()
    const round = this.#round
    const current = () => round === this.#round
    let opened = false
    const enter = (): void => {
      if (current() && opened && this.#connection) this.#opened(this.#connection)
    }
    try {
      const transport = await this.transport()
      if (!current()) return
      const connection = await transport({
        opened: () => {
          opened = true
          enter()
        },
        frame: (text) => {
          if (!current()) return
          this.#heard_at = Date.now()
          this.ear.frame(text)
        },
        ended: (why) => current() && this.#lost(why),
      })
      if (!current()) return connection.close()
      this.#connection = connection
      enter()
    } catch {
      if (current()) this.#lost('lost')
    }
  }

  #opened(connection: Connection): void {
    this.#heard_at = Date.now()
    Object.assign(this.link, { state: 'live', since: Date.now(), refused: false })
    const since = this.#lost_at === undefined ? undefined : this.ear.heard?.()
    this.ear.live(this.#lost_at, since !== undefined && connection.replay(since))
    this.#lost_at = undefined
  }

  #left(): void {
    if (this.link.state !== 'live') return
    if (Date.now() - this.link.since > STEADY) this.#attempt = 0
    this.#lost_at = this.link.since = Date.now()
  }

  #lost(why: Ending): void {
    this.#abandon()
    this.#left()
    // Another one took this one's place, or nothing may be heard: no race for it, one slow attempt.
    const slowly = why !== 'lost'
    const ceiling = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#attempt++)
    const wait = slowly ? LONGEST_WAIT : ceiling * (0.5 + Math.random() / 2)
    const long = Date.now() - this.link.since > OFFLINE_AFTER
    this.link.state = slowly || long ? 'offline' : 'reconnecting'
    this.link.refused = why === 'refused'
    this.link.retry_at = Date.now() + wait
    this.#retry = setTimeout(() => this.#connect(), wait)
  }

  async #probeSilence(): Promise<void> {
    if (this.link.state !== 'live' || Date.now() - this.#heard_at < SILENCE) return
    const round = this.#round
    this.#heard_at = Date.now()
    this.#connection?.probe()
    await callOpenly('GET', '/health').catch((error) => {
      const silent = error instanceof ApiError && error.status === 0
      if (silent && round === this.#round) this.#lost('lost')
    })
  }
}
