/**
 * The topics that were heard, as a tree by their levels. Bounded: whoever publishes to ever new topics fills no browser.
 */

/** What was heard on one topic. */
export interface Heard {
  readonly topic: string
  /** null where it may not be shown. */
  readonly payload: string | null
  readonly size: number
  readonly retain: boolean
  /** ms since 1970; undefined: it lay there before, nobody knows since when */
  readonly at: number | undefined
}

export interface Branch {
  readonly level: string
  /** Up to here, without a slash at the end. */
  readonly topic: string
  readonly children: Map<string, Branch>
  /** Messages heard here, and here and below. */
  own: number
  count: number
  /** Topics that carry something, here and below. */
  topics: number
  last: Heard | undefined
  at: number | undefined
}

export const MOST_TOPICS = 10_000

const branch = (level: string, topic: string): Branch => ({
  ...{ level, topic, children: new Map(), own: 0, count: 0 },
  ...{ topics: 0, last: undefined, at: undefined },
})

export interface Tree {
  readonly root: Branch
  /** Counts a message; one that lay there before is shown and not counted. False: there are too many topics. */
  take(heard: Heard): boolean
}

export function createTree(): Tree {
  const root = branch('', '')

  function wayTo(topic: string): Branch[] {
    const way = [root]
    let path = ''
    topic.split('/').forEach((level, n) => {
      path = n === 0 ? level : `${path}/${level}`
      const parent = way.at(-1)!
      let child = parent.children.get(level)
      if (!child) {
        child = branch(level, path)
        parent.children.set(level, child)
      }
      way.push(child)
    })
    return way
  }
  const find = (topic: string): Branch | undefined => {
    let at: Branch | undefined = root
    for (const level of topic.split('/')) at = at?.children.get(level)
    return at
  }

  return {
    root,
    take(heard) {
      const { topic, at } = heard
      const isNew = find(topic)?.last === undefined
      if (isNew && root.topics >= MOST_TOPICS) return false
      const way = wayTo(topic)
      const leaf = way.at(-1)!
      for (const each of way) {
        if (isNew) each.topics++
        if (at === undefined) continue
        each.count++
        each.at = Math.max(each.at ?? 0, at)
      }
      // An empty one clears what was retained. [MQTT-3.3.1-10]
      const retain = heard.retain ? heard.size > 0 : (leaf.last?.retain ?? false)
      const isNewer = leaf.last === undefined || (at !== undefined && at >= (leaf.last.at ?? 0))
      leaf.last = { ...(isNewer ? heard : leaf.last!), retain }
      if (at !== undefined) leaf.own++
      return true
    },
  }
}

/** Children in the order of people: numbers by their value. */
export const sorted = ({ children }: Branch): Branch[] =>
  [...children.values()].sort((a, b) => a.level.localeCompare(b.level, 'en', { numeric: true }))

/** Topics below that carry something and fit. */
export function* leaves(top: Branch, fits: (topic: string) => boolean): Generator<Branch> {
  if (top.last && fits(top.topic)) yield top
  for (const child of sorted(top)) yield* leaves(child, fits)
}
