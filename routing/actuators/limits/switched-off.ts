/** OFF that is wanted is not done with because it was said once: who goes on running is told again. */
import { limit } from './limit.js'

/** How long a device may take to do it, ms. */
const TIME = 10_000

export const switchedOff = limit({
  name: 'switched_off',
  broken: ({ off_ignored }) =>
    off_ignored !== undefined && off_ignored >= TIME
      ? { detail: 'it was told to go off, and is still on', told_for: TIME }
      : undefined,
})
