/**
 * The sensors of a mock: each measured at its own interval, and whenever somebody asks. A value that somebody set
 * holds until it is cleared; else it is what the sensor's pattern says.
 */
import type { MockOverride, MockSensor } from '../routing/contract/mock.js'
import { fromDevice } from '../routing/contract/topics.js'
import type { Board } from './board.js'
import type { Timer } from './clock.js'
import { type Course, type Kept, startCourse } from './patterns/index.js'
import { createRandom, type Random } from './random.js'
import { readingOf } from './reading.js'

interface Running {
  readonly sensor: MockSensor
  readonly course: Course
  readonly random: Random
  timer: Timer | undefined
  last: number | undefined
  /** When that was. */
  at: number | undefined
}

export interface Measured {
  readonly key: string
  readonly sensor: MockSensor
  readonly value: number
}

export class Sensors {
  readonly #board: Board
  readonly #running = new Map<string, Running>()
  #on = false
  /** Hears every measurement of an interval: offline rules live on it. */
  #hear: (measured: Measured) => void

  constructor(board: Board, hear: (measured: Measured) => void) {
    this.#board = board
    this.#hear = hear
    for (const [key, sensor] of this.entries()) this.#make(key, sensor)
  }

  /** All it has, by key: its own, at the interval it was told, and what it was told to have. */
  entries(): [key: string, sensor: MockSensor][] {
    const { config, state } = this.#board
    const told = state.pushed.sensors ?? {}
    return [
      ...Object.entries(config.sensors).map(([key, own]): [string, MockSensor] => {
        const interval_seconds = told[key]?.interval_seconds
        return [key, interval_seconds === undefined ? own : { ...own, interval_seconds }]
      }),
      ...Object.entries(told).filter(([key]) => !config.sensors[key]),
    ]
  }

  get all(): MockSensor[] {
    return this.entries().map(([, sensor]) => sensor)
  }

  /** Those of a gpio, by key. */
  on(gpio: number): [key: string, sensor: MockSensor][] {
    return this.entries().filter(([, sensor]) => sensor.gpio === gpio)
  }

  /** Power is on. They are measured at once when there is somebody to tell. */
  start(): void {
    this.#on = true
    for (const key of this.#running.keys()) this.#wait(key)
  }

  stop(): void {
    this.#on = false
    for (const running of this.#running.values()) running.timer?.stop()
  }

  /** Every sensor, now. */
  measureAll(): void {
    for (const key of this.#running.keys()) this.measure(key)
  }

  /** Measures one and says so; undefined when there is none. */
  measure(key: string): Measured | undefined {
    const running = this.#running.get(key)
    if (!running) return undefined
    const { sensor, course } = running
    const { clock, config, faults } = this.#board
    const override: MockOverride | undefined = config.manual_overrides[key]
    const value = faults.measure(key, sensor, override ? override.raw_value : course.value(clock.now()))
    running.last = value
    running.at = clock.now()
    this.#board.say(
      fromDevice.sensorData,
      { gpio: sensor.gpio },
      readingOf(this.#board, sensor, value, override?.quality ?? sensor.quality),
      1,
    )
    const measured = { key, sensor, value }
    this.#hear(measured)
    return measured
  }

  /** The last value of a sensor; undefined when it was not measured yet. */
  lastOf = (key: string): number | undefined => this.#running.get(key)?.last

  /** When a sensor was measured last, ms since 1970; undefined when it was not yet. */
  lastAt = (key: string): number | undefined => this.#running.get(key)?.at

  /** A sensor is new, has changed, or is gone. */
  renew(key: string): void {
    this.#running.get(key)?.timer?.stop()
    this.#running.delete(key)
    delete this.#board.state.patterns[key]
    const entry = this.entries().find(([one]) => one === key)
    if (!entry) return
    this.#make(...entry)
    if (this.#on) this.#wait(key)
  }

  /** What goes on after a restart, by sensor. */
  snapshot(): Record<string, Kept> {
    const kept: Record<string, Kept> = {}
    for (const [key, { course }] of this.#running) {
      const memory = course.snapshot?.()
      if (memory && Object.keys(memory).length > 0) kept[key] = memory
    }
    return kept
  }

  #make(key: string, sensor: MockSensor): void {
    const { esp_id, config, world, state, readSeries } = this.#board
    // Numbers of its own: whatever a device hears and says meanwhile, the same seed gives the same values.
    const random = createRandom(`${config.seed ?? ''}/${esp_id}/${key}`)
    const course = startCourse(
      sensor,
      { random, world, lastOf: this.lastOf, ...(readSeries && { readSeries }) },
      state.patterns[key],
    )
    this.#running.set(key, { sensor, course, random, timer: undefined, last: undefined, at: undefined })
  }

  /** The first time after a part of its interval: many sensors do not speak in the same moment. */
  #wait(key: string): void {
    const running = this.#running.get(key)!
    const { clock } = this.#board
    const ms = running.sensor.interval_seconds * 1000
    running.timer?.stop()
    running.timer = clock.after(ms * running.random(), () => {
      this.measure(key)
      running.timer = clock.every(ms, () => this.measure(key))
    })
  }
}
