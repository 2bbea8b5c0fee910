/**
 * Topic filters as a tree of levels, so that asking whether any of them matches a topic costs its levels and
 * not the number of filters. [MQTT-4.7]
 */
interface Branch<L> {
  readonly below: Map<string, Branch<L>>
  readonly listeners: Set<L>
}

const branch = <L>(): Branch<L> => ({ below: new Map(), listeners: new Set() })

export class FilterTree<L extends object = object> {
  readonly #root = branch<L>()

  add(filter: string, listener: L): void {
    let at = this.#root
    for (const level of filter.split('/')) {
      const next = at.below.get(level) ?? branch<L>()
      at.below.set(level, next)
      at = next
    }
    at.listeners.add(listener)
  }

  remove(filter: string, listener: L): void {
    const prune = (at: Branch<L>, levels: readonly string[], depth: number): boolean => {
      if (depth === levels.length) at.listeners.delete(listener)
      else {
        const next = at.below.get(levels[depth]!)
        if (next && prune(next, levels, depth + 1)) at.below.delete(levels[depth]!)
      }
      return at.below.size === 0 && at.listeners.size === 0
    }
    prune(this.#root, filter.split('/'), 0)
  }

  /** Does any filter match? `a/#` matches `a` too [MQTT-4.7.1-2]. */
  matches(topic: string): boolean {
    const levels = topic.split('/')
    const search = (at: Branch<L>, depth: number): boolean => {
      if ((at.below.get('#')?.listeners.size ?? 0) > 0) return true
      if (depth === levels.length) return at.listeners.size > 0
      for (const level of [levels[depth]!, '+']) {
        const next = at.below.get(level)
        if (next && search(next, depth + 1)) return true
      }
      return false
    }
    return search(this.#root, 0)
  }

  /** The listeners of all filters that match, those of `#` first; one is named once per filter. */
  listeners(topic: string): L[] {
    const levels = topic.split('/')
    const found: L[] = []
    const search = (at: Branch<L>, depth: number): void => {
      found.push(...(at.below.get('#')?.listeners ?? []))
      if (depth === levels.length) {
        found.push(...at.listeners)
        return
      }
      for (const level of [levels[depth]!, '+']) {
        const next = at.below.get(level)
        if (next) search(next, depth + 1)
      }
    }
    search(this.#root, 0)
    return found
  }
}
