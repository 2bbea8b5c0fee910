/** What a crowd of mocks has said, what of it was acknowledged, and how long that took, from the first to the last. */
import { Histogram, type Quantiles } from '../../routing/histogram.js'
import type { Meter, Outgoing } from '../outbox.js'

export class LoadMeter implements Meter {
  readonly #monotonic: () => number
  /** Of the whole run: time that stands forgets nothing. */
  readonly #latency = new Histogram(() => 0)
  /** When each was said that is not acknowledged yet, and was not forgotten by its device. */
  readonly #asked = new WeakMap<Outgoing, number>()
  /** Each message counts once. */
  published = 0
  /** Of those, at QoS 1: the others are never acknowledged. */
  expected = 0
  /** Said again after a connection broke. */
  repeated = 0

  /** `monotonic` in ms. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  sent(message: Outgoing): void {
    if (this.#asked.has(message)) this.repeated++
    else {
      this.published++
      this.expected += message.qos
    }
    if (message.qos > 0) this.#asked.set(message, this.#monotonic())
  }

  acknowledged(message: Outgoing): void {
    const at = this.#asked.get(message)
    if (at === undefined) return
    this.#asked.delete(message)
    this.#latency.record(this.#monotonic() - at)
  }

  /** From PUBLISH to PUBACK. */
  get latency(): Quantiles {
    return this.#latency.quantiles()
  }
}
