/**
 * What a subscriber of the realtime WebSocket hears: one schema per event. Names and fields are the seed's (§4) and the original's (protocol.md §5.6); every event
 * that was born on MQTT also carries its `topic`. Times inside events are Unix seconds with a fraction.
 */
import Type, { type Static } from 'typebox'
import {
  ActuatorAlertEvent,
  ActuatorCommandEvent,
  ActuatorCommandFailedEvent,
  ActuatorResponseEvent,
  ActuatorStatusEvent,
  ConfigResponseEvent,
  EmergencyDeviceEvent,
  EmergencyStopEvent,
} from './actuator-events.js'
import {
  ErrorEvent,
  EspDiagnosticsEvent,
  EspReconnectPhaseEvent,
  EspSafeModeEvent,
  EspStatusEvent,
  SensorResponseEvent,
  SystemResponseEvent,
} from './device-events.js'
import { MqttMessageEvent } from './mqtt-message.js'
import { DATA_SOURCES, PROCESSING_MODES, QUALITIES, TIME_SOURCES } from './quality.js'
import { LogicExecutionEvent } from './rule-events.js'
import { SubzoneAssignmentEvent, SubzoneStatusEvent, ZoneAssignmentEvent } from './zone-events.js'

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

/** A reading was stored, or, with `stored: false`, is shown while storage fails. */
export const SensorDataEvent = Type.Object({
  esp_id: Type.String(),
  device_id: Type.String({ description: 'the same as esp_id; older pages read it' }),
  gpio: Type.Integer(),
  sensor_type: Type.String(),
  address: nullable(Type.String()),
  value: nullable(Type.Number({ description: 'what to show: the processed value, else the raw one' })),
  raw_value: nullable(Type.Number()),
  processed_value: nullable(Type.Number()),
  unit: nullable(Type.String()),
  quality: Type.Enum([...QUALITIES]),
  processing_mode: Type.Enum([...PROCESSING_MODES]),
  data_source: Type.Enum([...DATA_SOURCES]),
  timestamp: Type.Number({ description: 'when it was measured, Unix seconds' }),
  time_source: Type.Enum([...TIME_SOURCES]),
  zone_id: nullable(Type.String()),
  topic: Type.String(),
  stored: Type.Optional(Type.Literal(false)),
})
export type SensorDataEvent = Static<typeof SensorDataEvent>

/** A device is alive, or is gone: by its Will, or because it was silent for too long. */
export const EspHealthEvent = Type.Object({
  esp_id: Type.String(),
  device_id: Type.String(),
  status: Type.Enum(['online', 'offline', 'unknown', 'error', 'pending_approval', 'rejected']),
  health_status: nullable(Type.String({ description: 'healthy, degraded or critical' })),
  system_state: nullable(Type.String()),
  flapping: Type.Boolean({ description: 'it comes and goes' }),
  heap_free: nullable(Type.Integer({ description: 'bytes' })),
  wifi_rssi: nullable(Type.Integer({ description: 'dBm' })),
  uptime: nullable(Type.Integer({ description: 'seconds' })),
  sensor_count: Type.Integer(),
  actuator_count: Type.Integer(),
  last_seen: nullable(Type.Number({ description: 'server time, Unix seconds' })),
  timestamp: Type.Number({ description: 'server time, Unix seconds' }),
  reason: Type.Optional(Type.String({ description: 'why it is offline' })),
  timeout_seconds: Type.Optional(Type.Number({ description: 'how long it was silent' })),
  metrics: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  topic: Type.Optional(Type.String({ description: 'where it came from, when it came on MQTT' })),
})
export type EspHealthEvent = Static<typeof EspHealthEvent>

/** An unknown device asked to be let in and waits for approval. */
export const DeviceDiscoveredEvent = Type.Object({
  esp_id: Type.String(),
  device_id: Type.String(),
  discovered_at: Type.Number(),
  last_seen: Type.Number(),
  zone_id: nullable(Type.String()),
  heap_free: nullable(Type.Integer()),
  wifi_rssi: nullable(Type.Integer()),
  sensor_count: Type.Integer(),
  actuator_count: Type.Integer(),
  hardware_type: Type.String(),
  ip_address: nullable(Type.String()),
  topic: Type.String(),
  paired: Type.Optional(Type.Boolean({ description: 'it proved the claim code of a pairing window' })),
})
export type DeviceDiscoveredEvent = Static<typeof DeviceDiscoveredEvent>

