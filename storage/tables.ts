/**
 * Kysely's view of schema.sql, one interface per table, column for column; a test compares the two.
 * Booleans are 0 or 1 and JSON is text here, as SQLite keeps them; the rooms above turn them into words.
 */
import type {
  ActuatorConfigsTable,
  ActuatorHistoryTable,
  ActuatorRunsTable,
  ActuatorStatesTable,
  ActuatorTimersTable,
  EmergencyDevicesTable,
  EmergencyStopsTable,
} from './actuator-tables.js'

export interface EspDevicesTable {
  id: string
  device_id: string
  name: string | null
  hardware_type: string
  status: DeviceStatus
  last_seen: number | null
  zone_id: string | null
  zone_name: string | null
  master_zone_id: string | null
  subzone_id: string | null
  is_zone_master: number
  kaiser_id: string | null
  ip_address: string | null
  mac_address: string | null
  firmware_version: string | null
  heap_free: number | null
  wifi_rssi: number | null
  uptime: number | null
  sensor_count: number
  actuator_count: number
  error_count: number
  boot: number
  boot_sequence_id: string | null
  connect_seq: number | null
  system_state: string | null
  reset_reason: string | null
  health_status: string | null
  health: string
  last_heartbeat: number | null
  heartbeat_interval: number | null
  offline_reason: string | null
  flapping_since: number | null
  discovered_at: number | null
  approved_at: number | null
  approved_by: string | null
  rejection_reason: string | null
  last_rejection_at: number | null
  capabilities: string
  device_metadata: string
  password_hash: string | null
  created_at: number
  updated_at: number
}

export type DeviceStatus = 'pending_approval' | 'approved' | 'online' | 'offline' | 'rejected' | 'error'

export interface DeviceHealthTable {
  esp_id: string
  slot: number
  timestamp: number
  health_status: string | null
  heap_free: number | null
  wifi_rssi: number | null
  uptime: number | null
  sensor_count: number | null
  actuator_count: number | null
  error_count: number | null
}

export interface SensorConfigsTable {
  id: string
  esp_id: string
  gpio: number
  sensor_type: string
  address: string
  sensor_name: string | null
  enabled: number
  processing_mode: 'pi_enhanced' | 'local' | 'raw'
  sample_interval_ms: number
  threshold_min: number | null
  threshold_max: number | null
  warning_min: number | null
  warning_max: number | null
  probe_serial: string | null
  params: string
  calibration_data: string | null
  sensor_metadata: string
  config_status: 'pending' | 'applied' | 'failed'
  config_error: string | null
  created_at: number
  updated_at: number
}

export interface CalibrationsTable {
  id: number
  esp_id: string
  gpio: number
  sensor_type: string
  address: string
  probe_serial: string | null
  calibration: string
  verdict: string
  performed_at: number
  performed_by: string
  due_at: number | null
  undone_at: number | null
  undone_by: string | null
}

export type Severity = 'info' | 'warning' | 'error' | 'critical'
export type SourceType = 'esp32' | 'user' | 'system' | 'api' | 'mqtt' | 'scheduler'

export interface AuditLogsTable {
  id: number
  event_type: string
  severity: Severity
  source_type: SourceType
  source_id: string | null
  status: string
  message: string | null
  details: string
  error_code: string | null
  error_description: string | null
  ip_address: string | null
  user_agent: string | null
  correlation_id: string | null
  request_id: string | null
  created_at: number
}

export interface SettingsTable {
  key: string
  value: string
  updated_at: number
}

export interface SensorsTable {
  id: number
  esp_id: string
  gpio: number
  sensor_type: string
  address: string
  created_at: number
}

/** A reading as it is stored: words are positions in the lists of routing/contract/quality.ts. */
export interface ReadingsTable {
  id: number
  sensor_id: number
  timestamp: number
  raw_value: number | null
  processed_value: number | null
  unit: string | null
  quality: number
  processing_mode: number
  received_at: number
  time_source: number
  seq: number | null
  boot: number | null
  zone_id: string | null
  subzone_id: string | null
  data_source: number
}

/** Its columns, for statements that name all of them. */
export const READING_COLUMNS = [
  'id',
  'sensor_id',
  'timestamp',
  'raw_value',
  'processed_value',
  'unit',
  'quality',
  'processing_mode',
  'received_at',
  'time_source',
  'seq',
  'boot',
  'zone_id',
  'subzone_id',
  'data_source',
] as const satisfies readonly (keyof ReadingsTable)[]

