/**
 * From the text of a frame to what the page knows and lists. A frame that is not an event is ignored; an event
 * of a type nobody here knows still reaches the list.
 */

import { heardServerTime } from '../clock.js'
import { takeActuatorEvent } from '../store/actuators.js'
import { take } from '../store/greenhouse.js'
import { takeStopEvent } from '../store/stops.js'
import { t } from '../words/index.js'
import { timeOfDay } from '../words/times.js'
import { listEvent, listGap, listLeftOut } from './event-list.js'

/** An event on the wire, before anybody has looked at its type. */
interface Frame {
  type: string
  timestamp: number
  data: object
  skipped?: unknown
}

const isFrame = (value: unknown): value is Frame => {
  if (typeof value !== 'object' || value === null) return false
  const { type, data } = value as Partial<Frame>
  return typeof type === 'string' && typeof data === 'object' && data !== null
}

/** The events of one frame: itself, or those that left together. */
function eventsIn(text: string): Frame[] {
  try {
    const value: unknown = JSON.parse(text)
    const { type, events } = (value ?? {}) as { type?: unknown; events?: unknown }
    const all = type === 'batch' && Array.isArray(events) ? events : [value]
    return all.filter(isFrame)
  } catch {
    return []
  }
}

/** Takes one frame as it came from the socket. */
export function takeFrame(text: string): void {
  for (const frame of eventsIn(text)) takeEvent(frame)
}

function takeEvent({ type, timestamp, data, skipped }: Frame): void {
  heardServerTime(timestamp)
  const at = Number.isFinite(timestamp) ? timestamp * 1000 : Date.now()
  if (typeof skipped === 'number' && skipped > 0) listLeftOut(at, skipped)
  take(type, data)
  takeActuatorEvent(type, data)
  takeStopEvent(type, data)
  listEvent(type, at, data)
}

/** Says in the list between which times this page heard nothing. */
export function listSilence(lost_at: number): void {
  const until = Date.now()
  listGap(until, () => t('events.silence', { from: timeOfDay(lost_at), to: timeOfDay(until) }))
}
