/**
 * The messages that go through the broker, each once: heard on a realtime socket of their own, so that they take nothing
 * from the rate of the events; where people chose MQTT, which does not say such events, read every second. What a limit
 * skipped or a break left out is read from the server's log; what that does not hold any more is a gap.
 */
import { shallowReactive } from 'vue'
import type { MqttMessageEvent } from '../../../routing/contract/mqtt-message.js'
import { call } from '../api.js'
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
  let newest = 0
  let oldest = Number.MAX_SAFE_INTEGER
  let isClosed = false
  let isFirst = true
  let timer: ReturnType<typeof setTimeout> | undefined
  let reading: Promise<void> | undefined
  /** Up to this one nothing is missing, while more is looked for. */
  let complete: number | undefined

  const isNews = ({ id }: MqttMessageEvent): boolean => {
    if (seen.has(id)) return false
    seen.add(id)
    if (seen.size > REMEMBERED) seen.delete(seen.values().next().value!)
    newest = Math.max(newest, id)
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

  /** Reads what is newer than a message, which may be more than the server still has. */
  async function readSince(since: number): Promise<void> {
    const most = isFirst ? first : MOST
    let before = Number.MAX_SAFE_INTEGER
    for (let left = most; left > 0; left -= AT_ONCE) {
      const page = await read(before, Math.min(left, AT_ONCE))
      if (isClosed) return
      take(page)
      if (isFirst) state.isEnd = page.next_before === null
      if (page.data.some(({ id }) => id <= since)) return
      if (page.next_before === null) {
        // Nothing that is left is as old as what is known.
        if (!isFirst && (page.oldest ?? 0) > since + 1) taker.gap((page.data.at(-1)?.at ?? Date.now()) - 1)
        return
      }
      before = page.next_before
    }
    if (!isFirst) taker.gap(Date.now())
  }

  async function catchUp(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const since = complete ?? newest
    complete = undefined
    try {
      await readSince(since)
      isFirst = false
      state.error = ''
    } catch (error) {
      complete = since
      state.error = error instanceof Error ? error.message : String(error)
      if (!isClosed) later(EVERY)
    }
  }
  /** One at a time; who asks meanwhile is answered by the one after. */
  const look = (): void => {
    complete ??= newest
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

  const hear = (text: string): void => {
    for (const { type, data, skipped } of framesIn(text).frames) {
      if (type !== 'mqtt_message') continue
      if (typeof skipped === 'number' && skipped > 0) {
        complete ??= newest
        later(SOON)
      }
      const message = data as MqttMessageEvent
      if (isNews(message)) taker.live(message)
    }
  }

  const listening: Record<Way, () => () => void> = {
    websocket() {
      const rate = mayAct.value ? { rate: 0 } : {}
      const transport = overWebSocket({ filters: { types: ['mqtt_message'] }, batch: true, ...rate })
      const live = new Live({ frame: hear, live: look }, async () => transport)
      live.open()
      return () => live.close()
    },
    mqtt() {
      const interval = setInterval(() => timer === undefined && !reading && look(), EVERY)
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
