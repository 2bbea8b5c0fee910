/**
 * How a mock speaks: what it says becomes text on a topic of its own, goes through what is wrong with it, now or
 * later, and out over its connection; what it said is kept to be looked at.
 */
import { format } from '../routing/contract/topics.js'
import type { Clock } from './clock.js'
import type { Connection } from './connection.js'
import type { Afflictions } from './faults/afflictions.js'
import type { Spoken } from './faults/fault.js'
import type { Messages } from './messages.js'

export interface VoiceOptions {
  readonly esp_id: string
  readonly kaiser_id: string
  readonly clock: Clock
  readonly connection: Connection
  readonly faults: Afflictions
  readonly messages: Messages
  /** Without power nothing is said, nor what comes late. */
  readonly isOn: () => boolean
}

export class Voice {
  readonly #options: VoiceOptions

  constructor(options: VoiceOptions) {
    this.#options = options
  }

  /** True when it goes out, or waits. */
  say(template: string, levels: { gpio?: number }, payload: object, qos: 0 | 1): boolean {
    const { esp_id, kaiser_id, faults, clock, isOn } = this.#options
    if (!isOn()) return false
    const topic = format<string>(template, { kaiser_id, esp_id, ...levels } as never)
    const message: Spoken = { topic, payload: JSON.stringify(payload), qos, retain: false }
    if (!faults.any) return this.#publish(message)
    let taken = false
    for (const { delay_ms, ...sending } of faults.send(message)) {
      if (delay_ms > 0) clock.after(delay_ms, () => isOn() && this.#publish(sending))
      taken = delay_ms > 0 || this.#publish(sending) || taken
    }
    return taken
  }

  #publish(message: Spoken): boolean {
    const { topic, payload, qos } = message
    const { connection, messages, clock } = this.#options
    const taken = connection.publish(message)
    if (taken) messages.add({ topic, payload, timestamp: clock.now(), qos, sent: true })
    return taken
  }
}
