/** A binary heap: the first of many is at hand, and finds its new place when it has changed. */
export interface Heap<T> {
  /** The one before all others; undefined when there is none. */
  readonly first: T | undefined
  push(item: T): void
  /** Takes the first one out. */
  pop(): void
  /** The first one has changed: finds its place. */
  sink(): void
}

export function createHeap<T>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = []

  const sink = (): void => {
    const item = items[0]!
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      if (child + 1 < items.length && isBefore(items[child + 1]!, items[child]!)) child++
      if (!isBefore(items[child]!, item)) break
      items[at] = items[child]!
      at = child
    }
    items[at] = item
  }

  return {
    get first() {
      return items[0]
    },
    push(item) {
      let at = items.push(item) - 1
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (!isBefore(item, items[parent]!)) break
        items[at] = items[parent]!
        at = parent
      }
      items[at] = item
    },
    pop() {
      const last = items.pop()
      if (last === undefined || items.length === 0) return
      items[0] = last
      sink()
    },
    sink,
  }
}
