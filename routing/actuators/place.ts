/** Where an actuator is, and when it is looked at: by both clocks, because only one of them never jumps. */

/** Names an actuator. */
export interface Place {
  readonly esp_id: string
  readonly gpio: number
}

/** One moment on two clocks. */
export interface At {
  /** ms since 1970; may jump. */
  readonly now: number
  /** ms since whenever; never jumps, means nothing after a restart. */
  readonly monotonic: number
}

export const keyOf = ({ esp_id, gpio }: Place): string => `${esp_id} ${gpio}`

/** As people read it. */
export const spelled = ({ esp_id, gpio }: Place): string => `GPIO ${gpio} of ${esp_id}`

export const isSamePlace = (a: Place, b: Place): boolean => a.gpio === b.gpio && a.esp_id === b.esp_id

export const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), high)

/** Whole seconds of a span in ms, rounded up: what somebody has to wait. */
export const secondsOf = (ms: number): number => Math.ceil(ms / 1000)
