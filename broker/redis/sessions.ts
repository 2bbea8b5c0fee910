/**
 * The subscriptions of all sessions that outlive their connection, on all nodes, in memory: who must get a message
 * is asked for each one, and also while Redis is lost. Read whole when Redis is (again) there, and kept up to date
 * by what the nodes tell one another.
 */
import { FilterTree } from '../filter-tree.js'
import type { Subscription } from './packet.js'

/** One subscription of one session. */
export interface Subscriber extends Subscription {
  clientId: string
}

export class Sessions {
  #filters = new FilterTree<Subscriber>()
  readonly #sessions = new Map<string, Map<string, Subscriber>>()
  #size = 0

  /** How many sessions, and how many subscriptions above QoS 0. */
  get counts(): { clientsCount: number; subsCount: number } {
    return { clientsCount: this.#sessions.size, subsCount: this.#size }
  }

  ids(): string[] {
    return [...this.#sessions.keys()]
  }

  of(clientId: string): Subscription[] {
    return [...(this.#sessions.get(clientId)?.values() ?? [])].map(
      ({ clientId: _, ...subscription }) => subscription,
    )
  }

  /** Who must get a message; a session once for each of its filters that match. QoS 0 is not kept for anybody. */
  match(topic: string): Subscriber[] {
    const found = this.#filters.listeners(topic)
    // [MQTT-4.7.2-1]
    return topic.startsWith('$') ? found.filter((subscriber) => !/^[+#]/.test(subscriber.topic)) : found
  }

  /** The QoS a session is to get a message with; 0 when nothing is kept for it. [MQTT-3.3.5-1] */
  granted(clientId: string, topic: string): number {
    let most = 0
    for (const subscriber of this.match(topic))
      if (subscriber.clientId === clientId && subscriber.qos > most) most = subscriber.qos
    return most
  }

  add(clientId: string, subscriptions: readonly Subscription[]): void {
    const session = this.#sessions.get(clientId) ?? new Map<string, Subscriber>()
    this.#sessions.set(clientId, session)
    for (const subscription of subscriptions) {
      const { topic } = subscription
      this.#forget(session.get(topic))
      const subscriber: Subscriber = { clientId, ...subscription }
      session.set(topic, subscriber)
      if (subscription.qos === 0) continue
      this.#filters.add(topic, subscriber)
      this.#size++
    }
  }

  remove(clientId: string, filters: readonly string[]): void {
    const session = this.#sessions.get(clientId)
    if (!session) return
    for (const filter of filters) {
      this.#forget(session.get(filter))
      session.delete(filter)
    }
    if (session.size === 0) this.#sessions.delete(clientId)
  }

  /** Makes a session what it is said to be. */
  replace(clientId: string, subscriptions: readonly Subscription[]): void {
    this.remove(clientId, [...(this.#sessions.get(clientId)?.keys() ?? [])])
    if (subscriptions.length > 0) this.add(clientId, subscriptions)
  }

  #forget(subscriber: Subscriber | undefined): void {
    if (!subscriber || subscriber.qos === 0) return
    this.#filters.remove(subscriber.topic, subscriber)
    this.#size--
  }
}
