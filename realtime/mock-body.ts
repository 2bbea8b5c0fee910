/** Mock devices as pages know them. Wire format: rest-contract §2 and §6, and what the simulator has beyond it. */
import Type, { type Static } from 'typebox'
import { MockActuator, MockFault, MockSensor } from '../routing/contract/mock.js'
import type { Device } from '../storage/devices.js'
import type { ActuatorView, MockView, SensorView } from './fleet.js'
import { nullable, Time } from './shapes.js'
import { iso } from './web.js'

const Text = nullable(Type.String())
const Whole = (description: string) => Type.Integer({ description })

/** The states of the firmware. */
export const SYSTEM_STATES = [
  'BOOT',
  'WIFI_SETUP',
  'WIFI_CONNECTED',
  'MQTT_CONNECTING',
  'MQTT_CONNECTED',
  'AWAITING_USER_CONFIG',
  'ZONE_CONFIGURED',
  'SENSORS_CONFIGURED',
  'OPERATIONAL',
  'LIBRARY_DOWNLOADING',
  'SAFE_MODE',
  'ERROR',
] as const

export const SensorBody = Type.Object({
  ...MockSensor.properties,
  name: Text,
  subzone_id: Text,
  address: Text,
  raw_value: Type.Number({ description: 'what it measured last, or what somebody set' }),
  last_read: nullable(Time),
  manual_override: Type.Boolean({ description: 'somebody set its value, and that holds' }),
})

export const ActuatorBody = Type.Object({
  ...MockActuator.properties,
  name: Text,
  state: Type.Boolean({ description: 'it is on' }),
  pwm_value: Type.Number({ minimum: 0, maximum: 1, description: 'what it is at' }),
  emergency_stopped: Type.Boolean(),
  last_command: Text,
})

export const MockBody = Type.Object({
  esp_id: Type.String(),
  zone_id: Text,
  zone_name: Text,
  master_zone_id: Text,
  subzone_id: Text,
  system_state: Type.Enum([...SYSTEM_STATES]),
  status: Type.Enum(['online', 'offline']),
  connected: Type.Boolean(),
  simulation_state: Type.Enum(['running', 'stopped']),
  sensors: Type.Array(SensorBody),
  actuators: Type.Array(ActuatorBody),
  auto_heartbeat: Type.Boolean(),
  heartbeat_interval_seconds: Type.Number(),
  payload: Type.Enum(['mock', 'native']),
  faults: Type.Array(MockFault, { description: 'what is wrong with it now' }),
  heap_free: Whole('bytes'),
  wifi_rssi: Whole('dBm'),
  uptime: Whole('s since it booted'),
  last_heartbeat: nullable(Time),
  created_at: Time,
  hardware_type: Type.Literal('MOCK_ESP32'),
})
export type MockBody = Static<typeof MockBody>

export const sensorBody = ({ gpio, sensor_type, ...sensor }: SensorView): Static<typeof SensorBody> => ({
  gpio,
  sensor_type,
  ...sensor,
  name: sensor.name ?? null,
  subzone_id: sensor.subzone_id ?? null,
  address: sensor.address ?? null,
  last_read: iso(sensor.last_read === undefined ? null : Math.round(sensor.last_read)),
})

export const actuatorBody = (actuator: ActuatorView): Static<typeof ActuatorBody> => ({
  ...actuator,
  name: actuator.name ?? null,
})

export function mockBody(mock: MockView, device: Device): MockBody {
  const { config, up } = mock
  return {
    esp_id: mock.esp_id,
    zone_id: device.zone_id,
    zone_name: device.zone_name,
    master_zone_id: device.master_zone_id ?? config.master_zone_id ?? null,
    subzone_id: device.subzone_id ?? config.subzone_id ?? null,
    system_state: mock.system_state as MockBody['system_state'],
    status: up ? 'online' : 'offline',
    connected: up,
    simulation_state: mock.running ? 'running' : 'stopped',
    sensors: mock.sensors.map(sensorBody),
    actuators: mock.actuators.map(actuatorBody),
    auto_heartbeat: config.auto_heartbeat,
    heartbeat_interval_seconds: config.heartbeat_interval,
    payload: config.payload,
    faults: [...mock.afflictions],
    heap_free: device.heap_free ?? 0,
    wifi_rssi: device.wifi_rssi ?? 0,
    uptime: mock.uptime,
    last_heartbeat: iso(device.last_heartbeat),
    created_at: iso(device.created_at)!,
    hardware_type: 'MOCK_ESP32',
  }
}

/** What doing something to a mock is answered with. */
export const MockResult = Type.Object({
  success: Type.Boolean(),
  esp_id: Type.String(),
  command: Type.String(),
  result: nullable(Type.Record(Type.String(), Type.Unknown())),
  error: Text,
})

export const done = (
  esp_id: string,
  command: string,
  result: Record<string, unknown> | null,
  error: string | null = null,
): Static<typeof MockResult> => ({ success: error === null, esp_id, command, result, error })
