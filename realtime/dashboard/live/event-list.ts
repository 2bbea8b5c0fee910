/**
 * The last 200 events, newest first. Paused, the list stands still while new ones gather behind it; what the
 * rate limit left out, and what happened while nobody was connected, stands in the list as a gap.
 */
import { shallowReactive } from 'vue'
import { t } from '../words/index.js'

export interface ListedEvent {
  id: number
  kind: 'event'
  at: number
  type: string
  esp_id: string
  topic: string
  data: object
}

export interface Gap {
  id: number
  kind: 'gap'
  at: number
  /** What is missing, in the language of the page. */
  sentence: () => string
}

export type Row = ListedEvent | Gap

const KEPT = 200
const TOGETHER = 5000
let waiting: Row[] = []
let lastId = 0
let leftOut: { id: number; at: number; count: number } | undefined

export const eventList = shallowReactive({
  rows: [] as readonly Row[],
  paused: false,
  /** How many rows arrived during the pause. */
  waiting: 0,
  /** Every type that was heard, for the filter. */
  types: [] as readonly string[],
})

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function add(row: Row): void {
  if (!eventList.paused) {
    eventList.rows = [row, ...eventList.rows].slice(0, KEPT)
    return
  }
  waiting = [row, ...waiting].slice(0, KEPT)
  eventList.waiting++
}

/** Lists one event. */
export function listEvent(type: string, at: number, data: object): void {
  const { esp_id, device_id, topic } = data as Record<string, unknown>
  if (!eventList.types.includes(type)) eventList.types = [...eventList.types, type].sort()
  add({
    ...{ id: ++lastId, kind: 'event', at, type, data },
    ...{ esp_id: text(esp_id) || text(device_id), topic: text(topic) },
  })
}

/** Lists that something is missing here. */
export const listGap = (at: number, sentence: () => string): void =>
  add({ id: ++lastId, kind: 'gap', at, sentence })

/** Lists how many events the rate limit left out; within five seconds they are counted together. */
export function listLeftOut(at: number, count: number): void {
  const more = leftOut !== undefined && at - leftOut.at < TOGETHER
  leftOut = more ? { ...leftOut!, count: leftOut!.count + count } : { id: lastId + 1, at, count }
  const total = leftOut.count
  const sentence = () => t('events.left_out', {}, total)
  if (!more) {
    listGap(at, sentence)
    return
  }
  const { id } = leftOut
  const counted = (row: Row): Row => (row.id === id ? { id, kind: 'gap', at: leftOut!.at, sentence } : row)
  eventList.rows = eventList.rows.map(counted)
  waiting = waiting.map(counted)
}

/** Holds the list still, or lets in what has gathered. */
export function pauseOrResume(): void {
  eventList.paused = !eventList.paused
  if (eventList.paused) return
  eventList.rows = [...waiting, ...eventList.rows].slice(0, KEPT)
  waiting = []
  eventList.waiting = 0
}

/** Empties the list and lets it run again. */
export function clearEvents(): void {
  waiting = []
  eventList.paused = false
  eventList.waiting = 0
  eventList.rows = []
}
