/**
 * What a mock device is made of: `simulation_config` in `device_metadata` of its row. Bounds stand in the schemas;
 * what is left out is filled in by the functions below, so that a config that was kept is whole. protocol.md §9
 */
import Type, { type Static } from 'typebox'
import { Gpio, given, Name, Text } from './fields.js'
import { QUALITIES } from './quality.js'

const Parameters = Type.Record(Type.String({ maxLength: 64 }), Type.Unknown())
const ZoneId = Type.String({ pattern: '^[A-Za-z0-9_-]{0,50}$' })
const Share = Type.Number({ minimum: 0, maximum: 1 })

/** A sensor of a mock: a value, and how it changes. */
export const MockSensor = Type.Object(
  {
    gpio: Gpio,
    sensor_type: Name,
    name: given(Text(100)),
    subzone_id: given(Text(50)),
    base_value: Type.Number(),
    raw_value: Type.Number({ description: 'the same as base_value' }),
    unit: Text(20),
    quality: Type.Enum([...QUALITIES]),
    interval_seconds: Type.Number({ minimum: 1, maximum: 3600 }),
    raw_mode: Type.Boolean(),
    variation_pattern: Type.String({ pattern: '^[a-z][a-z0-9_]{0,31}$', description: 'in lower case' }),
    variation_range: Type.Number({ minimum: 0 }),
    min_value: Type.Number(),
    max_value: Type.Number(),
    parameters: given(Parameters),
    address: given(Text(32)),
  },
  { description: 'A sensor of a mock device' },
)
export type MockSensor = Static<typeof MockSensor>

/** An actuator of a mock; `state` and `pwm_value` are what it has when it is made. */
export const MockActuator = Type.Object(
  {
    gpio: Gpio,
    actuator_type: Name,
    name: given(Text(100)),
    state: Type.Boolean(),
    pwm_value: Share,
    min_value: Share,
    max_value: Share,
    max_runtime: given(Type.Number({ minimum: 0, description: 's; 0 = without an end' })),
  },
  { description: 'An actuator of a mock device' },
)
export type MockActuator = Static<typeof MockActuator>

/** A value somebody set; it holds until it is cleared. */
export const MockOverride = Type.Object({
  raw_value: Type.Number(),
  quality: given(Type.Enum([...QUALITIES])),
})
export type MockOverride = Static<typeof MockOverride>

/** What goes wrong with a mock. */
export const MockFault = Type.Object(
  {
    fault: Type.String({ pattern: '^[a-z][a-z0-9_]{0,31}$' }),
    at: given(
      Type.Number({ minimum: 0, maximum: 1e9, description: 's after its start; at once when missing' }),
    ),
    for: given(Type.Number({ exclusiveMinimum: 0, maximum: 1e9, description: 's; for good when missing' })),
    parameters: given(Parameters),
  },
  { description: 'What goes wrong with a mock device' },
)
export type MockFault = Static<typeof MockFault>

/** `14:30` in two numbers, UTC. */
const TimeFilter = Type.Object({
  enabled: Type.Boolean(),
  start_hour: Type.Integer({ minimum: 0, maximum: 23 }),
  start_minute: Type.Integer({ minimum: 0, maximum: 59 }),
  end_hour: Type.Integer({ minimum: 0, maximum: 23 }),
  end_minute: Type.Integer({ minimum: 0, maximum: 59 }),
})
const Threshold = given(Type.Number())

/** A rule that a device follows by itself when nobody answers. protocol.md §2.7 */
export const OfflineRule = Type.Object({
  actuator_gpio: Gpio,
  sensor_gpio: Gpio,
  sensor_value_type: given(Name),
  activate_above: Threshold,
  deactivate_below: Threshold,
  activate_below: Threshold,
  deactivate_above: Threshold,
  current_state_active: given(Type.Boolean()),
  time_filter: given(TimeFilter),
})
export type OfflineRule = Static<typeof OfflineRule>

/** Where its greenhouse stands, and how long a day is there. */
export const MockPlace = Type.Object(
  {
    latitude: Type.Number({ minimum: -90, maximum: 90 }),
    longitude: Type.Number({ minimum: -180, maximum: 180 }),
    day_ms: Type.Number({ minimum: 1_000, maximum: 1e12, description: 'how long a day is' }),
    day_of_year: Type.Optional(Type.Number({ minimum: 1, maximum: 366, description: 'always that day' })),
  },
  { description: 'Where the greenhouse of a mock stands' },
)
export type MockPlace = Static<typeof MockPlace>

/** How many rules the firmware has room for. */
export const OFFLINE_RULES = 8

const Key = Type.String({ pattern: '^[0-9]{1,3}_.{1,50}$', description: '{gpio}_{sensor_type}' })
const GpioKey = Type.String({ pattern: '^[0-9]{1,3}$' })

/** What is kept of a mock. */
export const MockConfig = Type.Object(
  {
    zone_id: given(ZoneId),
    zone_name: given(Text(100)),
    master_zone_id: given(ZoneId),
    subzone_id: given(Text(50)),
    heartbeat_interval: Type.Number({ minimum: 5, maximum: 300, description: 's' }),
    auto_heartbeat: Type.Boolean(),
    payload: Type.Enum(['mock', 'native'], {
      description:
        'mock: values in their unit, in the shape of the original’s mocks; native: as the firmware',
    }),
    seed: given(Type.Integer()),
    place: given(MockPlace),
    sensors: Type.Record(Key, MockSensor),
    actuators: Type.Record(GpioKey, MockActuator),
    manual_overrides: Type.Record(Key, MockOverride),
    faults: Type.Array(MockFault, { maxItems: 32 }),
    offline_rules: given(Type.Array(OfflineRule, { maxItems: OFFLINE_RULES })),
  },
  { description: 'What a mock device is made of' },
)
export type MockConfig = Static<typeof MockConfig>

/** Under which a sensor is kept: one gpio may have several types. */
export const sensorKey = ({ gpio, sensor_type }: Pick<MockSensor, 'gpio' | 'sensor_type'>): string =>
  `${gpio}_${sensor_type}`

/** A sensor with all it needs: 30 s, constant, ten below and above its value. The unit is the registry’s to give. */
export function mockSensor(
  sensor: Partial<MockSensor> & Pick<MockSensor, 'gpio' | 'sensor_type'>,
): MockSensor {
  const base_value = sensor.base_value ?? sensor.raw_value ?? 0
  return {
    unit: '',
    quality: 'good',
    interval_seconds: 30,
    raw_mode: true,
    variation_range: 0,
    min_value: base_value - 10,
    max_value: base_value + 10,
    ...sensor,
    base_value,
    raw_value: base_value,
    variation_pattern: (sensor.variation_pattern ?? 'constant').toLowerCase(),
  }
}

/** An actuator with all it needs: off, from 0 to 1. */
export const mockActuator = (
  actuator: Partial<MockActuator> & Pick<MockActuator, 'gpio' | 'actuator_type'>,
): MockActuator => ({ state: false, pwm_value: 0, min_value: 0, max_value: 1, ...actuator })

/** A config with all it needs: a heartbeat each minute, no sensors, no actuators. */
export const mockConfig = (config: Partial<MockConfig> = {}): MockConfig => ({
  heartbeat_interval: 60,
  auto_heartbeat: true,
  payload: 'mock',
  sensors: {},
  actuators: {},
  manual_overrides: {},
  faults: [],
  ...config,
})
