/**
 * One line of text for each kind of event, for people who scan a list. A kind that this page does not know is
 * shown by its first plain fields.
 */
import type { EventData, EventName } from '../../../routing/contract/events.js'
import { shown } from '../shown.js'

type Summaries = { [K in EventName]: (data: EventData[K]) => string }

const sentence = (...parts: (string | null | undefined | false)[]): string => parts.filter(Boolean).join(', ')

const answers = {
  pending: 'not answered yet',
  zone_assigned: 'taken',
  zone_removed: 'taken',
  subzone_assigned: 'taken',
  subzone_removed: 'removed',
  error: 'refused by the device',
} as const

const summaries: Summaries = {
  sensor_data: ({ sensor_type, gpio, value, unit, quality, stored }) =>
    sentence(
      `${sensor_type} ${shown(value)} ${value === null ? '' : (unit ?? '')}`.trim(),
      `gpio ${gpio}`,
      quality,
      stored === false && 'not stored yet',
    ),
  esp_health: ({ status, reason, flapping, wifi_rssi, heap_free }) =>
    sentence(
      status,
      reason?.replaceAll('_', ' '),
      flapping && 'comes and goes',
      wifi_rssi !== null && wifi_rssi !== undefined && `Wi-Fi ${wifi_rssi} dBm`,
      Boolean(heap_free) && `${Math.round(heap_free! / 1024)} KiB free`,
    ),
  device_discovered: ({ hardware_type, ip_address }) =>
    sentence('asks to be let in', hardware_type, ip_address),
  device_approved: ({ approved_by }) => sentence('let in', `by ${approved_by}`),
  device_rejected: ({ rejected_by, reason }) => sentence('shut out', `by ${rejected_by}`, reason),
  error_event: ({ severity, title, message }) => sentence(severity, title, message),
  esp_diagnostics: ({ health_status, uptime }) =>
    sentence(health_status, uptime !== null && `up ${uptime} s`),
  esp_status: ({ system_state }) => sentence(system_state ?? 'no state given'),
  esp_safe_mode: ({ safe_mode_active, reason }) =>
    sentence(safe_mode_active ? 'safe mode' : 'safe mode over', reason),
  esp_reconnect_phase: ({ reason, offline_seconds }) =>
    sentence(
      'connected',
      reason,
      offline_seconds !== null && `${Math.round(offline_seconds)} s after its last word`,
    ),
  system_response: ({ command, success, message }) => sentence(command, success ? 'done' : 'failed', message),
  sensor_response: ({ gpio, command, success, message }) =>
    sentence(`gpio ${gpio}`, command, success ? 'done' : 'failed', message),
  actuator_status: ({ gpio, actuator_type, state, value, emergency_stopped, stale_reason, error }) =>
    sentence(
      `${actuator_type} gpio ${gpio} ${state === 'pwm' ? `${Math.round(value * 100)} %` : state}`,
      emergency_stopped && 'stopped by an emergency',
      error,
      stale_reason !== null && `doubtful: ${stale_reason.replaceAll('_', ' ')}`,
    ),
  actuator_response: ({ gpio, command, success, message, unsolicited }) =>
    sentence(
      `gpio ${gpio}`,
      command,
      success ? 'done' : 'failed',
      message,
      unsolicited && 'to no command of ours',
    ),
  actuator_alert: ({ gpio, alert_type, severity, message, reason }) =>
    sentence(
      severity,
      alert_type.replaceAll('_', ' '),
      gpio !== null && (gpio === 255 ? 'whole device' : `gpio ${gpio}`),
      message ?? reason,
    ),
  actuator_command: ({ gpio, command, state, issued_by }) =>
    sentence(`gpio ${gpio}`, command, state, `by ${issued_by}`),
  actuator_command_failed: ({ gpio, command, state, error, issued_by }) =>
    sentence(`gpio ${gpio}`, command, state, error, `by ${issued_by}`),
  emergency_stop: ({ scope, state, again, reason, issued_by }) =>
    sentence(`emergency stop (${scope}) ${state}${again ? ' again' : ''}`, reason, `by ${issued_by}`),
  emergency_device: ({ state, confirmed_by, message }) =>
    sentence(
      `emergency stop ${state.replaceAll('_', ' ')}`,
      confirmed_by !== null && `by ${confirmed_by}`,
      message,
    ),
  config_response: ({ config_type, status, message }) =>
    sentence(`${config_type} configuration`, status.replaceAll('_', ' '), message),
  zone_assignment: ({ status, zone_id, zone_name, message }) =>
    sentence(zone_id === null ? 'no zone' : `zone ${zone_name ?? zone_id}`, answers[status], message),
  subzone_assignment: ({ status, subzone_id, message }) =>
    sentence(`subzone ${subzone_id}`, answers[status], message),
  subzone_status: ({ subzone_id, status }) =>
    sentence(`subzone ${subzone_id}`, status.safe_mode === true && 'safe mode'),
  logic_execution: ({ rule_name, success, message, error }) =>
    sentence(`rule ${rule_name}`, success ? 'done' : 'failed', error ?? message),
  system_event: ({ message }) => message,
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
