/**
 * One TypeBox schema per MQTT payload. Liberal in: unknown fields are ignored, an optional field may be null.
 * Strict about meaning: booleans are not numbers, numbers are finite, a `raw_mode` that is no boolean is
 * refused. Field names, aliases and limits: protocol.md §2.2 and §2.6.
 */
import Type, { type Static } from 'typebox'
import { Count, Counter, EspId, Gpio, given, Name, Text, Timestamp } from './fields.js'

/** What a sensor reported; with esp_id and topic it is a whole message, in a batch it is one of many. */
const reading = {
  gpio: Gpio,
  sensor_type: Name,
  ts: given(Timestamp),
  timestamp: given(Timestamp),
  raw: given(Type.Number({ description: 'native number of the sensor: ADC count, register' })),
  raw_value: given(Type.Number({ description: 'alias of raw; in mock shape the engineering value' })),
  raw_mode: Type.Optional(Type.Boolean({ description: 'missing means true' })),
  value: given(Type.Number({ description: 'engineering value' })),
  unit: given(Text(20)),
  quality: Type.Optional(Type.Unknown()),
  error_code: given(Type.Integer()),
  onewire_address: given(
    Type.String({ pattern: '^[0-9A-Za-z-]{1,32}$', description: 'ROM code, 16 hex digits' }),
  ),
  i2c_address: given(Type.Integer({ minimum: 0, maximum: 127 })),
  time_valid: given(Type.Boolean()),
  seq: given(Counter),
  _test_mode: Type.Optional(Type.Unknown()),
  _source: Type.Optional(Type.Unknown()),
}

/** `sensor/{gpio}/data`: a sensor reported a value. protocol.md §2.2 */
export const SensorData = Type.Object(
  { esp_id: EspId, ...reading },
  { description: 'A sensor reported a value' },
)
export type SensorData = Static<typeof SensorData>

/** How many readings a batch may have; the firmware sends ten at most. */
export const BATCH = 100

/** `sensor/batch`: several readings at once; they carry engineering values unless they say raw_mode. §1.1 U2 */
export const SensorBatch = Type.Object(
  {
    esp_id: given(EspId),
    ts: given(Timestamp),
    timestamp: given(Timestamp),
    time_valid: given(Type.Boolean()),
    seq: given(Counter),
    sensors: Type.Array(Type.Object(reading), { minItems: 1, maxItems: BATCH }),
    _test_mode: Type.Optional(Type.Unknown()),
    _source: Type.Optional(Type.Unknown()),
  },
  { description: 'Several sensors reported values' },
)
export type SensorBatch = Static<typeof SensorBatch>

/** What one gpio is used for, as the device sees it. protocol.md §2.6 */
const GpioStatus = Type.Object({
  gpio: Gpio,
  owner: given(Text(32)),
  component: given(Text(64)),
  mode: given(Type.Union([Text(32), Type.Integer()])),
  safe: given(Type.Boolean()),
})

/** What a heartbeat may say besides; kept as it is in the device's `health`. protocol.md §2.6 */
const condition = {
  boot_count: given(Counter),
  error_count: given(Counter),
  time_valid: given(Type.Boolean()),
  gpio_status: given(Type.Array(GpioStatus, { maxItems: 64 })),
  gpio_reserved_count: given(Counter),
  segment_start_ts: given(Timestamp),
  metrics_schema_version: given(Counter),
  persistence_degraded: given(Type.Boolean()),
  persistence_degraded_reason: given(Text(100)),
  runtime_state_degraded: given(Type.Boolean()),
  mqtt_circuit_breaker_open: given(Type.Boolean()),
  wifi_circuit_breaker_open: given(Type.Boolean()),
  network_degraded: given(Type.Boolean()),
  payload_degraded: given(Type.Boolean()),
  degraded_fields: given(Type.Array(Text(64), { maxItems: 32 })),
  heartbeat_degraded_count: given(Counter),
  persistence_drift_count: given(Counter),
  critical_outcome_drop_count: given(Counter),
  publish_outbox_drop_count: given(Counter),
  sensor_command_queue_overflow_count: given(Counter),
  active_handover_epoch: given(Counter),
  config_buffer_size: given(Count('bytes of the largest PUBLISH it takes')),
}
export const CONDITION = Object.keys(condition) as (keyof typeof condition)[]

/** `system/heartbeat`: a device is alive. protocol.md §2.6 */
export const Heartbeat = Type.Object(
  {
    esp_id: given(EspId),
    ts: given(Timestamp),
    timestamp: given(Timestamp),
    uptime: Count('seconds since boot'),
    heap_free: given(Count('bytes')),
    free_heap: given(Count('alias of heap_free')),
    wifi_rssi: Type.Integer({ minimum: -200, maximum: 200, description: 'dBm' }),
    sensor_count: given(Counter),
    active_sensors: given(Counter),
    actuator_count: given(Counter),
    active_actuators: given(Counter),
    hardware_type: given(Name),
    firmware_version: given(Text(50)),
    wifi_ip: given(Text(45)),
    zone_id: given(Text(50)),
    master_zone_id: given(Text(50)),
    zone_assigned: given(Type.Boolean()),
    system_state: given(Text(40)),
    boot_sequence_id: given(Type.Union([Text(64), Counter])),
    reset_reason: given(Text(64)),
    config_fingerprint: given(Text(128)),
    ...condition,
  },
  { description: 'A device is alive' },
)
export type Heartbeat = Static<typeof Heartbeat>

/** `system/will`: the broker says for the device that it is gone. protocol.md §1.1 U12 */
export const Will = Type.Object(
  {
    esp_id: given(EspId),
    status: given(Text(32)),
    reason: given(Text(64)),
    timestamp: given(Timestamp),
    ts: given(Timestamp),
  },
  { description: 'A device is gone' },
)
export type Will = Static<typeof Will>

/** `system/heartbeat/ack`: the answer; it feeds the firmware's 120 s safety timer. protocol.md §2.6 */
export const HeartbeatAck = Type.Object({
  status: Type.Enum(['pending_approval', 'approved', 'online', 'offline', 'rejected', 'error']),
  config_available: Type.Boolean(),
  server_time: Type.Integer({ description: 'seconds since 1970' }),
  ack_type: Type.Literal('heartbeat'),
  contract_version: Type.Literal(2),
  handover_epoch: Type.Integer({ minimum: 1 }),
})
export type HeartbeatAck = Static<typeof HeartbeatAck>
