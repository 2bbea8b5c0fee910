/** A device that boots, runs for a moment, and boots again. */
import Type from 'typebox'
import { fault } from './fault.js'

export const rebootLoop = fault({
  name: 'reboot_loop',
  summary: 'it boots again and again',
  parameters: Type.Object({
    every_seconds: Type.Number({ minimum: 1, maximum: 86_400, default: 30 }),
    off_seconds: Type.Number({ minimum: 0, maximum: 3_600, default: 2 }),
    reset_reason: Type.String({ maxLength: 32, default: 'PANIC' }),
  }),
  begin(device, { every_seconds, off_seconds, reset_reason }) {
    const loop = device.clock.every((every_seconds + off_seconds) * 1_000, () =>
      device.fail(reset_reason, off_seconds * 1_000),
    )
    return { end: () => loop.stop() }
  },
})
