/** What somebody switched on for a time goes off when the time is over, also when its device forgot. */
import { limit } from './limit.js'

export const duration = limit({
  name: 'duration',
  broken: ({ left }) =>
    left.duration === 0 ? { detail: 'the time it was switched on for is over' } : undefined,
})
