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

/** What is answered to it; `at` is where in the body the request about the actuator stands. */
export function refusalOf(
  { code, field, message }: ActuatorRefused,
  at: readonly (string | number)[] = [],
): Problem {
  if (!field) return new Problem(code, sentence(message))
  const { name, value } = field
  if (at.length === 0) return wrongField(name, message, value)
  return new Problem('request_invalid', [
    { type: 'value_error', loc: ['body', ...at, name], msg: message, input: value },
  ])
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

const answered = (error: unknown): unknown => (error instanceof ActuatorRefused ? refusalOf(error) : error)

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
