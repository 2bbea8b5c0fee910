/**
 * One line of text for each kind of event, for people who scan a list. A kind that this page does not know is
 * shown by its first plain fields.
 */
import type { EventData, EventName } from '../../../routing/contract/events.js'
import { shown } from '../shown.js'
import { language, t, wordFor } from '../words/index.js'
import { issuer, stopper } from '../words/issuers.js'
import { bytes, number, percent } from '../words/times.js'

type Summaries = { [K in EventName]: (data: EventData[K]) => string }

const sentence = (...parts: (string | null | undefined | false)[]): string => parts.filter(Boolean).join(', ')

const gpioOf = (gpio: number): string => t('events.gpio', { gpio })
const by = (issued_by: string): string => t('events.by', { name: issuer(issued_by) })
const outcome = (success: boolean): string => t(success ? 'events.done' : 'events.failed')
const stopState = (state: string): string => wordFor('events.stop_states', state)

const summaries: Summaries = {
  sensor_data: ({ sensor_type, gpio, value, unit, quality, stored }) =>
    sentence(
      `${sensor_type} ${shown(value)} ${value === null ? '' : (unit ?? '')}`.trim(),
      gpioOf(gpio),
      wordFor('sensors.qualities', quality),
      stored === false && t('sensors.not_stored'),
    ),
  esp_health: ({ status, reason, flapping, wifi_rssi, heap_free }) =>
    sentence(
      wordFor('devices.status', status),
      reason?.replaceAll('_', ' '),
      flapping && t('events.comes_and_goes'),
      wifi_rssi !== null && wifi_rssi !== undefined && t('devices.wifi', { dbm: number(wifi_rssi) }),
      Boolean(heap_free) && t('devices.free', { bytes: bytes(heap_free!) }),
    ),
  device_discovered: ({ hardware_type, ip_address }) => sentence(t('events.asks'), hardware_type, ip_address),
  device_approved: ({ approved_by }) => sentence(t('events.let_in'), t('events.by', { name: approved_by })),
  device_rejected: ({ rejected_by, reason }) =>
    sentence(t('events.shut_out'), t('events.by', { name: rejected_by }), reason),
  error_event: ({ severity, title, message, message_de }) =>
    sentence(
      wordFor('actuators.severities', severity),
      language() === 'de' && message_de ? message_de : sentence(title, message),
    ),
  esp_diagnostics: ({ health_status, uptime }) =>
    sentence(
      health_status && wordFor('devices.health', health_status),
      uptime !== null && t('events.up', { seconds: number(uptime) }),
    ),
  esp_status: ({ system_state }) => system_state ?? t('events.no_state'),
  esp_safe_mode: ({ safe_mode_active, reason }) =>
    sentence(t(safe_mode_active ? 'events.safe_mode' : 'events.safe_mode_over'), reason),
  esp_reconnect_phase: ({ reason, offline_seconds }) =>
    sentence(
      t('events.connected'),
      reason,
      offline_seconds !== null && t('events.after', { seconds: number(offline_seconds) }),
    ),
  system_response: ({ command, success, message }) => sentence(command, outcome(success), message),
  sensor_response: ({ gpio, command, success, message }) =>
    sentence(gpioOf(gpio), command, outcome(success), message),
  actuator_status: ({ gpio, actuator_type, state, value, emergency_stopped, stale_reason, error }) =>
    sentence(
      `${actuator_type} ${gpioOf(gpio)} ${state === 'pwm' ? percent(value) : t(`actuators.states.${state}`).toLowerCase()}`,
      emergency_stopped && t('events.stopped'),
      error,
      stale_reason !== null && t('events.doubtful', { reason: stale_reason.replaceAll('_', ' ') }),
    ),
  actuator_response: ({ gpio, command, success, message, unsolicited }) =>
    sentence(gpioOf(gpio), command, outcome(success), message, unsolicited && t('events.unsolicited')),
  actuator_alert: ({ gpio, alert_type, severity, message, reason }) =>
    sentence(
      wordFor('actuators.severities', severity),
      wordFor('actuators.alerts', alert_type),
      gpio !== null && (gpio === 255 ? t('events.whole_device') : gpioOf(gpio)),
      message ?? reason,
    ),
  actuator_command: ({ gpio, command, state, issued_by }) =>
    sentence(gpioOf(gpio), command, wordFor('actuators.stages', state), by(issued_by)),
  actuator_command_failed: ({ gpio, command, state, error, issued_by }) =>
    sentence(gpioOf(gpio), command, wordFor('actuators.stages', state), error, by(issued_by)),
  emergency_stop: ({ scope, state, again, reason, issued_by }) => {
    const what = t('events.stop', { scope, state: stopState(state) })
    const name = stopper(issued_by)
    return sentence(again ? t('events.again', { what }) : what, reason, t('events.by', { name }))
  },
  emergency_device: ({ state, confirmed_by, message }) =>
    sentence(
      t('events.stop_device', { state: stopState(state) }),
      confirmed_by !== null && t('events.by', { name: confirmed_by }),
      message,
    ),
  config_response: ({ config_type, status, message }) =>
    sentence(t('events.configuration', { type: config_type }), status.replaceAll('_', ' '), message),
  zone_assignment: ({ status, zone_id, zone_name, message }) =>
    sentence(
      zone_id === null ? t('events.no_zone') : t('events.zone', { name: zone_name ?? zone_id }),
      t(`events.answers.${status}`),
      message,
    ),
  subzone_assignment: ({ status, subzone_id, message }) =>
    sentence(t('events.subzone', { name: subzone_id }), t(`events.answers.${status}`), message),
  subzone_status: ({ subzone_id, status }) =>
    sentence(t('events.subzone', { name: subzone_id }), status.safe_mode === true && t('events.safe_mode')),
  logic_execution: ({ rule_name, success, message, error }) =>
    sentence(t('events.rule', { name: rule_name }), outcome(success), error ?? message),
  system_event: ({ message }) => message,
  mqtt_message: ({ topic, payload, outcome }) => sentence(topic, outcome, payload),
}

const plain = (data: object): string =>
  Object.entries(data)
    .filter(
      ([name, value]) =>
        !['esp_id', 'device_id', 'topic', 'timestamp'].includes(name) && typeof value !== 'object',
    )
    .slice(0, 4)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')

/** What an event says, in at most one line. */
export function summaryOf(type: string, data: object): string {
  const summary = Object.hasOwn(summaries, type)
    ? (summaries[type as EventName] as (data: object) => string)
    : plain
  try {
    return String(summary(data) ?? '').slice(0, 200)
  } catch {
    return plain(data).slice(0, 200)
  }
}