export interface CompactionTable {
  one: number
  cutoff: number
  sensor_id: number
  timestamp: number
  id: number
}

export interface CheckpointTable {
  one: number
  checkpointed_at: number
}

export interface RejectsTable {
  slot: number
  id: number
  received_at: number
  topic: string
  payload: Uint8Array
  payload_bytes: number
  qos: number
  code: string
  detail: string
  esp_id: string | null
  client_id: string | null
  retried_at: number | null
  said_by: string | null
}

export type Role = 'viewer' | 'operator' | 'admin'

export interface UsersTable {
  id: number
  username: string
  email: string
  full_name: string | null
  password_hash: string
  role: Role
  is_active: number
  token_version: number
  session_version: number
  created_at: number
  updated_at: number
}

export interface RevokedTokensTable {
  jti: string
  reason: 'logout' | 'rotated'
  revoked_at: number
  expires_at: number
}

export interface MqttSessionsTable {
  client_id: string
  owner: string
  disconnected_at: number | null
}

export interface MqttSubscriptionsTable {
  client_id: string
  filter: string
  qos: number
  nl: number | null
  rap: number | null
  rh: number | null
}

export interface MqttMessagesTable {
  id: number
  topic: string
  payload: Uint8Array
  received_at: number
}

export interface MqttQueueTable {
  id: number
  client_id: string
  message_id: number | null
  qos: number
  packet_id: number | null
}

export interface MqttIncomingTable {
  client_id: string
  packet_id: number
}

export interface MqttRetainedTable {
  topic: string
  payload: Uint8Array
  qos: number
  stored_at: number
}

export interface MqttWillsTable {
  client_id: string
  topic: string
  payload: Uint8Array
  qos: number
  retain: number
}

export interface MqttAsideTable {
  client_id: string
  name: string
  seq: number
  put_at: number
  packet: string
}

export interface MqttQuarantineTable {
  id: number
  quarantined_at: number
  table_name: string
  reason: string
  row: string
}

export interface ZonesTable {
  zone_id: string
  name: string | null
  master_zone_id: string | null
  created_at: number
  updated_at: number
}

export type SubzoneState = 'pending' | 'assigned' | 'failed' | 'removing'

export interface SubzoneConfigsTable {
  esp_id: string
  subzone_id: string
  subzone_name: string | null
  parent_zone_id: string
  assigned_gpios: string
  safe_mode_active: number
  status: SubzoneState
  error: string | null
  correlation_id: string
  told: number
  sent_at: number | null
  attempts: number
  last_ack_at: number | null
  reported: string | null
  created_at: number
  updated_at: number
}

export interface PlacementsTable {
  esp_id: string
  until_at: number
  zone_id: string | null
  subzones: string
}

export interface MockStatesTable {
  esp_id: string
  /** JSON */
  state: string
  updated_at: number
}

/** The tables that statements name. */
export interface Tables {
  esp_devices: EspDevicesTable
  device_health: DeviceHealthTable
  sensor_configs: SensorConfigsTable
  zones: ZonesTable
  subzone_configs: SubzoneConfigsTable
  placements: PlacementsTable
  calibrations: CalibrationsTable
  actuator_configs: ActuatorConfigsTable
  actuator_states: ActuatorStatesTable
  actuator_history: ActuatorHistoryTable
  actuator_timers: ActuatorTimersTable
  actuator_runs: ActuatorRunsTable
  emergency_stops: EmergencyStopsTable
  emergency_devices: EmergencyDevicesTable
  mock_states: MockStatesTable
  audit_logs: AuditLogsTable
  settings: SettingsTable
  sensors: SensorsTable
  readings_intake: ReadingsTable
  readings_history: ReadingsTable
  /** a view over intake and history */
  readings: ReadingsTable
  compaction: CompactionTable
  checkpoint: CheckpointTable
  rejects: RejectsTable
  users: UsersTable
  revoked_tokens: RevokedTokensTable
  mqtt_sessions: MqttSessionsTable
  mqtt_subscriptions: MqttSubscriptionsTable
  mqtt_messages: MqttMessagesTable
  mqtt_queue: MqttQueueTable
  mqtt_incoming: MqttIncomingTable
  mqtt_retained: MqttRetainedTable
  mqtt_wills: MqttWillsTable
  mqtt_aside: MqttAsideTable
  mqtt_quarantine: MqttQuarantineTable
}
