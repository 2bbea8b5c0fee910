/**
 * What is wanted is what the last command that was accepted says, until a button or a stop says otherwise. Who comes
 * back is told OFF when that is wanted. It is told to go on again only when that was done before and is still wanted,
 * and never for longer than the rest of the time it was given, whatever the wall clock does.
 */
import { type Knowledge, SLEW } from './known.js'
import { ACTUATORS, BY_KEY, covers, keyOf, type Scope } from './plan.js'
import { type Rule, type Scene, SOON } from './scene.js'

export interface WishesRule extends Rule {
  /** Somebody pressed the button of an actuator. */
  pressed(key: string): void
  stopped(scope: Scope): void
}

interface Wish {
  readonly value: number
  readonly at: number
  /** By real time. */
  ends: number
  readonly length: number
  /**
   * It was on, and kaiser did not know: by a button, or by a command that a report does not name, or that was lost
   * with the power. kaiser cannot tell whether that came first.
   */
  readonly blind: boolean
  correlation_id: string
  state: string
}

const KEEP = 5_000
const EVER = Number.POSITIVE_INFINITY

export function createWishesRule(scene: Scene, known: Knowledge): WishesRule {
  const { time, devices, wires, house, blame, isWell, lied } = scene
  const wishes = new Map<string, Wish>()
  const seen = new Set<string>()
  /** When, and whether kaiser has heard of it. */
  const presses = new Map<string, { at: number; heard: boolean }>()

  const accept = (key: string, value: number, duration: number, correlation_id: string): void => {
    const length = duration > 0 ? duration * 1000 : EVER
    const state = 'pending'
    const { esp_id, gpio } = BY_KEY.get(key)!
    const device = devices.get(esp_id)!
    const output = device.outputs.get(gpio)!
    const isNamed = device.style.echoes && house()?.store.actuatorHistory.find(output.correlation_id ?? '')
    const blind = presses.get(key)?.heard === false || (output.value > 0 && !known.isOn(key) && !isNamed)
    wishes.set(key, { value, at: time.real, ends: time.real + length, length, blind, correlation_id, state })
  }

  return {
    pressed: (key) => void presses.set(key, { at: time.real, heard: false }),
    said(said) {
      const press = presses.get(keyOf(said))
      if (press) press.heard = true
    },
    killed() {
      // What was not on disk may be forgotten, and what it replaced is wanted again: nobody knows.
      for (const [key, { at }] of wishes) if (at === time.real) wishes.delete(key)
    },
    stopped(scope) {
      for (const each of ACTUATORS) if (covers(scope, each)) accept(keyOf(each), 0, 0, '')
    },
    announced(event) {
      if (event.type !== 'actuator_command' && event.type !== 'actuator_command_failed') return
      const { esp_id, gpio, value, duration, correlation_id, state, issued_by } = event.data
      const key = keyOf({ esp_id, gpio })
      const wish = wishes.get(key)
      if (wish?.correlation_id === correlation_id) wish.state = state
      else if (!seen.has(correlation_id) && (state === 'pending' || (state === 'failed' && value === 0))) {
        seen.add(correlation_id)
        if (issued_by === 'reassert' && wish) Object.assign(wish, { correlation_id, state })
        else accept(key, value ?? 0, duration ?? 0, correlation_id)
      }
    },
    ordered({ esp_id, gpio, value, duration, correlation_id, issued_by }) {
      const key = keyOf({ esp_id, gpio })
      const wish = wishes.get(key)
      if (!wish) return
      // Its time counts from when it goes out.
      if (wish.correlation_id === correlation_id && wish.state === 'pending')
        wish.ends = time.real + wish.length
      if (issued_by !== 'reassert' || value === 0) return
      if (wish.value === 0) return blame(`${key} is told to go on again, and nobody wants it`)
      const isMadeUpFor = wish.correlation_id !== correlation_id && wish.state !== 'done'
      if (isMadeUpFor)
        blame(`${key} is told to go on again by what was ${wish.state} (${wish.correlation_id})`)
      if (time.real + duration * 1000 > wish.ends + 1_000)
        blame(`${key} is told to go on again ${time.real + duration * 1000 - wish.ends} ms beyond its time`)
    },
    started(_house, passed, shown) {
      for (const wish of wishes.values()) {
        const rest = Math.max(wish.ends - (time.real - passed), 0)
        wish.ends = time.real + Math.min(Math.max(rest - Math.min(shown, passed), 0), wish.length) + SLEW
      }
    },
    check() {
      for (const { esp_id, gpio } of ACTUATORS) {
        const key = keyOf({ esp_id, gpio })
        const wish = wishes.get(key)
        const { since } = wires.get(esp_id)!
        if (!wish || wish.value > 0 || wish.at >= since || time.real - since < SOON + KEEP) continue
        if (
          wish.blind ||
          (presses.get(key)?.at ?? -1) >= wish.at ||
          lied(esp_id) >= wish.at ||
          !isWell(esp_id)
        )
          continue
        if (devices.get(esp_id)!.outputs.get(gpio)!.value > 0)
          blame(`${key} came back on, and is not told OFF, which is wanted since ${wish.at}`)
      }
    },
  }
}
