/** What the REST routes of sensors share: which one is meant, and turning a no about a sensor into an answer. */
import Type from 'typebox'
import { SensorRefused } from '../routing/sensor-refusal.js'
import type { Store } from '../storage/store.js'
import { Problem } from './problem.js'
import { EspId, Gpio, given } from './shapes.js'
import { wrongField } from './validate.js'

export const SensorParams = { esp_id: EspId, gpio: Gpio }

export const SensorTypeName = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.:/ -]{0,49}$',
  description: 'any spelling of a sensor type; up to 50 letters, digits, _ . : / -',
})
export const Address = Type.String({
  maxLength: 32,
  pattern: '^[A-Za-z0-9-]*$',
  description:
    'bus address: ROM code of 16 hex digits, or 0x44 for I²C; none means every address of that GPIO',
})
export const ProbeSerial = Type.String({ maxLength: 64, description: 'serial number of the probe' })

/** Which of several sensors on one gpio. */
export const WhichQuery = {
  sensor_type: Type.Optional(SensorTypeName),
  address: Type.Optional(Address),
}
export const WhichBody = { sensor_type: given(SensorTypeName), address: given(Address) }

/** Empty and null mean "not given". rest-contract §1 */
export const which = ({
  sensor_type,
  address,
}: {
  sensor_type?: string | null | undefined
  address?: string | null | undefined
}) => ({
  sensor_type: sensor_type || undefined,
  address: address || undefined,
})

function answered(error: unknown): unknown {
  if (!(error instanceof SensorRefused)) return error
  const { code, field, message } = error
  return field ? wrongField(field.name, message, field.value) : new Problem(code, message)
}

/** Runs `look`. Throws Problem where it refuses. */
export function asking<T>(look: () => T): T {
  try {
    return look()
  } catch (error) {
    throw answered(error)
  }
}

/** Runs `work` in the group and resolves when it is on disk. Throws Problem where it refuses. */
export async function changing<T>(store: Store, work: () => T): Promise<T> {
  try {
    return await store.group.run(work)
  } catch (error) {
    throw answered(error)
  }
}
