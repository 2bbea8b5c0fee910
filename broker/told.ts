/**
 * What is told to a device goes past all that keeps messages (sessions, queues, Redis), and is known there by the name
 * it has instead of a broker's. It has no number on any disk.
 */

/** The brokerId of such packets; no broker is called so. */
const TOLD = 'told'

export interface ToldPacket {
  readonly cmd: 'publish'
  readonly brokerId: string
  readonly brokerCounter: number
  readonly topic: string
  readonly payload: string
  readonly qos: 1
  readonly retain: false
  readonly dup: false
}

/** Makes packets of what is told; each has a number of its own. */
export function createTold(): (message: { topic: string; payload: string }) => ToldPacket {
  let counter = 0
  return ({ topic, payload }) => ({
    cmd: 'publish',
    brokerId: TOLD,
    brokerCounter: ++counter,
    topic,
    payload,
    qos: 1,
    retain: false,
    dup: false,
  })
}

export const isTold = (packet: object): boolean => (packet as { brokerId?: string }).brokerId === TOLD
