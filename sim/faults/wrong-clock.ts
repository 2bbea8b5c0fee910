/**
 * A clock that does not know what time it is: it never got one (0, and the device says so), it counts from 1970, it
 * is ahead or behind, or it jumps. protocol.md §12.2
 */
import Type from 'typebox'
import { fault } from './fault.js'

export const wrongClock = fault({
  name: 'wrong_clock',
  summary: 'its clock is wrong',
  parameters: Type.Object({
    how: Type.Enum(['none', '1970', 'ahead', 'behind', 'jumping'], { default: 'none' }),
    seconds: Type.Number({
      minimum: 0,
      maximum: 1e9,
      default: 7_200,
      description: 'how far ahead or behind; jumping: at most, either way',
    }),
    every_seconds: Type.Number({ minimum: 1, maximum: 86_400, default: 60, description: 'between jumps' }),
  }),
  begin({ clock, random }, { how, seconds, every_seconds }) {
    const began = clock.now()
    let [offset, until] = [0, began]
    const jumped = (now: number): number => {
      if (now >= until || now < until - 2 * every_seconds * 1_000) {
        offset = (random() * 2 - 1) * seconds * 1_000
        until = now + every_seconds * 1_000
      }
      return offset
    }
    return {
      time({ ms, valid }) {
        switch (how) {
          case 'none':
            return { ms: 0, valid: false }
          case '1970':
            return { ms: Math.max(0, ms - began), valid }
          case 'ahead':
            return { ms: ms + seconds * 1_000, valid }
          case 'behind':
            return { ms: Math.max(0, ms - seconds * 1_000), valid }
          case 'jumping':
            return { ms: Math.max(0, ms + jumped(clock.now())), valid }
        }
      },
    }
  },
})
