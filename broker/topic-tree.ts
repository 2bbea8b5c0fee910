/**
 * Topics as a tree of levels, the mirror image of filter-tree.ts: which of them a filter matches costs the branches
 * the filter leads to and not the number of topics. [MQTT-4.7]
 */
interface Branch<V> {
  /** Its topic begins with `$`. */
  readonly dollar: boolean
  below: Map<string, Branch<V>> | undefined
  value: V | undefined
}

const branch = <V>(dollar: boolean): Branch<V> => ({ dollar, below: undefined, value: undefined })

export class TopicTree<V extends object = object> {
  readonly #root = branch<V>(false)

  set(topic: string, value: V): void {
    let at = this.#root
    for (const level of topic.split('/')) {
      at.below ??= new Map()
      let next = at.below.get(level)
      if (!next) {
        next = branch(topic.startsWith('$'))
        at.below.set(level, next)
      }
      at = next
    }
    at.value = value
  }

  /** What is under the topic, and the branches that led only to it, are gone. */
  delete(topic: string): void {
    const prune = (at: Branch<V>, levels: readonly string[], depth: number): boolean => {
      if (depth === levels.length) at.value = undefined
      else {
        const next = at.below?.get(levels[depth]!)
        if (next && prune(next, levels, depth + 1)) at.below!.delete(levels[depth]!)
      }
      return !at.below?.size && !at.value
    }
    prune(this.#root, topic.split('/'), 0)
  }

  /**
   * What is under the topics that match, one step after the other: a step that finds nothing gives undefined, so
   * that whoever walks knows what it costs and can pause. What is set or deleted meanwhile may or may not be seen.
   */
  *matching(filter: string): Generator<V | undefined> {
    const levels = filter.split('/')
    const isWild = /^[+#]/.test(filter)
    const walk = [{ branches: [this.#root].values() as Iterator<Branch<V>>, depth: 0 }]
    while (walk.length > 0) {
      const { branches, depth } = walk.at(-1)!
      const { value: at, done } = branches.next()
      if (done) {
        walk.pop()
        continue
      }
      // [MQTT-4.7.2-1]
      if (isWild && at.dollar) {
        yield undefined
        continue
      }
      const level = levels[depth]
      // At `#` itself, that is at its parent [MQTT-4.7.1-2] and everywhere below it.
      yield level === undefined || level === '#' ? at.value : undefined
      if (level === undefined || !at.below) continue
      if (level === '#') walk.push({ branches: at.below.values(), depth })
      else if (level === '+') walk.push({ branches: at.below.values(), depth: depth + 1 })
      else {
        const next = at.below.get(level)
        walk.push({ branches: (next ? [next] : []).values(), depth: depth + 1 })
      }
    }
  }
}
