/** What `/health` says: gathered from the rooms when somebody asks. */
import { readFileSync, statfsSync } from 'node:fs'
import { cpus, freemem, loadavg, totalmem } from 'node:os'
import { dirname } from 'node:path'
import type { IntervalHistogram } from 'node:perf_hooks'
import type { Broker } from '../broker/broker.js'
import type { Health } from '../realtime/api/health.js'
import type { Hub } from '../realtime/hub.js'
import type { Stats } from '../routing/stats.js'
import type { Store } from '../storage/store.js'

export interface HealthOptions {
  store: Store
  broker: Broker
  hub: Hub
  stats: Stats
  delay: IntervalHistogram
  version: string
  /** seconds */
  uptime: () => number
}

const MEGABYTE = 1_048_576
const GIGABYTE = 1_073_741_824
/** Less free space than this is worth a warning, bytes. */
const LOW_DISK = 200 * MEGABYTE

const round = (n: number): number => Math.round(n * 100) / 100

/** The monitor measures the distance between two ticks; what is over its resolution is delay. ns → ms */
export const DELAY_RESOLUTION_MS = 10
const late = (ns: number): number => Math.max(0, round(ns / 1e6 - DELAY_RESOLUTION_MS))

const disk = (directory: string): { free: number; total: number } => {
  try {
    const { bavail, blocks, bsize } = statfsSync(directory)
    return { free: bavail * bsize, total: blocks * bsize }
  } catch {
    return { free: 0, total: 0 }
  }
}

const residentSet = (): number => {
  try {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    return kilobytes ? Number(kilobytes) * 1024 : process.memoryUsage.rss()
  } catch {
    return process.memoryUsage.rss()
  }
}

export function createHealth({
  store,
  broker,
  hub,
  stats,
  delay,
  version,
  uptime,
}: HealthOptions): () => Health {
  return () => {
    const storage = store.group.state
    const { free, total } = disk(dirname(store.path))
    const checks = { database: storage === 'ok', mqtt: true, disk_space: free > LOW_DISK }
    const warnings = [
      ...(storage === 'ok' ? [] : [`storage is ${storage}`]),
      ...(free > LOW_DISK ? [] : [`only ${Math.floor(free / MEGABYTE)} MB of disk are free`]),
    ]
    return {
      status: warnings.length === 0 ? 'healthy' : 'degraded',
      version,
      uptime_seconds: uptime(),
      checks,
      warnings,
      detailed() {
        const counters = broker.counters()
        return {
          subscriber: stats.subscriber(),
          codes: stats.codes(),
          database: {
            connected: storage === 'ok',
            state: storage,
            pool_size: 1,
            pool_available: 1,
            latency_ms: stats.latency.db_write.quantiles().p50_ms,
            database_type: 'sqlite',
            waiting: store.group.waiting,
            intake_rows: store.readings.intake,
          },
          mqtt: {
            connected: true,
            subscriptions: 0,
            messages_received: counters.messages_received,
            messages_published: counters.messages_published,
            last_message_at:
              counters.last_message_at === null ? null : new Date(counters.last_message_at).toISOString(),
            connections: counters.connections,
            unauthenticated: counters.unauthenticated,
            dropped: counters.dropped,
            bounds: broker.bounds,
          },
          websocket: { active_connections: hub.size, total_messages_sent: hub.frames },
          event_loop: {
            delay_p50_ms: late(delay.percentile(50)),
            delay_p99_ms: late(delay.percentile(99)),
            delay_max_ms: late(delay.max),
          },
          system: {
            cpu_percent: round((100 * (loadavg()[0] ?? 0)) / cpus().length),
            memory_percent: round(100 * (1 - freemem() / totalmem())),
            memory_used_mb: round(residentSet() / MEGABYTE),
            memory_total_mb: round(totalmem() / MEGABYTE),
            disk_percent: total === 0 ? 0 : round(100 * (1 - free / total)),
            disk_free_gb: round(free / GIGABYTE),
          },
        }
      },
    }
  }
}
