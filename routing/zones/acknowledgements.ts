/**
 * Who waits for a device's answer, and what was answered already. Answers are known by device and correlation
 * id and nothing else; one that comes again says nothing new. Bounded: the oldest is forgotten, then an answer
 * that comes again counts as unsolicited.
 */

/** How an assignment ended. */
export interface Outcome {
  /** The device did it. */
  readonly acknowledged: boolean
  /** Why not. */
  readonly reason: string | null
}

export interface Acknowledgements {
  /** Resolves with how it ended, or with undefined after `ms` without an answer. */
  wait(esp_id: string, correlation_id: string, ms: number): Promise<Outcome | undefined>
  /** It ended: tells who waits. */
  settle(esp_id: string, correlation_id: string, outcome: Outcome): void
  /** It has ended before. */
  settled(esp_id: string, correlation_id: string): boolean
}

const REMEMBERED = 10_000

export function createAcknowledgements(): Acknowledgements {
  const outcomes = new Map<string, Outcome>()
  const waiting = new Map<string, (outcome: Outcome) => void>()
  const keyOf = (esp_id: string, correlation_id: string): string => `${esp_id} ${correlation_id}`

  return {
    wait(esp_id, correlation_id, ms) {
      const key = keyOf(esp_id, correlation_id)
      const known = outcomes.get(key)
      if (known) return Promise.resolve(known)
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          waiting.delete(key)
          resolve(undefined)
        }, ms).unref()
        waiting.set(key, (outcome) => {
          clearTimeout(timer)
          resolve(outcome)
        })
      })
    },
    settle(esp_id, correlation_id, outcome) {
      const key = keyOf(esp_id, correlation_id)
      outcomes.set(key, outcome)
      if (outcomes.size > REMEMBERED) outcomes.delete(outcomes.keys().next().value!)
      waiting.get(key)?.(outcome)
      waiting.delete(key)
    },
    settled: (esp_id, correlation_id) => outcomes.has(keyOf(esp_id, correlation_id)),
  }
}
