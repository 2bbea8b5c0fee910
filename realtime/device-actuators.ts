/** The actuators of a device as the pages show them beside its sensors: what each was reported to be last. rest-contract §2, §16.1 */
import Type, { type Static } from 'typebox'
import { gpiosOf } from '../routing/actuators/reports.js'
import type { Store } from '../storage/store.js'
import type { MockView } from './fleet.js'
import { Gpio, nullable } from './shapes.js'

export const DeviceActuator = Type.Object({
  gpio: Gpio,
  actuator_type: Type.String(),
  name: nullable(Type.String()),
  state: Type.Boolean({ description: 'it is on' }),
  pwm_value: Type.Number({ description: '0 to 1' }),
  emergency_stopped: Type.Boolean(),
  last_command: nullable(Type.String()),
})

/** Of a mock as people called them, where nobody configured another name. */
export const deviceActuators = (
  store: Store,
  esp_id: string,
  mock?: Pick<MockView, 'actuators'>,
): Static<typeof DeviceActuator>[] =>
  gpiosOf(store, esp_id).map((gpio) => {
    const config = store.actuatorConfigs.find(esp_id, gpio)
    const state = store.actuatorStates.find(esp_id, gpio)
    const own = mock?.actuators.find((actuator) => actuator.gpio === gpio)
    return {
      gpio,
      actuator_type: config?.actuator_type ?? state?.actuator_type ?? 'unknown',
      name: config?.actuator_name ?? own?.name ?? null,
      state: state?.state === 'on' || state?.state === 'pwm',
      pwm_value: state?.current_value ?? 0,
      emergency_stopped: state !== undefined && state.emergency !== 'normal',
      last_command: state?.last_command ?? null,
    }
  })
