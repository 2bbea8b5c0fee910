/**
 * Publishes `$SYS/broker/…`. Values behave as retained messages do, so whoever subscribes has them at once, but they
 * are made when somebody asks and are never stored; afterwards what changed is said at every interval. They are those of
 * this process, and nobody else's subscribers hear them.
 */
import { matchesFilter } from '../routing/contract/topics.js'
import { LoadAverage, SPANS, type Span } from './load-average.js'
import { type Figures, SYS, sysLoads, sysTopics } from './sys-topics.js'

/** A client that has subscriptions below `$SYS`. */
export interface Watcher {
  readonly filters: readonly string[]
  send(topic: string, payload: string, retain: boolean): void
}

export interface SysTree {
  /** Somebody subscribed: what matches is sent, each topic once. */
  greet(watcher: Watcher): void
  close(): void
}

export interface SysTreeOptions {
  /** s; 0 is off */
  interval: number
  figures: () => Figures
  watchers: () => Iterable<Watcher>
  /** ms */
  monotonic: () => number
}

const isSys = (filter: string): boolean => filter.startsWith('$SYS/')
const wants = ({ filters }: Watcher, topic: string): boolean =>
  filters.some((filter) => isSys(filter) && matchesFilter(filter, topic))

export function createSysTree({ interval, figures, watchers, monotonic }: SysTreeOptions): SysTree {
  if (interval === 0) return { greet() {}, close() {} }
  const loads = new Map(Object.keys(sysLoads).map((name) => [name, new LoadAverage()]))
  let said = new Map<string, string>()
  let at = monotonic()

  const values = (now: Figures): Map<string, string> => {
    const all = new Map<string, string>()
    for (const [name, valueFor] of Object.entries(sysTopics)) {
      const value = valueFor(now)
      if (value !== null) all.set(SYS + name, String(value))
    }
    for (const [name, load] of loads)
      for (const span of Object.keys(SPANS) as Span[])
        all.set(`${SYS}load/${name}/${span}`, load.over(span).toFixed(2))
    return all
  }

  const tick = (): void => {
    const counted = figures()
    const now = monotonic()
    for (const [name, load] of loads) load.add(sysLoads[name]!(counted), now - at)
    at = now
    const all = [...watchers()].filter(({ filters }) => filters.some(isSys))
    if (all.length === 0) return
    const current = values(counted)
    for (const [topic, value] of current)
      if (said.get(topic) !== value)
        for (const watcher of all) if (wants(watcher, topic)) watcher.send(topic, value, false)
    said = current
  }
  const timer = setInterval(tick, interval * 1_000).unref()

  return {
    greet(watcher) {
      if (!watcher.filters.some(isSys)) return
      for (const [topic, value] of values(figures()))
        if (wants(watcher, topic)) watcher.send(topic, value, true)
    },
    close: () => clearInterval(timer),
  }
}
