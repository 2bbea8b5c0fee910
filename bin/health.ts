/** What `/health` says: gathered from the rooms when somebody asks. */
import { dirname } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Broker } from '../broker/broker.js'
import type { Detailed, Health } from '../realtime/health-body.js'
import type { Hub } from '../realtime/hub.js'
import { healthWarning } from '../routing/contract/sentences/health.js'
import type { Stats } from '../routing/stats.js'
import type { Store } from '../storage/store.js'
import { createProcessorShare, diskOf, memory, residentSet } from './machine.js'
import { type ServingState, SOON } from './tls/serving.js'

export interface HealthOptions {
  store: Store
  broker: Broker
  hub: Hub
  stats: Stats
  version: string
  /** seconds */
  uptime: () => number
  /** Where MQTT is served; undefined before it is and after. */
  mqtt: () => { host: string; port: number } | undefined
  /** The certificate it serves with; undefined without TLS. */
  tls: () => ServingState | undefined
}

const MEGABYTE = 1_048_576
const GIGABYTE = 1_073_741_824
/** Less free space than this is worth a warning, bytes. */
const LOW_DISK = 200 * MEGABYTE

const round = (n: number): number => Math.round(n * 100) / 100
const percent = (share: number): number => round(100 * share)

/** The monitor measures the distance between two ticks; what is over its resolution is delay. ns → ms */
const DELAY_RESOLUTION_MS = 10
const late = (ns: number): number => Math.max(0, round(ns / 1e6 - DELAY_RESOLUTION_MS))

export interface HealthWatch {
  look(): Health
  /** The delay of the event loop is not measured any more. */
  close(): void
}

/** Measures the delay of the event loop until it is closed. */
export function createHealth(options: HealthOptions): HealthWatch {
  const { store, broker, hub, stats, version, uptime, mqtt, tls } = options
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS })
  delay.enable()
  const processors = createProcessorShare()
  const directory = dirname(store.path)

  const served = (): Detailed['mqtt'] => {
    const { last_message_at, ...counters } = broker.counters()
    const place = mqtt()
    return {
      connected: place !== undefined,
      broker_host: place?.host ?? null,
      broker_port: place?.port ?? null,
      last_message_at: last_message_at === null ? null : new Date(last_message_at).toISOString(),
      ...counters,
      bounds: { ...broker.bounds },
      bound_hits: Object.fromEntries(broker.boundStates().map(({ name, hits }) => [name, hits])),
    }
  }

  const shared = (): Detailed['redis'] => {
    const redis = broker.redis()
    return redis === undefined ? null : { ...redis, since: new Date(redis.since).toISOString() }
  }

  const system = (): Detailed['system'] => {
    const { free, total } = diskOf(directory)
    const { used, total: all } = memory()
    return {
      cpu_percent: percent(processors()),
      memory_percent: percent(used / all),
      memory_used_mb: round(residentSet() / MEGABYTE),
      memory_total_mb: round(all / MEGABYTE),
      disk_percent: total === 0 ? 0 : percent(1 - free / total),
      disk_free_gb: round(free / GIGABYTE),
    }
  }

  const detailed = (): Detailed => {
    const { state, waiting } = store.group
    return {
      subscriber: stats.subscriber(),
      codes: stats.codes(),
      database: {
        connected: state === 'ok',
        state,
        pool_size: 1,
        pool_available: state === 'ok' ? 1 : 0,
        latency_ms: stats.latency.db_write.quantiles().p50_ms,
        database_type: 'sqlite',
        waiting,
        intake_rows: store.readings.intake,
      },
      mqtt: served(),
      redis: shared(),
      tls: tls() ?? null,
      websocket: { active_connections: hub.size, total_messages_sent: hub.frames },
      event_loop: {
        delay_p50_ms: late(delay.percentile(50)),
        delay_p99_ms: late(delay.percentile(99)),
        delay_max_ms: late(delay.max),
      },
      system: system(),
    }
  }

  const look = (): Health => {
    const storage = store.group.state
    const { free } = diskOf(directory)
    const redis = broker.redis()
    const checks = {
      database: storage === 'ok',
      mqtt: mqtt() !== undefined,
      disk_space: free > LOW_DISK,
      ...(redis && { redis: redis.state === 'up' }),
    }
    const certificate = tls()
    const expired = certificate !== undefined && certificate.days_left < 0
    const faults = [
      ...(checks.database ? [] : [healthWarning('storage', { state: storage })]),
      ...(checks.mqtt ? [] : [healthWarning('mqtt')]),
      ...(checks.redis === false ? [healthWarning('redis', { detail: redis!.detail })] : []),
      ...(checks.disk_space ? [] : [healthWarning('disk_space', { megabytes: Math.floor(free / MEGABYTE) })]),
      ...(expired ? [healthWarning('certificate_expired', { expires_at: certificate.expires_at })] : []),
      ...(certificate?.reload_failed
        ? [healthWarning('certificate_unusable', { reason: certificate.reload_failed })]
        : []),
    ]
    const soon =
      certificate && !expired && certificate.days_left < SOON
        ? [healthWarning('certificate_expires', { days: certificate.days_left })]
        : []
    const warned = [...faults, ...soon]
    return {
      status: faults.length === 0 ? 'healthy' : 'degraded',
      version,
      uptime_seconds: uptime(),
      checks,
      warnings: warned.map(({ sentence }) => sentence),
      warning_details: warned,
      detailed,
    }
  }

  return { look, close: () => void delay.disable() }
}
