/**
 * Wills of clients that are connected [MQTT-3.1.2-8], on disk because this process may be what dies. What is
 * found at a start was left by a kaiser that was killed.
 */
import type { Rowed, StateStore, StoredRows } from './state-store.js'

/** A Will as Aedes has it: a packet that also says whose it is. */
export interface WillPacket {
  topic: string
  payload: Buffer | string
  qos: number
  retain: boolean
  brokerId?: string
  clientId?: string
}

export class Will implements Rowed {
  readonly table = 'mqtt_wills'
  readonly client_id: string
  readonly packet: WillPacket
  gone = false
  written = false

  constructor(client_id: string, packet: WillPacket) {
    this.client_id = client_id
    this.packet = packet
  }

  key(): object {
    return { client_id: this.client_id }
  }

  row(): object | undefined {
    if (this.gone) return undefined
    const { topic, payload, qos, retain } = this.packet
    return {
      client_id: this.client_id,
      topic,
      payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
      qos: qos ?? 0,
      retain: retain ? 1 : 0,
    }
  }
}

/** Stands for the broker that was killed: every start has a name of its own. */
export const BEFORE = 'before'

export class Wills {
  readonly #store: StateStore
  readonly #wills = new Map<string, Will>()

  constructor(store: StateStore) {
    this.#store = store
  }

  find(client_id: string): Will | undefined {
    return this.#wills.get(client_id)
  }

  all(): Will[] {
    return [...this.#wills.values()]
  }

  put(client_id: string, packet: WillPacket): void {
    this.remove(client_id)
    const will = new Will(client_id, packet)
    this.#wills.set(client_id, will)
    this.#store.note(will)
  }

  remove(client_id: string): Will | undefined {
    const will = this.#wills.get(client_id)
    if (!will) return undefined
    this.#wills.delete(client_id)
    will.gone = true
    this.#store.note(will)
    return will
  }

  load(rows: StoredRows): void {
    for (const { client_id, topic, payload, qos, retain } of rows.mqtt_wills) {
      const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain: retain === 1 }
      const will = new Will(client_id, { ...packet, clientId: client_id, brokerId: BEFORE })
      will.written = true
      this.#wills.set(client_id, will)
    }
  }
}
