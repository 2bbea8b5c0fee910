/**
 * From the text of a frame to what the page knows and lists. A frame that is not of ours is ignored; an event of a type
 * nobody here knows still reaches the list. What happened while the page was away goes into the list alone: what is
 * known is read anew by then.
 */
import type { EventData } from '../../../routing/contract/events.js'
import { heardServerTime, now } from '../clock.js'
import { takeActuatorEvent } from '../store/actuators.js'
import { takeConfigAnswer } from '../store/config-answers.js'
import { take } from '../store/greenhouse.js'
import { takeStopEvent } from '../store/stops.js'
import { t } from '../words/index.js'
import { timeOfDay } from '../words/times.js'
import { listEvent, listGap, listLeftOut, listMissed } from './event-list.js'

/** An event on the wire, before anybody has looked at its type. */
export interface Frame {
  type: string
  timestamp: number
  data: object
  cursor?: unknown
  since?: unknown
  skipped?: unknown
}

interface Missed {
  /** ms, both by the clock of the box. */
  readonly lost_at: number
  readonly until: number
  /** Cursors that were heard since then. */
  readonly heard: Set<string>
  /** How many are still to come. */
  left: number
}

const isFrame = (value: unknown): value is Frame => {
  if (typeof value !== 'object' || value === null) return false
  const { type, data } = value as Partial<Frame>
  return typeof type === 'string' && typeof data === 'object' && data !== null
}

/** The frames in a text: one, those of a batch, or none. */
export function framesIn(text: string): { frames: readonly Frame[]; isBatch: boolean } {
  try {
    const value: unknown = JSON.parse(text)
    const { type, events } = (value ?? {}) as { type?: unknown; events?: unknown }
    if (type === 'batch' && Array.isArray(events)) return { frames: events.filter(isFrame), isBatch: true }
    return { frames: isFrame(value) ? [value] : [], isBatch: false }
  } catch {
    return { frames: [], isBatch: false }
  }
}

export const timeOf = ({ timestamp }: Frame): number =>
  Number.isFinite(timestamp) ? timestamp * 1000 : now.value

let cursor: string | undefined
let missed: Missed | undefined

/** Up to where this page has heard everything. */
export const heardUpTo = (): string | undefined => cursor

/** Nothing was heard yet. */
export function forgetHeard(): void {
  cursor = undefined
  missed = undefined
}

function remember({ cursor: own, since }: Frame): void {
  if (typeof own !== 'string') return
  cursor = typeof since === 'string' ? since : own
  missed?.heard.add(own)
}

function takeEvent(frame: Frame): void {
  const { type, timestamp, data, skipped } = frame
  heardServerTime(timestamp)
  const at = timeOf(frame)
  if (typeof skipped === 'number' && skipped > 0) listLeftOut(at, skipped)
  remember(frame)
  take(type, data)
  takeActuatorEvent(type, data)
  takeStopEvent(type, data)
  if (type === 'config_response') takeConfigAnswer(data as EventData['config_response'])
  listEvent(type, at, data)
}

/** They follow the answer to a replay. */
function takeMissed(frames: readonly Frame[]): void {
  const news = frames.filter((frame) => !missed?.heard.has(String(frame.cursor)))
  listMissed(news.map((frame) => ({ type: frame.type, at: timeOf(frame), data: frame.data })))
  expectNoMore(frames.length)
}

function expectNoMore(came: number): void {
  if (missed) missed.left -= came
  if (missed && missed.left <= 0) missed = undefined
}

/** Says between which times this page heard nothing, and how much of that is known. */
export function listSilence({ lost_at, until }: { lost_at: number; until: number }, how: object = {}): void {
  const { lost = null, some = false } = how as { lost?: number | null; some?: boolean }
  listGap(until, () => {
    const span = { from: timeOfDay(lost_at), to: timeOfDay(until) }
    if (lost !== null && lost > 0) return t('events.silence_lost', span, lost)
    return t(some ? 'events.silence_some' : 'events.silence', span)
  })
}

/** The server was asked for what happened in between. */
export function expectMissed(lost_at: number): void {
  missed = { lost_at, until: now.value, heard: new Set(), left: 0 }
}

/** What stands besides events. */
const answers: Readonly<Record<string, (data: object) => void>> = {
  replay(data) {
    const { complete, missed: lost, events, cursor: next } = data as Record<string, unknown>
    if (!missed) return
    if (complete !== true) listSilence(missed, { lost, some: Number(events) > 0 })
    if (typeof next === 'string') cursor = next
    missed.left = Number(events) || 0
    expectNoMore(0)
  },
  error() {
    if (missed) listSilence(missed)
    missed = undefined
  },
  renewed() {},
  snapshot() {},
}

/** Takes one frame as it came. */
export function takeFrame(text: string): void {
  const { frames, isBatch } = framesIn(text)
  if (isBatch && missed && missed.left > 0) return takeMissed(frames)
  for (const frame of frames) {
    if (Object.hasOwn(answers, frame.type)) answers[frame.type]!(frame.data)
    else takeEvent(frame)
  }
}
