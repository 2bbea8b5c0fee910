/**
 * What a demand of the standard is, and how the two ends of a conversation are read: a demand is proved on raw sockets,
 * on topics and client ids of its own.
 */
import type { Test } from 'tap'
import {
  CONNACK,
  type Hello,
  PUBACK,
  publish,
  SUBACK,
  subscribe,
  type Wire,
} from '../../support/mqtt-wire.js'

export const UNSUBACK = 11
export const PUBREL = 6

/** What a demand has to work with; topics and client ids under `name` are its own. */
export interface Lab {
  t: Test
  name: string
  /** Opens a connection; with a hello, waits for its CONNACK. */
  open(hello?: Hello): Promise<Wire>
}

export interface Demand {
  clauses: string[]
  what: string
  prove(lab: Lab): Promise<void>
}

export const demand = (clauses: string, what: string, prove: Demand['prove']): Demand => ({
  clauses: clauses.split(' '),
  what,
  prove,
})

export const subscribed = async (wire: Wire, filter: string, qos = 0, id = 1): Promise<number> => {
  const before = wire.arrived.filter(({ type }) => type === SUBACK).length
  wire.send(subscribe(filter, qos, id))
  return (await wire.packet(SUBACK, before + 1)).body[2]!
}

export const retained = (topic: string, payload: string, qos: 0 | 1 | 2 = 1, id = 1): Buffer => {
  const bytes = publish(topic, payload, qos, id)
  bytes[0]! |= 1
  return bytes
}

/** Publishes with QoS 1 and waits for the PUBACK. */
export const said = async (wire: Wire, bytes: Buffer): Promise<void> => {
  const before = wire.arrived.filter(({ type }) => type === PUBACK).length
  wire.send(bytes)
  await wire.packet(PUBACK, before + 1)
}

export const gone = async (wire: Wire): Promise<void> => {
  wire.send(Buffer.from([0xe0, 0]))
  await wire.end()
}

export const sessionPresent = (wire: Wire): number =>
  wire.arrived.find(({ type }) => type === CONNACK)!.body[0]!

/** Long enough for something that must not happen to have happened, ms. */
const MOMENT = 150
export const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, MOMENT))
