/** Two mock devices for a first look: a bed with a pump, and the air above it. */
import { ApiError, call } from '../../api.js'

const ZONE = { zone_id: 'demo', zone_name: 'Demo' }

const DEVICES = [
  {
    esp_id: 'MOCK_DEMO_BED',
    ...ZONE,
    auto_heartbeat: true,
    heartbeat_interval_seconds: 30,
    sensors: [
      {
        gpio: 34,
        sensor_type: 'moisture',
        interval_seconds: 5,
        variation_pattern: 'drift',
        variation_range: 5,
      },
    ],
    actuators: [{ gpio: 26, actuator_type: 'pump' }],
  },
  {
    esp_id: 'MOCK_DEMO_AIR',
    ...ZONE,
    auto_heartbeat: true,
    heartbeat_interval_seconds: 30,
    sensors: [
      {
        gpio: 4,
        sensor_type: 'DS18B20',
        raw_value: 21,
        interval_seconds: 5,
        variation_pattern: 'random',
        variation_range: 2,
      },
    ],
    actuators: [{ gpio: 27, actuator_type: 'fan' }],
  },
]

/** Makes them; one that is there already stays as it is. Throws ApiError. */
export async function makeDemo(): Promise<void> {
  for (const device of DEVICES) {
    try {
      await call('POST', '/debug/mock-esp', device)
    } catch (error) {
      if (!(error instanceof ApiError) || error.beside.code !== 'already_exists') throw error
    }
  }
}
