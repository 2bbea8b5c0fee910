/** The figures of the box as lines for people: one function a panel. */
import { t, wordFor } from '../../words/index.js'
import { bytes, duration, number, percent, timeOfDay } from '../../words/times.js'
import type { Line } from './FigureList.vue'
import type { Bound, Figures } from './figures.js'

const fine = (ms: number): string => number(ms, ms < 10 ? 2 : ms < 100 ? 1 : 0)
const milliseconds = (ms: number): string => `${fine(ms)} ms`
const perSecond = (rate: number): string => t('system.per_second', { rate: number(rate, rate < 10 ? 1 : 0) })

/** Below this share free, a disk needs a look. */
const LITTLE = 0.1
/** A loop that lags longer than this delays everything, ms. */
const LAGS = 100

export const versionLines = ({ versions, uptime_seconds }: Figures): Line[] => [
  { name: 'kaiser', value: versions.kaiser },
  { name: 'Node.js', value: versions.node },
  { name: 'SQLite', value: versions.sqlite },
  { name: 'µWebSockets.js', value: versions.uws ?? t('system.unknown') },
  { name: 'Aedes', value: versions.aedes ?? t('system.unknown') },
  { name: t('system.platform'), value: versions.platform },
  { name: t('system.uptime'), value: duration(uptime_seconds) },
]

export function diskLines({ disk, writes, memory }: Figures): Line[] {
  const share = disk.total_bytes > 0 ? disk.free_bytes / disk.total_bytes : 1
  return [
    {
      name: t('system.free'),
      value: bytes(disk.free_bytes),
      more: t('system.free_of', { total: bytes(disk.total_bytes), share: percent(share) }),
      doubtful: share < LITTLE,
    },
    { name: t('system.database'), value: bytes(disk.database_bytes) },
    { name: t('system.wal'), value: bytes(disk.wal_bytes) },
    writes === null
      ? { name: t('system.written'), value: t('system.not_counted') }
      : {
          name: t('system.written'),
          value: bytes(writes.bytes),
          more: t('system.written_since', { time: timeOfDay(Date.parse(writes.since)) }),
        },
    {
      name: t('system.per_day'),
      value: writes?.per_day == null ? '–' : bytes(writes.per_day),
      more: writes !== null && writes.per_day === null ? t('system.per_day_later') : t('system.per_day_why'),
    },
    { name: t('system.memory'), value: bytes(memory.resident_bytes) },
  ]
}

export const rateLines = ({ rates, storage, event_loop }: Figures): Line[] => [
  { name: t('system.messages'), value: perSecond(rates.messages) },
  { name: t('system.readings_in'), value: perSecond(rates.readings_received) },
  { name: t('system.readings_stored'), value: perSecond(rates.readings_stored) },
  {
    name: t('system.storage'),
    value: wordFor('system.storage_states', storage.state),
    doubtful: storage.state !== 'ok',
  },
  { name: t('system.waiting'), value: number(storage.waiting) },
  { name: t('system.intake'), value: number(storage.intake_rows), more: t('system.intake_why') },
  {
    name: t('system.loop'),
    value: milliseconds(event_loop.delay_p99_ms),
    more: t('system.loop_more', {
      median: milliseconds(event_loop.delay_p50_ms),
      most: milliseconds(event_loop.delay_max_ms),
    }),
    doubtful: event_loop.delay_p99_ms > LAGS,
  },
]

export const brokerLines = ({ broker, websocket }: Figures): Line[] => [
  { name: t('system.connections'), value: number(broker.connections) },
  { name: t('system.unauthenticated'), value: number(broker.unauthenticated) },
  {
    name: t('system.subscriptions'),
    value: broker.subscriptions === null ? t('system.unknown') : number(broker.subscriptions),
  },
  { name: t('system.sockets'), value: number(websocket.active_connections) },
  { name: t('system.frames'), value: number(websocket.total_messages_sent) },
]

export interface LatencyRow {
  readonly name: string
  readonly count: string
  /** ms */
  readonly cells: readonly string[]
}

export const latencyRows = ({ latency }: Figures): LatencyRow[] =>
  Object.entries(latency)
    .filter(([, { count }]) => count > 0)
    .map(([name, { count, p50_ms, p99_ms, max_ms }]) => ({
      name: wordFor('system.stages', name),
      count: number(count),
      cells: [p50_ms, p99_ms, max_ms].map(fine),
    }))

/** What a bound is, in its unit. */
export function boundShown({ value, unit }: Bound): string {
  if (unit === 'bytes') return bytes(value)
  if (unit === '1/s') return perSecond(value)
  if (unit === 's') return duration(value)
  return unit === 'ms' ? `${number(value)} ms` : number(value)
}
