/**
 * The last 500 events, newest first. What the rate limit left out, and what happened while nobody was connected and
 * could not be brought after, stands in the list as a gap.
 */
import { shallowRef } from 'vue'
import { t } from '../words/index.js'
import { createRows } from './rows.js'

export interface ListedEvent {
  id: number
  kind: 'event'
  at: number
  type: string
  esp_id: string
  topic: string
  data: object
  /** It happened while this page was away. */
  replayed: boolean
}

export interface Gap {
  id: number
  kind: 'gap'
  at: number
  /** What is missing, in the language of the page. */
  sentence: () => string
}

export type Row = ListedEvent | Gap

/** Rows of a list, as the seed has it; and those a pause may gather. */
export const KEPT = 500
export const GATHERED = 5000
const TOGETHER = 5000
let lastId = 0
let leftOut: { id: number; at: number; count: number } | undefined

/** Rows need numbers of their own. */
export const nextId = (): number => ++lastId

/** A gap of rows that did not fit into a pause. */
export const overflow = (count: number, at: number): Gap => ({
  ...{ id: nextId(), kind: 'gap', at },
  sentence: () => t('mqtt_log.overflow', {}, count),
})

const rows = createRows<Row>({ most: KEPT, gathered: GATHERED, overflow })
export const eventList = rows.list
/** Every type that was heard, for the filter. */
export const heardTypes = shallowRef<readonly string[]>([])
/** Holds the list still, or lets in what has gathered. */
export const { pauseOrResume } = rows

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function listed(type: string, at: number, data: object, replayed: boolean): ListedEvent {
  const { esp_id, device_id, topic } = data as Record<string, unknown>
  if (!heardTypes.value.includes(type)) heardTypes.value = [...heardTypes.value, type].sort()
  return {
    ...{ id: nextId(), kind: 'event', at, type, data, replayed },
    ...{ esp_id: text(esp_id) || text(device_id), topic: text(topic) },
  }
}

/** Lists one event. */
export const listEvent = (type: string, at: number, data: object): void =>
  rows.add(listed(type, at, data, false))

/** Lists events where they belong that happened while this page was away. */
export const listMissed = (events: readonly { type: string; at: number; data: object }[]): void =>
  rows.fill(events.map(({ type, at, data }) => listed(type, at, data, true)))

/** Lists that something is missing here. */
export const listGap = (at: number, sentence: () => string): void =>
  rows.add({ id: nextId(), kind: 'gap', at, sentence })

/** Lists how many events the rate limit left out; within five seconds they are counted together. */
export function listLeftOut(at: number, count: number): void {
  const more = leftOut !== undefined && at - leftOut.at < TOGETHER
  leftOut = more ? { ...leftOut!, count: leftOut!.count + count } : { id: nextId(), at, count }
  const { id, at: since, count: total } = leftOut
  const gap: Gap = { id, kind: 'gap', at: since, sentence: () => t('events.left_out', {}, total) }
  if (more) rows.change(gap)
  else rows.add(gap)
}

/** Empties the list and lets it run again. */
export function clearEvents(): void {
  rows.clear()
  leftOut = undefined
}
