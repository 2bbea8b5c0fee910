/** What was wrong with an actuator lately. Alerts about whole devices and stops have their places elsewhere. */
import { shallowReactive } from 'vue'
import type { EventData } from '../../../routing/contract/events.js'
import { now } from '../clock.js'
import { t, wordFor } from '../words/index.js'
import { placeOf } from './asked.js'

type Alert = EventData['actuator_alert']

const alerts = shallowReactive(new Map<string, Alert>())

const WHOLE_DEVICE = 255
const SHOWN = 600_000

export function takeAlert(event: Alert): void {
  const { esp_id, gpio, alert_type } = event
  if (gpio === null || gpio === WHOLE_DEVICE || alert_type === 'emergency_stop') return
  alerts.set(placeOf({ esp_id, gpio }), event)
}

/** The latest one of an actuator, for ten minutes. */
export function alertShown(place: string) {
  const alert = alerts.get(place)
  if (!alert || now.value - alert.timestamp * 1000 > SHOWN) return undefined
  const { alert_type, severity, message, timestamp } = alert
  const isGrave = severity === 'critical' || severity === 'error'
  return {
    what: `${isGrave ? '■' : '▲'} ${t('actuators.alert', {
      severity: wordFor('actuators.severities', severity),
      kind: wordFor('actuators.alerts', alert_type),
    })}`,
    message: message ? `: ${message}` : '',
    at: timestamp * 1000,
    isGrave,
  }
}

export const forgetAlerts = (): void => alerts.clear()
