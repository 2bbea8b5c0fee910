/**
 * Numbers that look random and are the same for the same seed, so that a run can be seen again. Not for secrets.
 */

/** From 0 to below 1. */
export type Random = () => number

/** FNV-1a, mixed once more, so that seeds that differ in one letter begin differently. */
function hash(text: string): number {
  let word = 0x811c9dc5
  for (let i = 0; i < text.length; i++) word = Math.imul(word ^ text.charCodeAt(i), 0x01000193)
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  return (word ^ (word >>> 13)) | 0
}

/** mulberry32. A seed that is text, such as a device id, gives each its own numbers. */
export function createRandom(seed: number | string): Random {
  let state = typeof seed === 'number' && Number.isInteger(seed) ? seed | 0 : hash(String(seed))
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return ((word ^ (word >>> 14)) >>> 0) / 4_294_967_296
  }
}
