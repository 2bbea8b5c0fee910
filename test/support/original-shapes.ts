/**
 * What the original's pages read of each answer: names, types and what may be null, written down from the wire
 * contract and from nothing of ours, so that a renamed field is noticed. More fields do no harm. rest-contract §2
 */
import Type from 'typebox'
import { Compile } from 'typebox/compile'

const { String: text, Boolean: flag, Integer: whole, Number: number } = Type
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const oneOf = (...words: string[]) => Type.Union(words.map((word) => Type.Literal(word)))
const list = Type.Array
const time = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' })
const uuid = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })
/** Views multiply it by 1000. */
const seconds = Type.Number({ minimum: 1e9, maximum: 1e11 })
const anything = Type.Record(Type.String(), Type.Unknown())

const User = Type.Object({
  id: whole(),
  username: text(),
  email: text(),
  full_name: orNull(text()),
  role: oneOf('admin', 'operator', 'viewer'),
  is_active: flag(),
  created_at: time,
  updated_at: time,
})
const Tokens = Type.Object({
  access_token: text(),
  refresh_token: text(),
  token_type: Type.Literal('bearer'),
  expires_in: whole(),
})
const done = { success: flag(), message: text() }
const Pagination = Type.Object({
  page: whole(),
  page_size: whole(),
  total_items: whole(),
  total_pages: whole(),
  has_next: flag(),
  has_prev: flag(),
})
const Sensor = Type.Object({
  gpio: whole(),
  sensor_type: text(),
  name: orNull(text()),
  subzone_id: orNull(text()),
  raw_value: number(),
  unit: text(),
  quality: text(),
  raw_mode: flag(),
  last_read: orNull(time),
})
const Actuator = Type.Object({
  gpio: whole(),
  actuator_type: text(),
  name: orNull(text()),
  state: flag(),
  pwm_value: number(),
  emergency_stopped: flag(),
  last_command: orNull(text()),
})
const Device = Type.Object({
  id: uuid,
  device_id: text(),
  name: orNull(text()),
  zone_id: orNull(text()),
  zone_name: orNull(text()),
  is_zone_master: flag(),
  ip_address: orNull(text()),
  mac_address: orNull(text()),
  firmware_version: orNull(text()),
  hardware_type: text(),
  capabilities: orNull(anything),
  status: oneOf('online', 'offline', 'error', 'unknown'),
  last_seen: orNull(time),
  metadata: orNull(anything),
  sensor_count: whole(),
  actuator_count: whole(),
  created_at: time,
  updated_at: time,
  // Beyond the original: its cards stay whole after a change of zone. §16.1
  sensors: list(Sensor),
  actuators: list(Actuator),
  system_state: orNull(text()),
})
const Mock = Type.Object({
  esp_id: text(),
  zone_id: orNull(text()),
  zone_name: orNull(text()),
  master_zone_id: orNull(text()),
  subzone_id: orNull(text()),
  system_state: text(),
  status: oneOf('online', 'offline'),
  connected: flag(),
  sensors: list(Sensor),
  actuators: list(Actuator),
  auto_heartbeat: flag(),
  heap_free: whole(),
  wifi_rssi: whole(),
  uptime: whole(),
  last_heartbeat: orNull(time),
  created_at: time,
  hardware_type: Type.Literal('MOCK_ESP32'),
})
const Entry = Type.Object({
  event_type: text(),
  severity: oneOf('info', 'warning', 'error', 'critical'),
  source_type: oneOf('esp32', 'user', 'system', 'api', 'mqtt', 'scheduler'),
  source_id: orNull(text()),
  status: text(),
  message: orNull(text()),
  details: anything,
  error_code: orNull(text()),
  error_description: orNull(text()),
  ip_address: orNull(text()),
  correlation_id: orNull(text()),
  created_at: time,
})
const counts = Type.Record(Type.String(), Type.Integer())
const Retention = Type.Object({
  enabled: flag(),
  default_days: whole(),
  severity_days: Type.Object({ info: whole(), warning: whole(), error: whole(), critical: whole() }),
  max_records: whole(),
  batch_size: whole(),
  preserve_emergency_stops: flag(),
  last_cleanup: orNull(time),
})
const zoned = { ...done, device_id: text(), mqtt_topic: text(), mqtt_sent: flag() }
const event = <T extends Record<string, Type.TSchema>>(data: T) =>
  Type.Object({ type: text(), timestamp: seconds, data: Type.Object({ topic: text(), ...data }) })

const shapes = {
  status: Type.Object({
    setup_required: flag(),
    users_exist: flag(),
    mqtt_auth_enabled: flag(),
    mqtt_tls_enabled: flag(),
  }),
  session: Type.Object({ ...done, tokens: Tokens, user: User }),
  renewed: Type.Object({ ...done, tokens: Tokens }),
  user: User,
  users: Type.Object({ success: flag(), users: list(User), total: whole() }),
  done: Type.Object(done),
  device: Device,
  devices: Type.Object({ ...done, data: list(Device), pagination: Pagination }),
  mock: Mock,
  mocks: Type.Object({ success: flag(), data: list(Mock), total: whole() }),
  mockResult: Type.Object({
    success: flag(),
    esp_id: text(),
    command: text(),
    result: orNull(anything),
    error: orNull(text()),
  }),
  beat: Type.Object({ success: flag(), esp_id: text(), timestamp: time, message_published: flag() }),
  assigned: Type.Object({
    ...zoned,
    zone_id: text(),
    zone_name: orNull(text()),
    master_zone_id: orNull(text()),
  }),
  removed: Type.Object(zoned),
  entries: Type.Object({
    data: list(Entry),
    total: whole(),
    page: whole(),
    page_size: whole(),
    total_pages: whole(),
  }),
  statistics: Type.Object({
    total_count: whole(),
    count_by_severity: counts,
    count_by_event_type: counts,
    oldest_entry: orNull(time),
    newest_entry: orNull(time),
    storage_estimate_mb: number(),
    pending_cleanup_count: whole(),
    pending_cleanup_by_severity: counts,
    retention_config: Retention,
  }),
  retention: Retention,
  cleaned: Type.Object({
    deleted_count: whole(),
    deleted_by_severity: counts,
    duration_ms: number(),
    dry_run: flag(),
    errors: list(text()),
  }),
  eventTypes: list(Type.Object({ value: text(), description: text(), category: text() })),
  severities: list(Type.Object({ value: text(), description: text(), color: text() })),
  words: list(text()),
  sensorEvent: event({
    esp_id: text(),
    gpio: whole(),
    value: number(),
    quality: text(),
    unit: text(),
    timestamp: seconds,
  }),
  actuatorEvent: event({
    esp_id: text(),
    gpio: whole(),
    state: text(),
    value: number(),
    emergency: text(),
    emergency_stopped: flag(),
    pwm_value: number(),
    timestamp: seconds,
  }),
  alertEvent: event({ esp_id: text(), gpio: whole(), alert_type: text() }),
  healthEvent: event({
    esp_id: text(),
    status: text(),
    uptime: whole(),
    heap_free: whole(),
    wifi_rssi: whole(),
    sensor_count: whole(),
    actuator_count: whole(),
    timestamp: seconds,
  }),
}
export type ShapeName = keyof typeof shapes

/** What an answer lacks of what the pages read, each with its place; empty when nothing. */
export const lacking = (name: ShapeName, answer: unknown): string[] =>
  [...Compile(shapes[name] as Type.TSchema).Errors(answer)].map(
    ({ instancePath, message }) => `${name}${instancePath} ${message}`,
  )
