/**
 * The only knot in the house: what handlers want done goes where it is done. Never throws; an effect that
 * fails is reported and touches neither row, acknowledgement nor the other effects.
 */

import type { ConfigPush } from '../routing/configuration/messages.js'
import type { Event } from '../routing/contract/events.js'
import type { Effect, LateConversion, StopActuators, SwitchOff } from '../routing/effect.js'
import type { Reading } from '../storage/readings.js'

export interface Doors {
  emit: (event: Event, stored: boolean) => void
  publish: (message: { topic: string; payload: string; qos: 0 | 1; retain: boolean }) => Promise<void>
  evaluate: (reading: Reading) => void
  convert: (request: LateConversion) => void
  switchOff: (request: SwitchOff) => void
  configure: (push: ConfigPush) => void
  sendCommand: (correlation_id: string, stored: boolean) => void
  stopActuators: (request: StopActuators) => void
  sayOff: (correlation_id: string) => void
  sendStop: (stop_id: number, esp_id: string) => void
  failed: (effect: Effect, error: unknown) => void
}

export const createPerform =
  (doors: Doors) =>
  (effect: Effect, stored: boolean): void => {
    try {
      if (effect.kind === 'emit') doors.emit(effect.event, stored)
      else if (effect.kind === 'publish')
        doors
          .publish({ topic: effect.topic, payload: effect.payload, qos: effect.qos, retain: effect.retain })
          .catch((error) => doors.failed(effect, error))
      else if (effect.kind === 'switch_off') doors.switchOff(effect)
      else if (effect.kind === 'configure') doors.configure(effect.push)
      else if (effect.kind === 'send_command') doors.sendCommand(effect.correlation_id, stored)
      else if (effect.kind === 'stop_actuators') doors.stopActuators(effect)
      else if (effect.kind === 'say_off') doors.sayOff(effect.correlation_id)
      else if (effect.kind === 'send_stop') doors.sendStop(effect.stop_id, effect.esp_id)
      else if (effect.kind === 'convert') doors.convert(effect.request)
      // Rules see stored readings only.
      else if (stored) doors.evaluate(effect.reading)
    } catch (error) {
      doors.failed(effect, error)
    }
  }
