/**
 * How well a device is, from what its heartbeat says: healthy, degraded or critical. Limits of the original
 * for degraded (protocol.md §2.6); at half of them a device is about to fail.
 */
export type HealthStatus = 'healthy' | 'degraded' | 'critical'

interface Vital {
  degraded: (vitals: Vitals) => boolean
  critical: (vitals: Vitals) => boolean
}

export interface Vitals {
  /** bytes */
  heap_free: number | null
  /** dBm */
  wifi_rssi: number | null
  error_count: number
}

const VITALS: readonly Vital[] = [
  {
    degraded: ({ heap_free }) => below(heap_free, 10_000),
    critical: ({ heap_free }) => below(heap_free, 5_000),
  },
  { degraded: ({ wifi_rssi }) => below(wifi_rssi, -70), critical: ({ wifi_rssi }) => below(wifi_rssi, -85) },
  { degraded: ({ error_count }) => error_count > 0, critical: () => false },
]

const below = (value: number | null, limit: number): boolean => value !== null && value < limit

export function healthStatusOf(vitals: Vitals): HealthStatus {
  if (VITALS.some(({ critical }) => critical(vitals))) return 'critical'
  return VITALS.some(({ degraded }) => degraded(vitals)) ? 'degraded' : 'healthy'
}
