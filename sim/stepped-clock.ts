/**
 * A clock that stands until it is moved: what is due happens in the order of its time, and what is due at the same
 * time in the order in which it was asked for. The same steps give the same run, however fast the machine is.
 */
import type { Clock, Timer } from './clock.js'

export interface SteppedClock extends Clock {
  /** Moves to a moment, ms since 1970, and runs all that is due until then. Backwards it does not go. */
  moveTo(at: number): void
  /** Moves on by ms. */
  step(ms: number): void
  /** When the next thing is due, ms since 1970; undefined when there is none. */
  next(): number | undefined
}

interface Due {
  at: number
  order: number
  run: () => void
  /** ms until it is due again; 0 = once */
  period: number
}

const earlier = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

/** Stands at `start`, ms since 1970. */
export function createSteppedClock(start: number): SteppedClock {
  let now = start
  let asked = 0
  /** A binary heap: the earliest is first. */
  const heap: Due[] = []
  const gone = new Set<Due>()

  const push = (due: Due): void => {
    let place = heap.push(due) - 1
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!earlier(due, heap[parent]!)) break
      heap[place] = heap[parent]!
      place = parent
    }
    heap[place] = due
  }
  const pop = (): Due => {
    const first = heap[0]!
    const last = heap.pop()!
    if (heap.length > 0) {
      let place = 0
      for (;;) {
        let child = 2 * place + 1
        if (child >= heap.length) break
        if (child + 1 < heap.length && earlier(heap[child + 1]!, heap[child]!)) child++
        if (!earlier(heap[child]!, last)) break
        heap[place] = heap[child]!
        place = child
      }
      heap[place] = last
    }
    return first
  }
  const next = (): number | undefined => {
    while (heap.length > 0 && gone.has(heap[0]!)) gone.delete(pop())
    return heap[0]?.at
  }
  const ask = (ms: number, run: () => void, period: number): Timer => {
    const due: Due = { at: now + Math.max(0, ms), order: asked++, run, period }
    push(due)
    let stopped = false
    return {
      stop() {
        if (stopped || due.at === Number.NEGATIVE_INFINITY) return
        stopped = true
        gone.add(due)
      },
    }
  }
  const moveTo = (at: number): void => {
    for (let due = next(); due !== undefined && due <= at; due = next()) {
      const first = pop()
      now = Math.max(now, first.at)
      if (first.period === 0) {
        const { run } = first
        first.at = Number.NEGATIVE_INFINITY
        run()
        continue
      }
      first.at += first.period
      first.order = asked++
      push(first)
      first.run()
    }
    now = Math.max(now, at)
  }
  return {
    now: () => now,
    after: (ms, run) => ask(ms, run, 0),
    every: (ms, run) => ask(Math.max(1, ms), run, Math.max(1, ms)),
    moveTo,
    step: (ms) => moveTo(now + ms),
    next,
  }
}
