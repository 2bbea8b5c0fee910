/**
 * The logic trigger: asks the rules about stored readings, after the commit and one turn later, so that a
 * rule that throws or is slow leaves row, event and acknowledgement alone. Nobody listens until rules exist.
 */
import type { Reading } from '../storage/readings.js'

export type Rule = (reading: Reading) => unknown

export interface Evaluation {
  /** Adds a listener; returns how to remove it. */
  listen(rule: Rule): () => void
  evaluate(reading: Reading): void
}

/** Readings that wait for slow rules, at the most; the oldest are given up and counted. */
const WAITING = 10_000
/** A rule that needs longer is reported, ms. */
const SLOW_MS = 50

export function createEvaluation(
  monotonic: () => number,
  failed: (error: unknown, reading: Reading) => void,
): Evaluation {
  const rules = new Set<Rule>()
  let waiting: Reading[] = []
  let scheduled = false

  const ask = (rule: Rule, reading: Reading): void => {
    const started = monotonic()
    try {
      const result = rule(reading)
      if (result instanceof Promise) result.catch((error) => failed(error, reading))
    } catch (error) {
      failed(error, reading)
    }
    const ms = monotonic() - started
    if (ms > SLOW_MS) failed(new Error(`a rule took ${Math.round(ms)} ms; it may take ${SLOW_MS}`), reading)
  }

  /** One reading per turn: messages that arrive meanwhile do not wait behind all the rules. */
  const next = (): void => {
    const reading = waiting.shift()
    if (reading) for (const rule of rules) ask(rule, reading)
    scheduled = waiting.length > 0
    if (scheduled) setImmediate(next)
  }

  return {
    listen(rule) {
      rules.add(rule)
      return () => void rules.delete(rule)
    },
    evaluate(reading) {
      if (rules.size === 0) return
      if (waiting.length >= WAITING) {
        waiting = waiting.slice(WAITING / 2)
        failed(new Error(`rules are too slow: ${WAITING / 2} readings were not evaluated`), reading)
      }
      waiting.push(reading)
      if (scheduled) return
      scheduled = true
      setImmediate(next)
    },
  }
}
