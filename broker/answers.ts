/**
 * Which answer each Packet Identifier waits for that was sent to a clean session: PUBACK for QoS 1, PUBREC and then
 * PUBCOMP for QoS 2 [MQTT-4.3.2-1] [MQTT-4.3.3-1]. A wrong one breaks the protocol [MQTT-4.8.0-1]; one nobody waits
 * for means nothing. Sessions that last keep their own account (sessions/lasting-session.ts); of theirs only what was
 * told to a device is here.
 */
import { violates } from './violation.js'

type Answer = 'puback' | 'pubrec' | 'pubcomp'

const LAST_PACKET_ID = 65_535

export class Answers {
  readonly #awaited = new Map<number, Answer>()
  /** Who wants to know when it is acknowledged; most messages have nobody. */
  #acknowledged: Map<number, () => void> | undefined
  #last = 0

  /** A Packet Identifier that waits for nothing. [MQTT-2.3.1-4] */
  next(): number {
    // A client that answers nothing: whatever it says of the oldest now means nothing.
    if (this.#awaited.size >= LAST_PACKET_ID) this.#forget(this.#awaited.keys().next().value!)
    do this.#last = this.#last >= LAST_PACKET_ID ? 1 : this.#last + 1
    while (this.#awaited.has(this.#last))
    return this.#last
  }

  /** It waits now. */
  expect(id: number, qos: 1 | 2, acknowledged?: () => void): void {
    this.#awaited.set(id, qos === 1 ? 'puback' : 'pubrec')
    if (!acknowledged) return
    this.#acknowledged ??= new Map()
    this.#acknowledged.set(id, acknowledged)
  }

  awaits(id: number): boolean {
    return this.#awaited.has(id)
  }

  /** Takes an answer. Throws a Violation when another one is due. */
  take(answer: Answer, id: number): void {
    const awaited = this.#awaited.get(id)
    if (awaited === undefined) return
    // PUBREC may come again until its PUBREL has arrived.
    if (awaited !== answer && !(awaited === 'pubcomp' && answer === 'pubrec'))
      violates('MQTT-4.8.0-1', `${answer.toUpperCase()} where ${awaited.toUpperCase()} of ${id} is due`)
    if (answer === 'pubrec') return void this.#awaited.set(id, 'pubcomp')
    const acknowledged = this.#acknowledged?.get(id)
    this.#forget(id)
    acknowledged?.()
  }

  #forget(id: number): void {
    this.#awaited.delete(id)
    this.#acknowledged?.delete(id)
  }
}
