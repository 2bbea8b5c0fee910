/**
 * What the System page shows besides `/health/detailed`: versions, sizes of the files, how much comes in per second,
 * and what kaiser has written to the disk. Sampled every ten seconds; a rate is over the last minute.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Broker } from '../broker/broker.js'
import type { SystemFigures } from '../realtime/system-body.js'
import type { Stats } from '../routing/stats.js'
import type { Store } from '../storage/store.js'
import { diskOf, residentSet } from './machine.js'

const SAMPLE_MS = 10_000
/** Samples of a minute, and the one before them. */
const SAMPLES = 7
const DAY = 86_400_000
/** A day is not foretold from less than this, ms. */
const LEAST = 600_000

/** The version of an installed package, null where its package.json is not to be found. */
function versionOf(name: string): string | null {
  try {
    let file = new URL('package.json', import.meta.resolve(name))
    while (!existsSync(file)) {
      const above = new URL('../package.json', file)
      if (above.href === file.href) return null
      file = above
    }
    return String((JSON.parse(readFileSync(file, 'utf8')) as { version: unknown }).version)
  } catch {
    return null
  }
}

const sizeOf = (path: string): number => {
  try {
    return statSync(path).size
  } catch {
    return 0
  }
}

/** Bytes this process caused to be written to disks since it started; null where the machine does not say. proc(5) */
function written(): number | null {
  try {
    const bytes = /^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]
    return bytes === undefined ? null : Number(bytes)
  } catch {
    return null
  }
}

/** Midnight before a time, by the clock of the box. */
const midnight = (ms: number): number => new Date(ms).setHours(0, 0, 0, 0)

interface Sample {
  at: number
  messages: number
  received: number
  stored: number
}

export interface SystemOptions {
  store: Store
  broker: Pick<Broker, 'counters'>
  stats: Stats
  version: string
  now: () => number
  monotonic: () => number
}

export interface SystemWatch {
  figures(): SystemFigures
  close(): void
}

/** Samples until it is closed. */
export function createSystem({ store, broker, stats, version, now, monotonic }: SystemOptions): SystemWatch {
  const versions = {
    kaiser: version,
    node: process.versions.node,
    sqlite: store.sqlite,
    uws: versionOf('uWebSockets.js'),
    aedes: versionOf('aedes'),
    platform: `${process.platform} ${process.arch}`,
  }
  const directory = dirname(store.path)

  const sample = (): Sample => {
    const stored = store.readings.lastId
    return {
      at: monotonic(),
      messages: broker.counters().messages_received,
      received: stored + stats.subscriber().duplicates,
      stored,
    }
  }
  const samples = [sample()]
  let since = { at: now(), bytes: written() }

  const timer = setInterval(() => {
    samples.push(sample())
    if (samples.length > SAMPLES) samples.shift()
    const at = now()
    // A new day begins anew; what was written within the sample before it does not matter.
    if (midnight(at) > since.at) since = { at, bytes: written() }
  }, SAMPLE_MS).unref()

  const rates = (): SystemFigures['rates'] => {
    const first = samples[0]!
    const last = sample()
    const seconds = Math.max(1, (last.at - first.at) / 1_000)
    const rate = (of: 'messages' | 'received' | 'stored'): number =>
      Math.round((Math.max(0, last[of] - first[of]) / seconds) * 100) / 100
    return {
      over_s: Math.round(seconds),
      messages: rate('messages'),
      readings_received: rate('received'),
      readings_stored: rate('stored'),
    }
  }

  const writes = (): SystemFigures['writes'] => {
    const all = written()
    if (all === null || since.bytes === null) return null
    const bytes = Math.max(0, all - since.bytes)
    const elapsed = now() - since.at
    return {
      since: new Date(since.at).toISOString(),
      bytes,
      per_day: elapsed < LEAST ? null : Math.round((bytes * DAY) / elapsed),
    }
  }

  return {
    figures() {
      const { free, total } = diskOf(directory)
      return {
        versions,
        disk: {
          free_bytes: free,
          total_bytes: total,
          database_bytes: sizeOf(store.path),
          wal_bytes: sizeOf(`${store.path}-wal`),
        },
        memory: { resident_bytes: residentSet(), heap_bytes: process.memoryUsage().heapUsed },
        rates: rates(),
        writes: writes(),
      }
    },
    close: () => clearInterval(timer),
  }
}
