/**
 * The pace of those who read much: one of them reads one portion per turn of the event loop, whoever asked
 * first goes first. However many exports run at once, messages wait for one portion at most.
 */

/** Resolves when it is the caller's turn; what it then does before it waits again is its portion. */
export type Turn = () => Promise<void>

export function createPace(): Turn {
  const waiting: (() => void)[] = []
  const next = (): void => {
    waiting.shift()!()
    if (waiting.length > 0) setImmediate(next)
  }
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length === 1) setImmediate(next)
    })
}
