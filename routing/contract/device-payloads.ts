/**
 * What a device says about itself besides its heartbeat: one TypeBox schema per payload. Liberal in: unknown
 * fields are ignored, an optional field may be null. Fields, aliases and limits: protocol.md §1.1, §2.9, §2.10.
 */
import Type, { type Static } from 'typebox'
import { BootSequenceId, Count, Counter, EspId, Gpio, given, Name, Rssi, Text, Timestamp } from './fields.js'

const Reason = given(Text(200))
const said = { esp_id: given(EspId), ts: given(Timestamp), timestamp: given(Timestamp), seq: given(Counter) }
const correlation = {
  correlation_id: given(Text(100)),
  request_id: given(Text(255)),
  intent_id: given(Text(100)),
}
/** The counters of `heartbeat_metrics`; kept as they are. protocol.md §2.6 */
export const METRICS = [
  'offline_enter_count',
  'adopting_enter_count',
  'adoption_noop_count',
  'adoption_delta_count',
  'handover_abort_count',
  'handover_contract_reject_count',
  'publish_queue_fill',
  'publish_queue_hwm',
  'publish_queue_shed_count',
  'publish_queue_drop_count',
  'safe_publish_retry_count',
  'emergency_rejected_no_token_total',
] as const
/** `system/heartbeat_metrics`: counters beside the heartbeat. protocol.md §2.6 */
export const HeartbeatMetrics = Type.Object(
  {
    ...said,
    ...(Object.fromEntries(METRICS.map((name) => [name, given(Counter)])) as Record<
      (typeof METRICS)[number],
      ReturnType<typeof given<typeof Counter>>
    >),
    handover_contract_last_reject: given(Text(100)),
  },
  { description: 'Counters of a device' },
)
export type HeartbeatMetrics = Static<typeof HeartbeatMetrics>

/** `session/announce`: a device has connected. protocol.md §1.1 U11 */
export const SessionAnnounce = Type.Object(
  {
    ...said,
    ts_ms: given(Timestamp),
    handover_epoch: given(Counter),
    session_epoch: given(Counter),
    connect_seq: given(Counter),
    reason: given(Text(64)),
    boot_sequence_id: given(BootSequenceId),
  },
  { description: 'A device has connected' },
)
export type SessionAnnounce = Static<typeof SessionAnnounce>

/** `system/error`: something went wrong on the device. Severity 0 to 3, or a word. protocol.md §2.9 */
export const SystemError = Type.Object(
  {
    ...said,
    error_code: Type.Union([Type.Integer({ minimum: 0, maximum: 999_999 }), Name]),
    severity: Type.Union([Type.Integer({ minimum: 0, maximum: 3 }), Text(16)]),
    category: given(Text(40)),
    message: given(Text(512)),
    module: given(Text(64)),
    function: given(Text(64)),
    stack_trace: given(Text(2048)),
    context: given(Type.Record(Type.String({ maxLength: 64 }), Type.Unknown())),
    correlation_id: given(Text(100)),
  },
  { description: 'Something went wrong on the device' },
)
export type SystemError = Static<typeof SystemError>

/** What diagnostics say besides heap and radio; kept as they are. protocol.md §2.10 */
const diagnosis = {
  heap_min_free: given(Count('bytes')),
  heap_fragmentation: given(Type.Number({ minimum: 0, maximum: 100, description: '%' })),
  wifi_connected: given(Type.Boolean()),
  mqtt_connected: given(Type.Boolean()),
  boot_reason: given(Text(64)),
  mqtt_cb_state: given(Text(16)),
  mqtt_cb_failures: given(Counter),
  wdt_mode: given(Text(24)),
  wdt_timeouts_24h: given(Counter),
  wdt_timeout_pending: given(Type.Boolean()),
  segment_start_ts: given(Timestamp),
  metrics_schema_version: given(Counter),
}
export const DIAGNOSIS = Object.keys(diagnosis) as (keyof typeof diagnosis)[]
/** `system/diagnostics`: how the device does, in detail. protocol.md §2.10 */
export const Diagnostics = Type.Object(
  {
    ...said,
    heap_free: given(Count('bytes')),
    free_heap: given(Count('alias of heap_free')),
    wifi_rssi: Rssi,
    uptime_seconds: given(Count('seconds since boot')),
    error_count: given(Counter),
    sensor_count: given(Counter),
    actuator_count: given(Counter),
    system_state: given(Text(40)),
    reset_reason: given(Text(64)),
    boot_sequence_id: given(BootSequenceId),
    ...diagnosis,
  },
  { description: 'How a device does' },
)
export type Diagnostics = Static<typeof Diagnostics>

