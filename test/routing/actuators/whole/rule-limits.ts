/**
 * Nothing is on beyond its limit by more than the second between two looks. What is switched on by a command carries
 * how long it may be, so that a device nobody can reach ends it by itself; what a button switched on is ended as soon
 * as kaiser knows of it for that long and the device can be told. The same for the time somebody gave: kaiser ends
 * it where the device forgets to.
 */
import { type Knowledge, SLEW } from './known.js'
import { ACTUATORS, BY_KEY, keyOf } from './plan.js'
import type { Rule, Scene } from './scene.js'

/** A second between two looks, and half a one between two of ours, ms. */
const CHECK = 1_500
/** A command may take so long to its device; its time counts from when it is seen on, ms. */
const UNDER_WAY = 30_000

interface Given {
  ends: number
  readonly length: number
  readonly told: number
  readonly correlation_id: string
  /** The device says that it did it: it counts as on from then, and what is said to be off after that has ended. */
  answered: boolean
}

export function createLimitsRule(scene: Scene, known: Knowledge): Rule {
  const { time, devices, house, blame, isWell } = scene
  /** When the time of each command that went out ends: saying it again begins no other. */
  const firstEnds = new Map<string, number>()
  /** What the last command that went out gave it. */
  const given = new Map<string, Given>()

  return {
    ordered({ esp_id, gpio, value, duration, correlation_id }) {
      const key = keyOf({ esp_id, gpio })
      const { limit } = BY_KEY.get(key)!
      if (value === 0) return void given.delete(key)
      const length = duration * 1000
      if (limit < Number.POSITIVE_INFINITY) {
        if (length <= 0) blame(`${key} is told to go on without an end (${correlation_id})`)
        const left = limit - known.counted(key)
        if (length > left + 1_000)
          blame(`${key} is told to be on for ${length} ms, ${left} ms are left (${correlation_id})`)
      }
      // What was said and did not leave begins with all its time.
      const hasLeft = house()?.store.actuatorHistory.find(correlation_id)?.state !== 'pending'
      const ends = (hasLeft ? firstEnds.get(correlation_id) : undefined) ?? time.real + length
      firstEnds.set(correlation_id, ends)
      if (length > 0 && time.real + length > ends + 1_000)
        blame(
          `${key} is told again to be on for ${length} ms, which ends ${time.real + length - ends} ms late`,
        )
      if (length > 0)
        given.set(key, { ends: time.real + length, length, told: time.real, correlation_id, answered: false })
      else given.delete(key)
    },
    said({ value, ...place }) {
      const key = keyOf(place)
      const last = given.get(key)
      if (!last || (value > 0 === known.isOn(key) && !(value === 0 && last.answered))) return
      // What took longer is not what it was told.
      if (value === 0 || time.real - last.told > UNDER_WAY) given.delete(key)
      else last.ends = Math.max(last.ends, time.real + last.length)
    },
    announced(event) {
      if (event.type !== 'actuator_response' || !event.data.success) return
      const last = given.get(keyOf(event.data))
      if (last?.correlation_id === event.data.correlation_id) last.answered = true
    },
    killed(power) {
      // It may not remember what it said last.
      if (power) for (const [key, { told }] of given) if (told === time.real) given.delete(key)
    },
    started(_house, passed, shown) {
      // With only the wall clock in between, it may be the whole of it again.
      firstEnds.clear()
      for (const each of given.values()) {
        const rest = Math.max(each.ends - (time.real - passed), 0)
        each.ends = time.real + Math.min(Math.max(rest - Math.min(shown, passed), 0), each.length) + SLEW
      }
    },
    check() {
      for (const each of ACTUATORS) {
        const key = keyOf(each)
        if (devices.get(each.esp_id)!.outputs.get(each.gpio)!.value === 0 || !isWell(each.esp_id)) continue
        if (!known.isOn(key)) continue
        const counted = known.counted(key)
        if (counted > each.limit + CHECK) blame(`${key} is on for ${counted} ms, the limit is ${each.limit}`)
        const last = given.get(key)
        if (last && time.real > last.ends + CHECK)
          blame(
            `${key} is on ${time.real - last.ends} ms after the end of the ${last.length} ms it was given`,
          )
      }
    },
  }
}
