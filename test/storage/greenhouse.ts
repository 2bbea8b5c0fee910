/** What devices say in these tests, and somebody who watches kaiser's realtime events. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { setUp } from '../support/administrator.js'
import type { OpenApp, Teardown } from '../support/app.js'

export const NOW = Date.now()

export const dataTopic = (esp_id: string, gpio = 4): string => `kaiser/god/esp/${esp_id}/sensor/${gpio}/data`

/** A reading whose value and number are `n`, measured `n` ms after a moment of today. */
export const data = (esp_id: string, n: number, gpio = 4): object => ({
  ts: NOW - 100_000 + n,
  esp_id,
  gpio,
  sensor_type: 'ds18b20',
  raw: n,
  raw_mode: true,
  seq: n,
})

export const heartbeatTopic = (esp_id: string): string => `kaiser/god/esp/${esp_id}/system/heartbeat`
export const heartbeat = (uptime: number): object => ({
  ts: NOW,
  uptime,
  heap_free: 200_000,
  wifi_rssi: -60,
  sensor_count: 1,
})

export interface Event {
  type: string
  data: Record<string, unknown>
}

/** Listens to all realtime events; what was heard is in the list. */
export async function watch(t: Teardown, app: OpenApp): Promise<Event[]> {
  const { access_token } = await setUp(app.origin)
  const url = `${app.origin.replace('http', 'ws')}/api/v1/ws/realtime/watcher?token=${access_token}`
  const socket = new WebSocket(url)
  t.teardown(() => socket.terminate())
  const events: Event[] = []
  socket.on('message', (bytes) => events.push(JSON.parse(bytes.toString())))
  await once(socket, 'open')
  return events
}

/** The kinds of system_event heard, in order. */
export const systemEvents = (events: Event[]): unknown[] =>
  events.filter(({ type }) => type === 'system_event').map(({ data }) => data.event_type)

/** The longest time the event loop did nothing else, ms, from now until it is asked. */
export function longestStall(): () => number {
  let longest = 0
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }, 5)
  return () => {
    clearInterval(timer)
    return longest
  }
}
