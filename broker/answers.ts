/**
 * Which answer each Packet Identifier waits for that was sent to a clean session: PUBACK for QoS 1, PUBREC and then
 * PUBCOMP for QoS 2 [MQTT-4.3.2-1] [MQTT-4.3.3-1]. A wrong one breaks the protocol [MQTT-4.8.0-1]; one nobody waits
 * for means nothing. Sessions that last keep their own account (sessions/lasting-session.ts).
 */
import { violates } from './violation.js'

type Answer = 'puback' | 'pubrec' | 'pubcomp'

const LAST_PACKET_ID = 65_535

export class Answers {
  readonly #awaited = new Map<number, Answer>()
  #last = 0

  /** A Packet Identifier that waits for nothing [MQTT-2.3.1-4]; it waits now. */
  next(qos: 1 | 2): number {
    // A client that answers nothing: whatever it says of the oldest now means nothing.
    if (this.#awaited.size >= LAST_PACKET_ID) this.#awaited.delete(this.#awaited.keys().next().value!)
    do this.#last = this.#last >= LAST_PACKET_ID ? 1 : this.#last + 1
    while (this.#awaited.has(this.#last))
    this.#awaited.set(this.#last, qos === 1 ? 'puback' : 'pubrec')
    return this.#last
  }

  /** Takes an answer. Throws a Violation when another one is due. */
  take(answer: Answer, id: number): void {
    const awaited = this.#awaited.get(id)
    if (awaited === undefined) return
    // PUBREC may come again until its PUBREL has arrived.
    if (awaited !== answer && !(awaited === 'pubcomp' && answer === 'pubrec'))
      violates('MQTT-4.8.0-1', `${answer.toUpperCase()} where ${awaited.toUpperCase()} of ${id} is due`)
    if (answer === 'pubrec') this.#awaited.set(id, 'pubcomp')
    else this.#awaited.delete(id)
  }
}
