/**
 * Work that is done a little at a time: some milliseconds in a turn of the event loop, the rest in the next, so that
 * devices are heard in between. A thousand clients whose second is over at once would hold them up otherwise.
 */
const SLICE_MS = 2

/** Returns how to ask for work. It is done in the order of asking; `failed` hears what it throws. */
export function createTurns(
  monotonic: () => number,
  failed: (error: unknown) => void,
): (work: () => void) => void {
  const asked: (() => void)[] = []

  const turn = (): void => {
    const until = monotonic() + SLICE_MS
    let done = 0
    do
      try {
        asked[done++]!()
      } catch (error) {
        failed(error)
      }
    while (done < asked.length && monotonic() < until)
    asked.splice(0, done)
    if (asked.length > 0) setImmediate(turn)
  }

  return (work) => {
    if (asked.push(work) === 1) setImmediate(turn)
  }
}
