/**
 * One TypeBox schema per MQTT payload. Liberal in: unknown fields are ignored, an optional field may be null.
 * Strict about meaning: booleans are not numbers, numbers are finite, a `raw_mode` that is no boolean is
 * refused. Field names, aliases and limits: protocol.md §2.2 and §2.6.
 */
import Type, { type Static, type TSchema } from 'typebox'

/** May be missing or null; both mean "not given". */
const given = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))

/** A name devices choose freely (a sensor type, a hardware type): printable, bounded, no control characters. */
const Name = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.:/ -]{0,49}$',
  description: 'up to 50 letters, digits, _ . : / -',
})

const EspId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,50}$', description: 'device id, as in the topic' })
const Gpio = Type.Integer({ minimum: 0, maximum: 255 })
/** A whole number that fits an integer column. */
const Count = (description: string) =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description })
const Counter = Count('a count')
const Text = (maxLength: number) => Type.String({ maxLength })

/** Seconds or milliseconds since 1970: below 1e11 it is seconds. */
const Timestamp = Type.Number({ description: 'seconds since 1970, or milliseconds when 1e11 or more' })

/** `sensor/{gpio}/data`: a sensor reported a value. protocol.md §2.2 */
export const SensorData = Type.Object(
  {
    esp_id: EspId,
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
  },
  { description: 'A sensor reported a value' },
)
export type SensorData = Static<typeof SensorData>

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
    error_count: given(Counter),
    hardware_type: given(Name),
    firmware_version: given(Text(50)),
    wifi_ip: given(Text(45)),
    zone_id: given(Text(50)),
    master_zone_id: given(Text(50)),
    zone_assigned: given(Type.Boolean()),
    system_state: given(Text(40)),
    boot_count: given(Counter),
    boot_sequence_id: given(Type.Union([Text(64), Counter])),
    reset_reason: given(Text(64)),
    time_valid: given(Type.Boolean()),
  },
  { description: 'A device is alive' },
)
export type Heartbeat = Static<typeof Heartbeat>

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
