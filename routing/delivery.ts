/**
 * One message on its way to the disk: a member of the group that performs its effects after the commit and
 * settles with the broker after the sync. One object per message, one shape, no closures on the way.
 */
import { Member } from '../storage/group.js'
import type { Refusal } from './contract/codes.js'
import type { TurnedDown } from './contract/identities.js'
import type { Effect } from './effect.js'

/** An MQTT message as it arrived. */
export interface Incoming {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: number
  /** It is meant to be kept for those who subscribe later; an empty one clears what was. */
  readonly retain?: boolean | undefined
  /** The gate let nobody hear it: it is acknowledged and written down, and that is all. */
  readonly turned_down?: TurnedDown | undefined
  /** By what number it is traced; none for those whom nobody follows. */
  readonly trace?: number | undefined
  /** Who it is from, when it is for kaiser alone to do what it says. */
  readonly by?: string | undefined
  /**
   * Keeps what others need of the message, with its own rows; what it returns lets them have it, once that is on disk
   * and before the message is acknowledged.
   */
  readonly also?: () => (() => void) | undefined
}

/** Acknowledges without an error; with one, closes the connection so that the device sends again. */
export type Settle = (error?: Error) => void

/** The client a message came from, as far as routing cares. */
export interface Sender {
  readonly client_id: string
  readonly address: string | null
  /** A newer connection has its client id. */
  readonly taken_over?: boolean
  /** Messages of this client that are not settled yet. */
  waiting: number
  /** Its next messages may be read although this one is not acknowledged. */
  readOn(): void
}

/** What a delivery reports to; none of it may throw. */
export interface Desk {
  /** Performs one effect; `stored` is false while storage fails. */
  perform(effect: Effect, stored: boolean): void
  /** A reading that was shown while storage failed is stored: ask the rules now, if it still matters. */
  evaluateLate(effect: Effect & { kind: 'evaluate' }): void
  /** Its rows are committed, or are not yet, because storage fails. */
  committed(delivery: Delivery, stored: boolean): void
  /** The message is answered: acknowledged, or its connection is closed. */
  settled(delivery: Delivery, acknowledged: boolean): void
  /** Its handler threw, or a row of it can never be written. Queues what is to be kept of it. */
  failed(delivery: Delivery, error: unknown): void
}

const NOTHING: readonly Effect[] = Object.freeze([])

export class Delivery extends Member {
  readonly #desk: Desk
  readonly #settle: Settle
  #over = false
  #letOut: (() => void) | undefined
  readonly message: Incoming
  readonly sender: Sender
  readonly esp_id: string | null
  /** ms since 1970 */
  readonly received_at: number
  /** ms, monotonic */
  readonly started: number
  effects = NOTHING
  /** What became of it: processed, or the code it was refused for. */
  code: Refusal | 'handler_failed' | 'processed' = 'processed'

  constructor(
    desk: Desk,
    message: Incoming,
    sender: Sender,
    esp_id: string | null,
    settle: Settle,
    received_at: number,
    started: number,
  ) {
    super()
    this.#desk = desk
    this.#settle = settle
    this.message = message
    this.sender = sender
    this.esp_id = esp_id
    this.received_at = received_at
    this.started = started
    sender.waiting++
  }

  /** Performs the effects that do not wait for the commit. */
  answer(): void {
    for (const effect of this.effects) if (effect.at_once) this.#desk.perform(effect, true)
  }

  committed(stored: boolean): void {
    for (const effect of this.effects) if (!effect.at_once) this.#desk.perform(effect, stored)
    if (stored) this.effects = NOTHING
    this.#desk.committed(this, stored)
  }

  override caughtUp(): void {
    for (const effect of this.effects) if (effect.kind === 'evaluate') this.#desk.evaluateLate(effect)
    this.effects = NOTHING
    this.#desk.committed(this, true)
  }

  /** Keeps what others need of it. Inside the join only. */
  keep(): void {
    this.#letOut = this.message.also?.()
  }

  durable(): void {
    this.#letOut?.()
    this.#end()
  }

  held(): void {
    // Resending would not help a refusal; it is acknowledged as soon as it is this client's turn, unless others
    // were promised the message.
    if (this.code !== 'processed' && this.sender.waiting === 1 && !this.message.also) this.#end()
    else this.sender.readOn()
  }

  expired(): void {
    this.#letOut?.()
    this.#end(new Error('storage did not take the message in time'))
  }

  failed(error: unknown): void {
    this.effects = NOTHING
    this.code = 'handler_failed'
    this.#desk.failed(this, error)
  }

  #end(error?: Error): void {
    if (this.#over) return
    this.#over = true
    this.sender.waiting--
    this.#desk.settled(this, error === undefined)
    this.#settle(error)
  }
}
