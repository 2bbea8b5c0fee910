/** Numbers that look random and are the same for the same seed, so that a failure can be seen again. */

export interface Random {
  /** From 0 to below 1. */
  (): number
  /** One of a list. */
  pick<T>(list: readonly T[]): T
  /** True so often of one. */
  chance(share: number): boolean
  /** A whole number, both ends included. */
  between(low: number, high: number): number
  /** One of a list of which some are more likely. */
  weighted<T>(list: readonly (readonly [weight: number, item: T])[]): T
}

/** mulberry32 */
export function randomOf(seed: number): Random {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return ((word ^ (word >>> 14)) >>> 0) / 4_294_967_296
  }
  return Object.assign(next, {
    pick: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!,
    chance: (share: number): boolean => next() < share,
    between: (low: number, high: number): number => low + Math.floor(next() * (high - low + 1)),
    weighted<T>(list: readonly (readonly [weight: number, item: T])[]): T {
      let left = next() * list.reduce((sum, [weight]) => sum + weight, 0)
      return list.find(([weight]) => {
        left -= weight
        return left < 0
      })![1]
    },
  })
}
