/**
 * How often a device is told its configuration without anybody having changed it: no sooner than 45 s after the last
 * time, except once for each time it comes back, and a few times only, because it writes what it hears into flash.
 * protocol.md §3.5, §12.3 #22
 */
const COOLDOWN = 45_000
/** Also a device that has come back has this long to take what it was told, ms. */
const SETTLE = 5_000
const ATTEMPTS = 5
const DEVICES = 20_000

interface State {
  /** ms since 1970; undefined when it has not been reached. */
  told_at: number | undefined
  fingerprint: string
  attempts: number
  /** It has come back, and may be told at once. */
  back: boolean
}

export interface Patience {
  /** It has come back: it may be told at once, one time. */
  back(esp_id: string): void
  /** May it be told this now? */
  may(esp_id: string, fingerprint: string, now: number): boolean
  /** It is told; `again` when nobody had changed anything. */
  told(esp_id: string, fingerprint: string, now: number, again: boolean): void
  /** It could not be reached. */
  missed(esp_id: string): void
  forget(esp_id: string): void
}

export function createPatience(): Patience {
  const states = new Map<string, State>()
  const of = (esp_id: string): State => {
    const state = states.get(esp_id) ?? { told_at: undefined, fingerprint: '', attempts: 0, back: false }
    states.delete(esp_id)
    states.set(esp_id, state)
    if (states.size > DEVICES) states.delete(states.keys().next().value!)
    return state
  }
  return {
    back(esp_id) {
      const state = of(esp_id)
      state.back = true
      state.attempts = 0
    },
    may(esp_id, fingerprint, now) {
      const { told_at, attempts, back, ...state } = of(esp_id)
      if (attempts >= ATTEMPTS && state.fingerprint === fingerprint) return false
      const since = told_at === undefined ? Number.POSITIVE_INFINITY : Math.abs(now - told_at)
      return since >= (back ? SETTLE : COOLDOWN)
    },
    told(esp_id, fingerprint, now, again) {
      const state = of(esp_id)
      if (!again || state.fingerprint !== fingerprint) state.attempts = 0
      if (again) state.attempts++
      Object.assign(state, { told_at: now, fingerprint, back: false })
    },
    missed(esp_id) {
      const state = of(esp_id)
      state.told_at = undefined
      state.fingerprint = ''
    },
    forget: (esp_id) => void states.delete(esp_id),
  }
}
