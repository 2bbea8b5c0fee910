/**
 * Kysely's view of the tables about actuators and emergency stops, as storage/tables.ts is of the others; the same
 * test compares them with schema.sql.
 */
export interface ActuatorConfigsTable {
  id: string
  esp_id: string
  gpio: number
  actuator_type: string
  actuator_name: string | null
  enabled: number
  min_value: number
  max_value: number
  default_value: number
  safe_value: number
  max_runtime: number | null
  min_off: number
  starts_per_hour: number | null
  daily_quota: number | null
  interlocks: string
  required_sensors: string
  require_rule_sensors: number
  sanity: string | null
  aux_gpio: number
  critical: number
  inverted_logic: number
  pwm_frequency: number | null
  servo_min_pulse: number | null
  servo_max_pulse: number | null
  metadata: string
  config_status: 'pending' | 'applied' | 'failed'
  config_error: string | null
  created_at: number
  updated_at: number
}

export type ActuatorStateWord = 'on' | 'off' | 'pwm' | 'error' | 'unknown'

export interface ActuatorStatesTable {
  esp_id: string
  gpio: number
  actuator_type: string
  state: ActuatorStateWord
  current_value: number
  desired: string | null
  on_since: number | null
  runtime_ms: number | null
  last_command: string | null
  last_command_at: number | null
  error: string | null
  emergency: string
  data_source: string
  stale_since: number | null
  stale_reason: string | null
  reported_at: number | null
  updated_at: number
}

export type Stage =
  | 'pending'
  | 'sent'
  | 'acknowledged'
  | 'done'
  | 'failed'
  | 'expired'
  | 'superseded'
  | 'refused'

export interface ActuatorHistoryTable {
  id: number
  correlation_id: string | null
  esp_id: string
  gpio: number
  actuator_type: string | null
  command_type: string
  value: number | null
  duration: number | null
  issued_by: string
  state: Stage
  success: number | null
  error_message: string | null
  limit_name: string | null
  timestamp: number
  sent_at: number | null
  acknowledged_at: number | null
  finished_at: number | null
  expires_at: number | null
  command_metadata: string
  data_source: string | null
  fact: string | null
}

export interface ActuatorTimersTable {
  esp_id: string
  gpio: number
  kind: 'duration' | 'max_runtime' | 'override'
  due_at: number
  started_at: number
}

export interface ActuatorRunsTable {
  esp_id: string
  gpio: number
  started_at: number
  ended_at: number | null
}

export interface EmergencyStopsTable {
  id: number
  scope: 'all' | 'zone' | 'device' | 'actuator'
  esp_id: string | null
  zone_id: string | null
  gpio: number | null
  reason: string
  issued_by: string
  stopped_at: number
  armed_at: number | null
  arm_token: string | null
  armed_by: string | null
  released_at: number | null
  released_by: string | null
  release_reason: string | null
  /** Who stopped it last while it was stopped already, and why. */
  repeated_at: number | null
  repeated_by: string | null
  repeated_reason: string | null
}

export interface EmergencyDevicesTable {
  stop_id: number
  esp_id: string
  state: 'waiting' | 'sent' | 'confirmed' | 'not_confirmed'
  sent_at: number | null
  attempts: number
  confirmed_at: number | null
  confirmed_by: string | null
  cleared_at: number | null
}