/** `status`: in which state the device is. protocol.md §1.1 U23 */
export const DeviceStatusPayload = Type.Object(
  {
    ...said,
    system_state: given(Text(40)),
    webserver_active: given(Type.Boolean()),
    wifi_connected: given(Type.Boolean()),
    wifi_ssid: given(Text(32)),
    mqtt_connected: given(Type.Boolean()),
    zone_configured: given(Type.Boolean()),
    zone_id: given(Text(50)),
    master_zone_id: given(Text(50)),
    sensors_configured: given(Type.Union([Type.Boolean(), Counter])),
    actuators_configured: given(Type.Union([Type.Boolean(), Counter])),
    heap_free: given(Count('bytes')),
    free_heap: given(Count('alias of heap_free')),
    uptime: given(Count('seconds since boot')),
  },
  { description: 'The state of a device' },
)
export type DeviceStatusPayload = Static<typeof DeviceStatusPayload>

/** `safe_mode`: the device went into safe mode, or left it. protocol.md §1.1 U24 */
export const SafeMode = Type.Object(
  { ...said, safe_mode_active: Type.Boolean(), reason: Reason },
  { description: 'Safe mode on or off' },
)
export type SafeMode = Static<typeof SafeMode>

/** `mqtt/auth_status`: what became of credentials a device was told. protocol.md §1.1 U26 */
export const AuthStatus = Type.Object(
  {
    ...said,
    success: Type.Boolean(),
    mode: given(Text(32)),
    username: given(Text(64)),
    error: given(Text(200)),
  },
  { description: 'What became of the credentials a device was told' },
)
export type AuthStatus = Static<typeof AuthStatus>

/** `system/response` and `system/command/response`: what became of a system command. protocol.md §1.1 U18 */
export const SystemResponse = Type.Object(
  { ...said, ...correlation, command: Text(64), success: Type.Boolean(), message: given(Text(512)) },
  { description: 'What became of a system command' },
)
export type SystemResponse = Static<typeof SystemResponse>

/** `sensor/{gpio}/response`: what became of a sensor command. protocol.md §1.1 U3 */
export const SensorResponse = Type.Object(
  {
    ...said,
    ...correlation,
    gpio: given(Gpio),
    command: given(Text(64)),
    success: Type.Boolean(),
    message: given(Text(512)),
    quality: given(Text(32)),
    sensor_type: given(Name),
  },
  { description: 'What became of a sensor command' },
)
export type SensorResponse = Static<typeof SensorResponse>

/** `discovery/esp32_nodes`: how older firmware asked to be let in. protocol.md §1.1 U27 */
export const DiscoveryNodes = Type.Object(
  {
    ...said,
    esp_id: EspId,
    hardware_type: given(Name),
    firmware_version: given(Text(50)),
    ip_address: given(Text(45)),
    wifi_ip: given(Text(45)),
    mac_address: given(Text(17)),
    heap_free: given(Count('bytes')),
    free_heap: given(Count('alias of heap_free')),
    wifi_rssi: given(Rssi),
    sensor_count: given(Counter),
    actuator_count: given(Counter),
  },
  { description: 'An older device asks to be let in' },
)
export type DiscoveryNodes = Static<typeof DiscoveryNodes>