/** Somebody let a device in. */
export const DeviceApprovedEvent = Type.Object({
  esp_id: Type.String(),
  device_id: Type.String(),
  status: Type.Literal('approved'),
  approved_by: Type.String(),
  approved_at: Type.Number({ description: 'Unix seconds' }),
  zone_id: nullable(Type.String()),
  zone_name: nullable(Type.String()),
})
export type DeviceApprovedEvent = Static<typeof DeviceApprovedEvent>

/** Somebody shut a device out. */
export const DeviceRejectedEvent = Type.Object({
  esp_id: Type.String(),
  device_id: Type.String(),
  status: Type.Literal('rejected'),
  rejected_by: Type.String(),
  rejected_at: Type.Number({ description: 'Unix seconds' }),
  reason: nullable(Type.String()),
  rejection_reason: nullable(Type.String({ description: 'the same as reason; older pages read it' })),
  cooldown_until: Type.Number({ description: 'it is not listed again before, Unix seconds' }),
})
export type DeviceRejectedEvent = Static<typeof DeviceRejectedEvent>

/** Something about kaiser itself: start, stop, storage failing or recovered, breaker. */
export const SystemEvent = Type.Object({
  event_type: Type.Enum([
    'start',
    'stop',
    'storage_failing',
    'storage_recovered',
    'breaker_open',
    'breaker_closed',
    'takeover',
    'flapping',
    'bound_hit',
    'sensor_type_failed',
    'command_refused',
    'redis_lost',
    'redis_back',
    'certificate_renewed',
    'tls_reload_failed',
    'sessions_damaged',
    'mocks_recovered',
  ]),
  message: Type.String(),
  details: Type.Record(Type.String(), Type.Unknown()),
})
export type SystemEvent = Static<typeof SystemEvent>

/** Every event, by the name it goes out with. */
export const events = {
  sensor_data: SensorDataEvent,
  esp_health: EspHealthEvent,
  device_discovered: DeviceDiscoveredEvent,
  device_approved: DeviceApprovedEvent,
  device_rejected: DeviceRejectedEvent,
  error_event: ErrorEvent,
  esp_diagnostics: EspDiagnosticsEvent,
  esp_status: EspStatusEvent,
  esp_safe_mode: EspSafeModeEvent,
  esp_reconnect_phase: EspReconnectPhaseEvent,
  system_response: SystemResponseEvent,
  sensor_response: SensorResponseEvent,
  actuator_status: ActuatorStatusEvent,
  actuator_response: ActuatorResponseEvent,
  actuator_alert: ActuatorAlertEvent,
  actuator_command: ActuatorCommandEvent,
  actuator_command_failed: ActuatorCommandFailedEvent,
  emergency_stop: EmergencyStopEvent,
  emergency_device: EmergencyDeviceEvent,
  config_response: ConfigResponseEvent,
  zone_assignment: ZoneAssignmentEvent,
  subzone_assignment: SubzoneAssignmentEvent,
  subzone_status: SubzoneStatusEvent,
  logic_execution: LogicExecutionEvent,
  system_event: SystemEvent,
  mqtt_message: MqttMessageEvent,
} as const

export type EventData = { [K in keyof typeof events]: Static<(typeof events)[K]> }
export type EventName = keyof EventData

/** An event before it is wrapped. */
export type Event = { [K in EventName]: { type: K; data: EventData[K] } }[EventName]

/** What travels; frames.ts says what is said beside the event. */
export type Envelope = Event & { timestamp: number; cursor?: string; since?: string; skipped?: number }

/** Events that are never delayed and never dropped, whatever the limit. */
export const URGENT: ReadonlySet<string> = new Set([
  'actuator_alert',
  'emergency_stop',
  'emergency_device',
  'system_event',
])

/** Events that only reach who names them in `types`: an empty filter does not ask for them, nor does MQTT. */
export const OPT_IN: ReadonlySet<string> = new Set(['mqtt_message'])
