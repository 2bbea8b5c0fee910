/**
 * The filters one client was granted: how many it may have, and which of them its session has to remember. Aedes
 * hands its persistence the whole SUBSCRIBE once per filter, the refused ones included; here each that was granted
 * is remembered once, and a refused one never.
 */
export interface Subscription {
  readonly topic: string
  readonly qos: number
}

export class Subscriptions {
  readonly #most: number
  // Most connections of an idle house have none: they hold nothing for it.
  #granted: Set<string> | undefined
  #unstored: Map<string, Subscription> | undefined

  constructor(most: number) {
    this.#most = most
  }

  /** Takes a filter in; false when there are as many as may be. One it has already only changes its QoS. */
  grant(subscription: Subscription): boolean {
    const { topic } = subscription
    this.#granted ??= new Set()
    if (!this.#granted.has(topic) && this.#granted.size >= this.#most) return false
    this.#granted.add(topic)
    this.#unstored ??= new Map()
    this.#unstored.set(topic, subscription)
    return true
  }

  forget(filters: readonly string[]): void {
    for (const filter of filters) {
      this.#granted?.delete(filter)
      this.#unstored?.delete(filter)
    }
  }

  /** What was granted since the last call. */
  unstored(): Subscription[] {
    if (!this.#unstored) return []
    const all = [...this.#unstored.values()]
    this.#unstored = undefined
    return all
  }
}

interface Persistence<C> {
  addSubscriptions(client: C, subscriptions: Subscription[]): Promise<void>
}

/** Lets a persistence remember what was granted instead of what was asked for. */
export function storeGranted<C extends object, P extends object>(
  persistence: P,
  grantedTo: (client: C) => Subscriptions | undefined,
): P {
  const memory = persistence as P & Persistence<C>
  const { addSubscriptions } = memory
  memory.addSubscriptions = async (client, asked) => {
    const granted = grantedTo(client)?.unstored() ?? asked
    if (granted.length > 0) await addSubscriptions.call(memory, client, granted)
  }
  return memory
}
