/** What the REST routes of actuators share: naming one, and turning a no about an actuator into an answer. */
import Type from 'typebox'
import { ActuatorRefused } from '../routing/actuators/actuator-refusal.js'
import type { Store } from '../storage/store.js'
import { Problem } from './problem.js'
import { EspId } from './shapes.js'
import { wrongField } from './validate.js'

/** 255 is the whole device. */
export const ActuatorGpio = Type.Integer({ minimum: 0, maximum: 254 })
export const ActuatorParams = { esp_id: EspId, gpio: ActuatorGpio }

function answered(error: unknown): unknown {
  if (!(error instanceof ActuatorRefused)) return error
  const { code, field, message } = error
  return field ? wrongField(field.name, message, field.value) : new Problem(code, message)
}

/** Runs `look`. Throws Problem where it refuses. */
export function askingActuator<T>(look: () => T): T {
  try {
    return look()
  } catch (error) {
    throw answered(error)
  }
}

/** Runs `work` in the group and resolves when it is on disk. Throws Problem where it refuses. */
export async function changingActuator<T>(store: Store, work: () => T): Promise<T> {
  try {
    return await store.group.run(work)
  } catch (error) {
    throw answered(error)
  }
}
