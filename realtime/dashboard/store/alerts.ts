/**
 * What was wrong with actuators and devices lately: events, and for a page that was just opened the audit of the last
 * hour. Stops have their own place.
 */
import { shallowReactive } from 'vue'
import type { EventData } from '../../../routing/contract/events.js'
import { call } from '../api.js'
import { now } from '../clock.js'
import { t, wordFor } from '../words/index.js'
import { placeOf } from './asked.js'

export type Alert = Pick<
  EventData['actuator_alert'],
  'esp_id' | 'gpio' | 'alert_type' | 'severity' | 'message' | 'timestamp'
>

const alerts = shallowReactive(new Map<string, Alert>())
/** The latest of each kind and place that is an error or worse. */
export const graveAlerts = shallowReactive(new Map<string, Alert>())

const WHOLE_DEVICE = 255
const SHOWN = 600_000
const MOST = 200

const isGrave = ({ severity }: Pick<Alert, 'severity'>): boolean =>
  severity === 'critical' || severity === 'error'

export function takeAlert(event: Alert): void {
  const { esp_id, gpio, alert_type } = event
  if (alert_type === 'emergency_stop') return
  if (isGrave(event)) takeGrave(event)
  if (gpio !== null && gpio !== WHOLE_DEVICE) alerts.set(placeOf({ esp_id, gpio }), event)
}

function takeGrave(event: Alert): void {
  const key = `${event.esp_id} ${event.gpio} ${event.alert_type}`
  const known = graveAlerts.get(key)
  if (known && known.timestamp >= event.timestamp) return
  graveAlerts.delete(key)
  graveAlerts.set(key, event)
  const [oldest] = graveAlerts.keys()
  if (graveAlerts.size > MOST && oldest !== undefined) graveAlerts.delete(oldest)
}

interface Entry {
  source_id: string | null
  severity: Alert['severity']
  message: string | null
  details: { gpio?: number | null; alert_type?: string; alarm?: string | null }
  created_at: string
}

/** What was raised within the last hour. A failure leaves what events bring. */
export async function loadAlerts(): Promise<void> {
  const { data } = await call<{ data: Entry[] }>(
    'GET',
    '/audit?event_type=actuator_alert&hours=1&page_size=100',
  )
  for (const { source_id, severity, message, details, created_at } of data.reverse()) {
    const alert_type = details.alert_type ?? details.alarm
    if (!source_id || !alert_type || !isGrave({ severity }) || alert_type === 'emergency_stop') continue
    const timestamp = Date.parse(created_at) / 1000
    // Behind the kind the device's own words stand, if it had any.
    const [, words] = message?.split(` ${alert_type}: `) ?? []
    const own = words ?? (details.alarm ? message : null)
    takeGrave({
      esp_id: source_id,
      gpio: details.gpio ?? null,
      alert_type,
      severity,
      message: own,
      timestamp,
    })
  }
}

/** The latest one of an actuator, for ten minutes. */
export function alertShown(place: string) {
  const alert = alerts.get(place)
  if (!alert || now.value - alert.timestamp * 1000 > SHOWN) return undefined
  const { alert_type, severity, message, timestamp } = alert
  return {
    what: `${isGrave(alert) ? '■' : '▲'} ${t('actuators.alert', {
      severity: wordFor('actuators.severities', severity),
      kind: wordFor('actuators.alerts', alert_type),
    })}`,
    message: message ? `: ${message}` : '',
    at: timestamp * 1000,
    isGrave: isGrave(alert),
  }
}

export function forgetAlerts(): void {
  alerts.clear()
  graveAlerts.clear()
}
