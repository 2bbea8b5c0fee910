/** A realtime subscriber on a socket whose network, and clock, the test plays. */
import { type Socket, Subscriber } from '../../realtime/subscriber.js'
import type { Event } from '../../routing/contract/events.js'

export function network(rate: number) {
  const sent: { at: number; frame: { type: string; skipped?: number; data: Record<string, unknown> } }[] = []
  const state = { now: 0, buffered: 0, closed: 0, broken: false }
  const failures: unknown[] = []
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
    (error) => void failures.push(error),
    (type) => type.toLowerCase(),
  )
  const take = (event: Event): void => {
    if (subscriber.take({ event, text: JSON.stringify(event) })) subscriber.flush()
  }
  return { sent, state, subscriber, take, failures }
}
