/** Naming a sensor, as the REST routes of sensors share it: which one is meant. */
import Type from 'typebox'
import { EspId, Gpio, given } from './shapes.js'

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
