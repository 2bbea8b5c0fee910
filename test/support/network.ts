/** A realtime subscriber on a socket whose network, and clock, the test plays. */
import { type Socket, Subscriber } from '../../realtime/subscriber.js'
import { createTurns } from '../../realtime/turns.js'
import type { Event } from '../../routing/contract/events.js'

interface Sent {
  type: string
  since?: string
  skipped?: number
  data: Record<string, unknown>
}

export function network(rate: number) {
  const sent: { at: number; frame: Sent }[] = []
  const state = { now: 0, buffered: 0, closed: 0, broken: false }
  const failures: unknown[] = []
  let seq = 0
  const sensors = new Map()
  const socket: Socket = {
    send(text) {
      if (state.broken) throw new Error('the socket is broken')
      sent.push({ at: state.now, frame: JSON.parse(text) })
    },
    buffered: () => state.buffered,
    cork: (work) => work(),
    close: (code) => {
      state.closed = code
    },
  }
  const subscriber = new Subscriber(
    socket,
    rate,
    () => state.now,
    createTurns(
      () => performance.now(),
      (error) => void failures.push(error),
    ),
    (type) => type.toLowerCase(),
  )
  const take = (event: Event): void => {
    if (subscriber.take({ event, text: JSON.stringify(event), seq: ++seq, boot: 'test', sensors }))
      subscriber.flush()
  }
  return { sent, state, subscriber, take, failures }
}
