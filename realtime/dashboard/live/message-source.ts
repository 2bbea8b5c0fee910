/**
 * The messages that go through the broker, each once: heard on a realtime socket of their own, so that they take nothing
 * from the rate of the events; where people chose MQTT, which does not say such events, read every second. What is not
 * said there (topics outside of kaiser/, for those who may read them), what a limit skipped and what a break left out is
 * read from the server's log; what that does not hold any more is a gap.
 */
import { shallowReactive } from 'vue'
import type { MqttMessageEvent } from '../../../routing/contract/mqtt-message.js'
import { call, sentenceOf } from '../api.js'
import { now } from '../clock.js'
import { mayAct } from '../session.js'
import { framesIn } from './frames.js'
import { Live } from './live.js'
import { overWebSocket } from './transport-websocket.js'
import { type Way, way } from './ways.js'

export interface Taker {
  /** One came just now. */
  live(message: MqttMessageEvent): void
  /** They are in the log, newest first. */
  found(messages: readonly MqttMessageEvent[]): void
  /** By now it is known what became of one. */
  settled?(message: MqttMessageEvent): void
  /** Before this time some are missing. */
  gap(at: number): void
}

interface Page {
  readonly data: readonly MqttMessageEvent[]
  readonly next_before: number | null
  /** The first that is kept. */
  readonly oldest: number | null
  readonly newest: number | null
  readonly lost: number
}

export interface MessageSource {
  readonly state: {
    error: string
    /** The server has nothing older; `lost` made room there since it started. */
    isEnd: boolean
    lost: number
  }
  /** Takes older ones; resolves when `found` was told. Throws ApiError. */
  older(): Promise<void>
  close(): void
}

const EVERY = 1000
const BESIDE = 2000
const SOON = 300
/** Messages of one answer, and of one gap that is closed. */
const AT_ONCE = 500
const MOST = 5000
/** Numbers that are remembered, so that none is told twice. */
const REMEMBERED = 2 * MOST

const read = (before: number, limit: number): Promise<Page> =>
  call<Page>('GET', `/mqtt/messages?before=${before}&limit=${limit}`)

/** Begins with the last `first` of the log, and hears what comes until it is closed. */
export function hearMessages(taker: Taker, first: number): MessageSource {
  const state = shallowReactive({ error: '', isEnd: false, lost: 0 })
  const seen = new Set<number>()
  const waiting = new Set<number>()
  let oldest = Number.MAX_SAFE_INTEGER
  let isClosed = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let reading: Promise<void> | undefined
  /** Up to this one nothing is missing. */
  let complete = 0
  /** A limit left out some. */
  let isBehind = false

  const isNews = ({ id }: MqttMessageEvent): boolean => {
    if (seen.has(id)) return false
    seen.add(id)
    if (seen.size > REMEMBERED) seen.delete(seen.values().next().value!)
    oldest = Math.min(oldest, id)
    return true
  }

  function take({ data, lost }: Page): void {
    state.lost = lost
    for (const message of data) {
      if (message.outcome === 'waiting') waiting.add(message.id)
      else if (waiting.delete(message.id)) taker.settled?.(message)
    }
    const news = data.filter(isNews)
    if (news.length > 0) taker.found(news)
  }

  /** Reads what is newer than all that is known, which may be more than the server still has. */
  async function readNewer(): Promise<void> {
    const since = complete
    const isFirst = since === 0
    let before = Number.MAX_SAFE_INTEGER
    for (let left = isFirst ? first : MOST; left > 0; left -= AT_ONCE) {
      const page = await read(before, Math.min(left, AT_ONCE))
      if (isClosed) return
      take(page)
      // What comes between two answers is read the next time.
      if (before === Number.MAX_SAFE_INTEGER) complete = page.newest ?? 0
      if (isFirst) state.isEnd = page.next_before === null
      if (page.data.some(({ id }) => id <= since)) return
      if (page.next_before === null) {
        // Nothing that is left is as old as what is known.
        if (!isFirst && (page.oldest ?? 0) > since + 1) taker.gap((page.data.at(-1)?.at ?? now.value) - 1)
        return
      }
      before = page.next_before
    }
    if (!isFirst) taker.gap(now.value)
  }

  async function catchUp(): Promise<void> {
    const since = complete
    isBehind = false
    try {
      await readNewer()
      state.error = ''
    } catch (error) {
      complete = since
      isBehind = true
      state.error = sentenceOf(error)
      if (!isClosed) later(EVERY)
    }
  }
  /** One at a time; who asks meanwhile is answered by the one after. */
  const look = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (reading) return later(SOON)
    reading = catchUp().finally(() => {
      reading = undefined
    })
  }
  const later = (ms: number): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      look()
    }, ms)
  }

  const idle = (): boolean => timer === undefined && !reading

  const hear = (text: string): void => {
    for (const { type, data, skipped } of framesIn(text).frames) {
      if (type !== 'mqtt_message') continue
      const message = data as MqttMessageEvent
      if (isNews(message)) taker.live(message)
      if (typeof skipped === 'number' && skipped > 0) isBehind = true
      if (isBehind) later(SOON)
      // Whoever may not act may not hear what is said beside.
      else if (!mayAct.value && complete > 0) complete = Math.max(complete, message.id)
    }
  }

  const listening: Record<Way, () => () => void> = {
    websocket() {
      const rate = mayAct.value ? { rate: 0 } : {}
      const transport = overWebSocket({ filters: { types: ['mqtt_message'] }, batch: true, ...rate })
      const live = new Live({ frame: hear, live: look }, async () => transport)
      live.open()
      const interval = setInterval(
        () => mayAct.value && live.link.state === 'live' && idle() && look(),
        BESIDE,
      )
      return () => {
        clearInterval(interval)
        live.close()
      }
    },
    mqtt() {
      const interval = setInterval(() => idle() && look(), EVERY)
      look()
      return () => clearInterval(interval)
    },
  }
  const stop = listening[way.value]()

  return {
    state,
    async older() {
      const page = await read(oldest, AT_ONCE)
      if (isClosed) return
      state.isEnd = page.next_before === null
      take(page)
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      stop()
    },
  }
}
