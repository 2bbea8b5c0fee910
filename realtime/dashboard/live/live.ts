/**
 * The realtime socket: a ticket, a connection, one subscription to everything, and again for ever when it
 * breaks (1 s to 30 s, with jitter, at once when the page comes back into view). Silence is probed, because a
 * browser may take a quarter of an hour to notice that a network is gone.
 */
import { reactive } from 'vue'
import { ApiError, call, callOpenly } from '../api.js'

export interface Link {
  state: 'connecting' | 'live' | 'reconnecting' | 'offline'
  /** Since when it is live, or since when it no longer is. */
  since: number
  retry_at: number | undefined
}

export interface Ear {
  frame: (text: string) => void
  /** Connected; `lost_at` is when the connection before this one broke. */
  live: (lost_at: number | undefined) => void
}

const FIRST_WAIT = 1000
const LONGEST_WAIT = 30_000
const OFFLINE_AFTER = 60_000
const SILENCE = 30_000
/** A connection that lasted this long was a good one: the next wait starts small again. */
const STEADY = 5000
const client_id = `dashboard_${Date.now()}_${Math.random().toString(36).slice(2, 11)}`
/** What leaves together is one frame: ten a second bring every value of hundreds of sensors. */
const SUBSCRIBE = JSON.stringify({ action: 'subscribe', filters: {}, batch: true })

/** One connection to the realtime events, from `open` to `close`. */
export class Live {
  readonly link = reactive<Link>({ state: 'connecting', since: Date.now(), retry_at: undefined })
  #socket: WebSocket | undefined
  #attempt = 0
  #round = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  #probe: ReturnType<typeof setInterval> | undefined
  #heard_at = 0
  #lost_at: number | undefined

  constructor(readonly ear: Ear) {}

  /** Connects and keeps connected. */
  open(): void {
    document.addEventListener('visibilitychange', this.#seen)
    window.addEventListener('online', this.retryNow)
    this.#probe = setInterval(() => this.#probeSilence(), 5000)
    this.#connect()
  }

  /** Lets go for good. */
  close(): void {
    document.removeEventListener('visibilitychange', this.#seen)
    window.removeEventListener('online', this.retryNow)
    clearInterval(this.#probe)
    this.#abandon()
  }

  /** Tries at once instead of waiting for the next attempt. */
  retryNow = (): void => {
    if (this.link.state === 'live') return
    this.#attempt = 0
    this.#connect()
  }

  #seen = (): void => {
    if (document.visibilityState !== 'visible') return
    if (this.link.state === 'live') this.#heard_at = 0
    this.retryNow()
    this.#probeSilence()
  }

  /** Forgets the current socket and attempt; whatever they still report is not listened to. */
  #abandon(): void {
    this.#round++
    clearTimeout(this.#retry)
    this.link.retry_at = undefined
    this.#socket?.close(1000, 'Client disconnect')
    this.#socket = undefined
  }

  async #connect(): Promise<void> {
    this.#abandon()
    const round = this.#round
    const current = () => round === this.#round
    try {
      const { ticket } = await call<{ ticket: string }>('POST', '/auth/ws-ticket')
      if (!current()) return
      const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
      const query = `token=${encodeURIComponent(ticket)}`
      const socket = new WebSocket(`${scheme}://${location.host}/api/v1/ws/realtime/${client_id}?${query}`)
      this.#socket = socket
      const patience = setTimeout(() => current() && this.#lost(undefined), 10_000)
      socket.onopen = () => {
        clearTimeout(patience)
        if (current()) this.#opened(socket)
      }
      socket.onmessage = ({ data }) => {
        if (!current()) return
        this.#heard_at = Date.now()
        if (typeof data === 'string') this.ear.frame(data)
      }
      socket.onclose = ({ code }) => {
        clearTimeout(patience)
        if (current()) this.#lost(code)
      }
    } catch {
      if (current()) this.#lost(undefined)
    }
  }

  #opened(socket: WebSocket): void {
    this.#heard_at = Date.now()
    this.link.state = 'live'
    this.link.since = Date.now()
    socket.send(SUBSCRIBE)
    this.ear.live(this.#lost_at)
    this.#lost_at = undefined
  }

  #lost(code: number | undefined): void {
    this.#abandon()
    if (this.link.state === 'live') {
      if (Date.now() - this.link.since > STEADY) this.#attempt = 0
      this.#lost_at = this.link.since = Date.now()
    }
    // 1000 from the server: another socket took this one's place. No race for it, one slow attempt.
    const replaced = code === 1000
    const ceiling = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#attempt++)
    const wait = replaced ? LONGEST_WAIT : ceiling * (0.5 + Math.random() / 2)
    const long = Date.now() - this.link.since > OFFLINE_AFTER
    this.link.state = replaced || long ? 'offline' : 'reconnecting'
    this.link.retry_at = Date.now() + wait
    this.#retry = setTimeout(() => this.#connect(), wait)
  }

  /** Subscribing again changes nothing, but a peer that has forgotten this socket resets it. */
  async #probeSilence(): Promise<void> {
    if (this.link.state !== 'live' || Date.now() - this.#heard_at < SILENCE) return
    const round = this.#round
    this.#heard_at = Date.now()
    this.#socket?.send(SUBSCRIBE)
    await callOpenly('GET', '/health').catch((error) => {
      const silent = error instanceof ApiError && error.status === 0
      if (silent && round === this.#round) this.#lost(undefined)
    })
  }
}
