/**
 * What waits for one realtime client while it may not be sent to: sensor values as the latest per sensor, other events
 * in a bounded queue. Both are in the order of their coming. A thousand clients may let every value wait, so a value
 * costs each of them a place in a list; which of them a later one has replaced, all clients share.
 */
import type { Event, EventData } from '../routing/contract/events.js'

interface Sensor {
  /** How many of its values have waited for somebody. */
  values: number
}

/** The sensors of which values wait, for all clients of one hub. */
export type Sensors = Map<string, Sensor>

/** An event, serialised once for all subscribers. */
export interface Frame {
  readonly event: Event
  readonly text: string
  /** The how many-th event of this start of kaiser; 0 for one that nobody can replay. */
  readonly seq: number
  readonly boot: string
  readonly sensors: Sensors
  /** The sensor it is a value of, and the how many-th; known when it has waited for somebody. */
  sensor?: Sensor | undefined
  value?: number
}

const QUEUED = 200
/** Values that wait before those that were replaced are looked for; another number each time, or all clients would at once. */
const ROOM = 64
const roomFor = (kept: number): number => 2 * kept + ROOM * (1 + Math.random())

/** Once, however many clients it waits for. */
function count(frame: Frame, { esp_id, gpio, sensor_type, address }: EventData['sensor_data']): void {
  const { sensors } = frame
  const key = `${esp_id} ${gpio} ${sensor_type} ${address}`
  let sensor = sensors.get(key)
  if (!sensor) {
    sensor = { values: 0 }
    sensors.set(key, sensor)
  }
  frame.sensor = sensor
  frame.value = ++sensor.values
}

const isReplaced = ({ sensor, value }: Frame): boolean => sensor!.values !== value

export class Waiting {
  /** From `#first` on. Some of them may have been replaced since they were last looked through. */
  readonly #values: Frame[] = []
  #first = 0
  #settled = true
  #room = roomFor(0)
  #queue: Frame[] = []
  #lastWasValue = true
  #leftOut = 0

  get isEmpty(): boolean {
    return this.#queue.length === 0 && this.#first === this.#values.length
  }

  add(frame: Frame): void {
    const { event } = frame
    if (event.type === 'sensor_data') {
      if (!frame.sensor) count(frame, event.data)
      this.#settled = false
      if (this.#values.push(frame) > this.#room) this.#settle()
      return
    }
    this.#queue.push(frame)
    if (this.#queue.length <= QUEUED) return
    this.#queue.shift()
    this.#leftOut++
  }

  /** How many were left out since this was last asked. */
  leftOut(): number {
    this.#settle()
    const leftOut = this.#leftOut
    this.#leftOut = 0
    return leftOut
  }

  /** Takes out what is sent next: an event and a value in turn, so that neither keeps the other from being sent. */
  next(): Frame | undefined {
    this.#settle()
    const value = this.#values[this.#first]
    this.#lastWasValue = value !== undefined && (this.#queue.length === 0 || !this.#lastWasValue)
    if (!this.#lastWasValue) return this.#queue.shift()
    if (++this.#first === this.#values.length) this.#filter(() => false)
    return value
  }

  /** The oldest event that waits; undefined when none does that could be replayed. */
  get oldest(): number | undefined {
    this.#settle()
    const queued = this.#queue.find(({ seq }) => seq > 0)?.seq
    const value = this.#values[this.#first]?.seq
    return queued === undefined || value === undefined ? (queued ?? value) : Math.min(queued, value)
  }

  /** Only these go on waiting. */
  keep(which: (frame: Frame) => boolean): void {
    this.#settle()
    this.#queue = this.#queue.filter(which)
    this.#filter(which)
  }

  /** Lets go of values that have been replaced. */
  #settle(): void {
    if (this.#settled) return
    this.#settled = true
    const waited = this.#values.length - this.#first
    this.#filter((frame) => !isReplaced(frame))
    this.#leftOut += waited - this.#values.length
    this.#room = roomFor(this.#values.length)
  }

  #filter(which: (frame: Frame) => boolean): void {
    const values = this.#values
    let kept = 0
    for (let at = this.#first; at < values.length; at++) if (which(values[at]!)) values[kept++] = values[at]!
    values.length = kept
    this.#first = 0
  }
}
