/** What arrived on a wire, in words: its messages, and whether more are on their way. */
import { type Arrived, PINGREQ, PINGRESP, PUBLISH, type Wire } from './mqtt-wire.js'

export interface Heard {
  topic: string
  payload: string
  qos: number
  retain: boolean
  dup: boolean
  /** The Packet Identifier; 0 where there is none, in QoS 0. */
  id: number
}

/** A PUBLISH in words. */
export function read({ first, body }: Arrived): Heard {
  const end = 2 + body.readUInt16BE(0)
  const qos = (first >> 1) & 3
  return {
    topic: body.toString('utf8', 2, end),
    payload: body.toString('utf8', qos > 0 ? end + 2 : end),
    qos,
    retain: (first & 1) === 1,
    dup: (first & 8) === 8,
    id: qos > 0 ? body.readUInt16BE(end) : 0,
  }
}

/** The messages that arrived, in order. */
export const heard = (wire: Wire): Heard[] => wire.arrived.filter(({ type }) => type === PUBLISH).map(read)

/** What the messages say. */
export const payloads = (wire: Wire): string[] => heard(wire).map(({ payload }) => payload)

/** The messages that arrived, as `topic payload`. */
export const lines = (wire: Wire): string[] => heard(wire).map(({ topic, payload }) => `${topic} ${payload}`)

/** Waits until what was sent before is worked off, and what was on its way to the client is there. */
export async function settled(wire: Wire): Promise<void> {
  const pings = wire.arrived.filter(({ type }) => type === PINGRESP).length
  wire.send(PINGREQ)
  await wire.packet(PINGRESP, pings + 1)
}
