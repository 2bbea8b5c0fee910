/** What a mock is at now, for whoever shows it. */
import type { MockConfig } from '../../routing/contract/mock.js'
import type { Mock } from '../mock.js'

export const sensorView = (mock: Mock, [key, sensor]: readonly [string, MockConfig['sensors'][string]]) => {
  const held = mock.config.manual_overrides[key]
  return {
    ...sensor,
    raw_value: held?.raw_value ?? mock.sensors.lastOf(key) ?? sensor.base_value,
    quality: held?.quality ?? sensor.quality,
    /** ms since 1970; undefined: not yet. */
    last_read: mock.sensors.lastAt(key),
    /** Somebody set it, and it holds. */
    manual_override: held !== undefined,
  }
}

export const actuatorViews = (mock: Mock) =>
  mock.outputs.all.map((actuator) => {
    const { value, stopped, last_command } = mock.outputs.outputOf(actuator.gpio)
    return {
      ...actuator,
      state: value > 0,
      pwm_value: value,
      emergency_stopped: mock.state.emergency !== null || stopped,
      last_command,
    }
  })

export const mockView = (mock: Mock, running: boolean) => ({
  esp_id: mock.esp_id,
  config: mock.config,
  /** It is to run. */
  running,
  /** It is connected. */
  up: running && mock.up,
  system_state: mock.state.system_state,
  uptime: running ? mock.uptime : 0,
  afflictions: mock.afflictions,
  sensors: mock.sensors.entries().map((entry) => sensorView(mock, entry)),
  actuators: actuatorViews(mock),
})
