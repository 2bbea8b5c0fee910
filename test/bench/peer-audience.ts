/**
 * The dashboards of the peer, as a plain ws server has them: whoever says nothing shares one text of every reading;
 * whoever subscribes with a filter gets what it asked for, serialised for each, and over its limit nothing.
 */
import type { WebSocket } from 'ws'

interface Event {
  type: string
  data: { esp_id: string; sensor_type?: string }
}

interface Wish {
  types: ReadonlySet<string> | undefined
  esp_ids: ReadonlySet<string> | undefined
  /** Frames a second; 0 for no limit. */
  rate: number
  /** The second, and how many were sent in it. */
  second: number
  sent: number
}

const DEFAULT_RATE = 10
const listed = (words?: readonly string[]): ReadonlySet<string> | undefined =>
  words && words.length > 0 ? new Set(words) : undefined

export function createAudience() {
  const dashboards = new Map<WebSocket, Wish | undefined>()

  const wishOf = (text: string): Wish => {
    const { filters, rate = DEFAULT_RATE } = JSON.parse(text) as {
      filters?: { types?: string[]; esp_ids?: string[] }
      rate?: number
    }
    return { types: listed(filters?.types), esp_ids: listed(filters?.esp_ids), rate, second: 0, sent: 0 }
  }

  const wants = ({ types, esp_ids }: Wish, { type, data }: Event): boolean =>
    (types?.has(type) ?? true) && (esp_ids?.has(data.esp_id) ?? true)

  const mayHave = (wish: Wish): boolean => {
    const second = Math.floor(Date.now() / 1000)
    if (wish.second !== second) Object.assign(wish, { second, sent: 0 })
    return wish.rate === 0 || wish.sent++ < wish.rate
  }

  return {
    join(dashboard: WebSocket): void {
      dashboards.set(dashboard, undefined)
      dashboard.on('message', (text) => void dashboards.set(dashboard, wishOf(String(text))))
      dashboard.once('close', () => dashboards.delete(dashboard))
      dashboard.on('error', () => {})
    },
    get isEmpty(): boolean {
      return dashboards.size === 0
    },
    /** `urgent` passes every limit. */
    tell(event: Event, urgent = false): void {
      let shared: string | undefined
      for (const [dashboard, wish] of dashboards) {
        if (!wish) {
          shared ??= JSON.stringify(event)
          dashboard.send(shared)
        } else if (wants(wish, event) && (urgent || mayHave(wish))) dashboard.send(JSON.stringify(event))
      }
    },
  }
}
