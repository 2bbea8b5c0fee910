/**
 * Who else is there, and who has which client. A client is in one place: when nodes meet (again) they tell each other
 * their clients and how long they have been connected, and the older connection gives way. [MQTT-3.1.4-2]
 */

/** A node that was not heard for this long is gone, ms. */
const GONE = 180_000
const PAGE = 500

export interface NodesOptions {
  /** ms */
  monotonic: () => number
  /** The clients of this node, and when they connected. */
  clients: () => Iterable<readonly [clientId: string, at: number]>
  tell: (word: string, payload: string) => void
  /** More that is said with it. */
  also: () => void
  /** Another node has a newer connection of this client. */
  giveWay: (clientId: string) => void
  /** A node was heard for the first time, or again. */
  met: (node: string) => void
}

export interface Nodes {
  /** How many others are there. */
  readonly others: number
  /** Is this one of them? */
  has(node: string): boolean
  heard(node: string): void
  /** Says who is here, and asks the others to do so. */
  hello(): void
  /** What another node said; true when it was about this. */
  told(node: string, word: string, payload: string): boolean
}

export function createNodes({ monotonic, clients, tell, also, giveWay, met }: NodesOptions): Nodes {
  const nodes = new Map<string, number>()

  const sayWho = (word: string): void => {
    const now = monotonic()
    const all = [...clients()].map(([id, at]) => [id, Math.round(now - at)] as const)
    // Also when there is nobody: it says that the node is there.
    for (let at = 0; at === 0 || at < all.length; at += PAGE)
      tell(at === 0 ? word : 'clients', JSON.stringify(all.slice(at, at + PAGE)))
    also()
  }

  const compare = (payload: string): void => {
    const theirs = JSON.parse(payload) as [clientId: string, age: number][]
    const now = monotonic()
    const mine = new Map(clients())
    for (const [id, age] of theirs) {
      const at = mine.get(id)
      if (at !== undefined && now - at > age) giveWay(id)
    }
  }

  const heard = (node: string): void => {
    const before = nodes.get(node)
    const now = monotonic()
    nodes.set(node, now)
    if (before === undefined || now - before > GONE) met(node)
  }

  return {
    get others() {
      const now = monotonic()
      for (const [node, at] of nodes) if (now - at > GONE) nodes.delete(node)
      return nodes.size
    },
    has(node) {
      const at = nodes.get(node)
      return at !== undefined && monotonic() - at <= GONE
    },
    heard,
    hello: () => sayWho('hello'),
    told(node, word, payload) {
      if (word === 'bye') {
        nodes.delete(node)
        return true
      }
      if (word !== 'hello' && word !== 'clients') return false
      if (word === 'hello') {
        nodes.delete(node)
        sayWho('clients')
      }
      heard(node)
      compare(payload)
      return true
    },
  }
}
