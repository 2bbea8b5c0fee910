/** What limits an actuator, as its config has it, in words. */
import { call } from '../../api.js'
import { t } from '../../words/index.js'
import { duration, number } from '../../words/times.js'

export interface ActuatorLimits {
  id: string
  esp_device_id: string
  gpio: number
  kind: string
  name: string | null
  max_runtime_seconds: number | null
  effective_max_runtime_seconds: number
  cooldown_seconds: number
  starts_per_hour: number | null
  daily_quota: number | null
  interlocks: readonly unknown[]
  required_sensors: readonly unknown[]
  metadata: { offline_rules?: unknown }
}

/** Every actuator that is configured. Throws ApiError. */
export async function listLimits(): Promise<ActuatorLimits[]> {
  const found: ActuatorLimits[] = []
  for (let page = 1; ; page++) {
    const answer = await call<{ data: ActuatorLimits[]; pagination?: { has_next?: boolean } }>(
      'GET',
      `/actuators?page=${page}&page_size=100`,
    )
    found.push(...answer.data)
    if (!answer.pagination?.has_next || answer.data.length === 0) return found
  }
}

/** Each limit that it has, as a few words. */
export function limitsOf(actuator: ActuatorLimits): string[] {
  const { effective_max_runtime_seconds: most, max_runtime_seconds, cooldown_seconds } = actuator
  const { starts_per_hour, daily_quota, interlocks, required_sensors } = actuator
  const runs = most === 0 ? t('rules.no_end') : t('rules.at_most', { time: duration(most) })
  const counted = (key: 'rules.starts' | 'rules.interlocks' | 'rules.needs', n: number): string =>
    n > 0 ? t(key, { n: number(n) }, n) : ''
  return [
    max_runtime_seconds === null ? `${runs} (${t('rules.own_kind')})` : runs,
    cooldown_seconds > 0 ? t('rules.rests', { time: duration(cooldown_seconds) }) : '',
    counted('rules.starts', starts_per_hour ?? 0),
    daily_quota === null ? '' : t('rules.quota', { time: duration(daily_quota) }),
    counted('rules.interlocks', interlocks.length),
    counted('rules.needs', required_sensors.length),
  ].filter(Boolean)
}

/** How many rules its device follows by itself for it. */
export const offlineRulesOf = ({ metadata: { offline_rules } }: ActuatorLimits): number =>
  Array.isArray(offline_rules) ? offline_rules.length : 0
