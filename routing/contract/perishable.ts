/**
 * What is good for a moment only: commands, stops, configuration and zone orders for devices. A device that comes back
 * must not do what somebody wanted long ago; who still wants it says it again, and kaiser does so by itself for stops,
 * configuration and zones.
 */
import { matcher, toDevice } from './topics.js'

/** How long such a message may wait for its receiver, ms (the time to live of commands). */
export const GOOD_FOR = 30_000

const PERISHABLE = [
  toDevice.actuatorCommand,
  toDevice.actuatorEmergency,
  toDevice.broadcastEmergency,
  toDevice.sensorCommand,
  toDevice.systemCommand,
  toDevice.config,
  toDevice.configSensor,
  toDevice.configActuator,
  toDevice.configPart,
  toDevice.zoneAssign,
  toDevice.subzoneAssign,
  toDevice.subzoneRemove,
  toDevice.subzoneSafe,
].map((template) => matcher(template))

export const isPerishable = (topic: string): boolean => PERISHABLE.some((matches) => matches(topic))

/** Has a message waited for longer than it is good for? `age` in ms. */
export const isStale = (topic: string, age: number): boolean => age >= GOOD_FOR && isPerishable(topic)
