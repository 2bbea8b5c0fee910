/** A power supply that is too weak: shortly after an actuator goes on, the device is gone and boots again. */
import Type from 'typebox'
import type { Timer } from '../clock.js'
import { fault } from './fault.js'

export const brownOut = fault({
  name: 'brown_out',
  summary: 'its power fails while an actuator is on',
  parameters: Type.Object({
    after_seconds: Type.Number({ minimum: 0, maximum: 3_600, default: 2 }),
    off_seconds: Type.Number({ minimum: 0, maximum: 3_600, default: 5 }),
  }),
  begin(device, { after_seconds, off_seconds }) {
    let pending: Timer | undefined
    const look = (): void => {
      if (!device.isOn()) {
        pending?.stop()
        pending = undefined
        return
      }
      pending ??= device.clock.after(after_seconds * 1_000, () => {
        pending = undefined
        if (device.isOn()) device.fail('BROWNOUT', off_seconds * 1_000)
      })
    }
    look()
    return { switched: look, end: () => pending?.stop() }
  },
})
