/** The names of the events this page has words for; the compiler compares them with the contract. */
import type { EventName } from '../../../routing/contract/events.js'

const known: Record<EventName, true> = {
  sensor_data: true,
  esp_health: true,
  device_discovered: true,
  device_approved: true,
  device_rejected: true,
  error_event: true,
  esp_diagnostics: true,
  esp_status: true,
  esp_safe_mode: true,
  esp_reconnect_phase: true,
  system_response: true,
  sensor_response: true,
  actuator_status: true,
  actuator_response: true,
  actuator_alert: true,
  actuator_command: true,
  actuator_command_failed: true,
  emergency_stop: true,
  emergency_device: true,
  config_response: true,
  zone_assignment: true,
  subzone_assignment: true,
  subzone_status: true,
  logic_execution: true,
  system_event: true,
  mqtt_message: true,
}

export const events = Object.keys(known)
