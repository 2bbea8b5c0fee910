/** What `/system` answers, read again every few seconds while somebody looks. */
import { onMounted, onUnmounted, ref, shallowRef } from 'vue'
import type { Said } from '../../../../routing/contract/said.js'
import { call } from '../../api.js'
import { now } from '../../clock.js'
import { createReloading } from '../../reloading.js'

interface Quantiles {
  count: number
  p50_ms: number
  p99_ms: number
  max_ms: number
}

export interface Bound {
  name: string
  flag: string
  value: number
  unit: 'count' | 'bytes' | 'ms' | 's' | '1/s'
  summary: string
  hits: number
  last_hit_at: string | null
}

export interface Figures {
  status: string
  warning_details: (Said & { sentence: string })[]
  uptime_seconds: number
  versions: Record<'kaiser' | 'node' | 'sqlite' | 'platform', string> & Record<'uws' | 'aedes', string | null>
  disk: { free_bytes: number; total_bytes: number; database_bytes: number; wal_bytes: number }
  memory: { resident_bytes: number; heap_bytes: number }
  rates: { over_s: number; messages: number; readings_received: number; readings_stored: number }
  writes: { since: string; bytes: number; per_day: number | null } | null
  latency: Record<string, Quantiles>
  event_loop: { delay_p50_ms: number; delay_p99_ms: number; delay_max_ms: number }
  storage: { state: string; waiting: number; intake_rows: number }
  broker: { connections: number; unauthenticated: number; subscriptions: number | null }
  websocket: { active_connections: number; total_messages_sent: number }
  bounds: Bound[]
  findings: number
}

const EVERY = 3000

/** The figures as they were read last, and when that was; read by itself as long as the component lives. */
export function useFigures() {
  const figures = shallowRef<Figures>()
  /** ms, by the clock of the box. */
  const read_at = ref(0)
  const { load, loading, forget } = createReloading(async () => {
    const answer = await call<Figures>('GET', '/system')
    return () => {
      figures.value = answer
      read_at.value = now.value
    }
  })
  const look = () => document.visibilityState === 'visible' && void load()
  let timer: ReturnType<typeof setInterval> | undefined
  onMounted(() => {
    void load()
    timer = setInterval(look, EVERY)
    document.addEventListener('visibilitychange', look)
  })
  onUnmounted(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', look)
    forget()
  })
  return { figures, read_at, loading, load }
}
