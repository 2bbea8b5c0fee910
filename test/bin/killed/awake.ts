/**
 * Time as far as this process was let run: while it stands still because others have the machine, so does its clock.
 * Devices and promises both go by it, so that no device is late because its test was.
 */
export interface Awake {
  /** ms */
  readonly real: number
  /** ms since 1970, of the machine */
  readonly true: number
  close(): void
}

/** Between two looks of its own, and what of a longer gap counts, ms. */
const EVERY = 25
const MOST = 200

export function createAwake(): Awake {
  let real = 0
  let last = performance.now()
  const look = (): number => {
    const now = performance.now()
    real += Math.min(now - last, MOST)
    last = now
    return real
  }
  const timer = setInterval(look, EVERY)
  return {
    get real() {
      return look()
    },
    get true() {
      return Date.now()
    },
    close: () => clearInterval(timer),
  }
}
