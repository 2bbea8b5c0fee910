/** Naming an actuator, as the REST routes of actuators share it. */
import Type from 'typebox'
import { EspId } from './shapes.js'

/** 255 is the whole device. */
export const ActuatorGpio = Type.Integer({ minimum: 0, maximum: 254 })
export const ActuatorParams = { esp_id: EspId, gpio: ActuatorGpio }
