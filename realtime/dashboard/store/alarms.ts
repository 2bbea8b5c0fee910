/**
 * What somebody should look at now, gravest first: what actuators and devices raised within the hour, devices in safe
 * mode, sensors that an actuator must hear from and does not, and what kaiser noticed and is grave.
 */
import { computed, toRaw } from 'vue'
import { now } from '../clock.js'
import type { RequiredSensor } from '../rest-actuators.js'
import { type Actuator, actuators } from './actuators.js'
import { graveAlerts } from './alerts.js'
import { placeOf } from './asked.js'
import { shapes } from './devices.js'
import { type Finding, findings } from './findings.js'
import { loading, readings } from './greenhouse.js'
import { type Reading, sensorKey } from './readings.js'

export type Alarm = { readonly key: string; readonly esp_id: string; readonly since: number | null } & (
  | { readonly kind: 'alert'; readonly gpio: number | null; readonly type: string; readonly message: string }
  | { readonly kind: 'safe_mode' }
  | { readonly kind: 'stale_sensor'; readonly sensor: RequiredSensor; readonly actuator: Actuator }
  | { readonly kind: 'finding'; readonly finding: Finding }
)

/** Findings that keep something from working or mean that somebody else meddles. */
const GRAVE: ReadonlySet<string> = new Set([
  'actuators_full',
  'client_id_shared',
  'config_refused',
  'config_too_large',
  'response_unsolicited',
  'sensor_stuck',
  'sensor_type_failed',
  'sensors_full',
  'sessions_damaged',
  'zone_refused',
])
const HOUR = 3_600_000
/** Ages need no second. */
const tenSeconds = computed(() => Math.floor(now.value / 10_000) * 10_000)

/** It was said of it that it does not go off, and then it went off. */
function obeyed(alert: { esp_id: string; gpio: number | null; alert_type: string; since: number }): boolean {
  if (alert.alert_type !== 'not_obeying' || alert.gpio === null) return false
  const actuator = actuators.get(placeOf({ esp_id: alert.esp_id, gpio: alert.gpio }))
  return actuator?.state === 'off' && (actuator.reported_at ?? 0) > alert.since
}

const alerted = computed<Alarm[]>(() =>
  [...graveAlerts.values()].flatMap(({ esp_id, gpio, alert_type, message, timestamp }) => {
    const since = timestamp * 1000
    if (tenSeconds.value - since > HOUR || obeyed({ esp_id, gpio, alert_type, since })) return []
    const key = `alert ${esp_id} ${gpio} ${alert_type}`
    return [{ key, kind: 'alert' as const, esp_id, gpio, type: alert_type, message: message ?? '', since }]
  }),
)

const inSafeMode = computed<Alarm[]>(() =>
  [...shapes.values()]
    .filter(({ safe_mode }) => safe_mode)
    .map(({ device_id }) => ({
      key: `safe ${device_id}`,
      kind: 'safe_mode',
      esp_id: device_id,
      since: null,
    })),
)

/** The newest reading of what is meant; without an address any one of this type on this gpio. */
function readingOf(sensor: RequiredSensor): Reading | undefined {
  const known = toRaw(readings)
  const exact = known.get(sensorKey({ address: null, ...sensor }))
  if (exact || sensor.address) return exact
  const start = JSON.stringify([sensor.esp_id, sensor.gpio, sensor.sensor_type]).slice(0, -1)
  const found = [...known].filter(([key]) => key.startsWith(start)).map(([, reading]) => reading)
  return found.sort((a, b) => b.measured_at - a.measured_at)[0]
}

const unheard = computed<Alarm[]>(() => {
  // Before the readings were read nobody can say that one is missing.
  if (!loading.loaded) return []
  const at = tenSeconds.value
  // Which sensors an actuator needs follows the list; how old they are, the time.
  const needing = [...actuators.keys()].flatMap((key) => toRaw(actuators).get(key) ?? [])
  return needing
    .filter(({ required_sensors, enabled }) => required_sensors.length > 0 && enabled !== false)
    .flatMap((actuator) =>
      actuator.required_sensors.flatMap((sensor) => {
        const reading = readingOf(sensor)
        const isUsable = reading && reading.value !== null && reading.quality !== 'error'
        if (isUsable && at - reading.measured_at <= sensor.max_age * 1000) return []
        const key = `sensor ${actuator.key} ${sensorKey({ address: null, ...sensor })}`
        const since = reading?.measured_at ?? null
        return [{ key, kind: 'stale_sensor' as const, esp_id: actuator.esp_id, sensor, actuator, since }]
      }),
    )
})

const noticed = computed<Alarm[]>(() =>
  findings.value
    .filter(({ kind }) => GRAVE.has(kind))
    .map((finding) => ({
      key: `finding ${finding.kind} ${finding.esp_id}`,
      kind: 'finding',
      esp_id: finding.esp_id,
      finding,
      since: Date.parse(finding.first_at),
    })),
)

export const alarms = computed(() => [
  ...alerted.value,
  ...inSafeMode.value,
  ...unheard.value,
  ...noticed.value,
])
