/**
 * A list that REST has whole and events keep current in between: read now, read again shortly when an event could
 * not tell everything, and again in five seconds when it could not be read.
 */
import { reactive } from 'vue'
import { sentenceOf } from './api.js'

export interface Reloading {
  readonly loading: { loaded: boolean; error: string }
  /** Reads it; a later load replaces this one. */
  load(): Promise<void>
  /** Reads it again shortly, and not more often than every `distance` milliseconds. */
  soon(distance: number): void
  /** Lets go, for the next user of this page. */
  forget(): void
}

const AGAIN = 5000

/** `read` asks, and returns what takes the answer over, which is called unless something newer was asked for. */
export function createReloading(read: () => Promise<() => void>): Reloading {
  const loading = reactive({ loaded: false, error: '' })
  let timer: ReturnType<typeof setTimeout> | undefined
  let due = 0
  let loadedAt = Number.NEGATIVE_INFINITY
  let round = 0

  const stop = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  const plan = (at: number): void => {
    stop()
    due = at
    timer = setTimeout(load, at - performance.now())
  }

  async function load(): Promise<void> {
    stop()
    const mine = ++round
    const began = performance.now()
    try {
      const take = await read()
      if (mine !== round) return
      loadedAt = began
      loading.loaded = true
      loading.error = ''
      take()
    } catch (error) {
      if (mine !== round) return
      loading.error = sentenceOf(error)
      plan(performance.now() + AGAIN)
    }
  }

  return {
    loading,
    load,
    soon(distance) {
      const at = Math.max(performance.now() + 250, loadedAt + distance)
      if (timer === undefined || at < due) plan(at)
    },
    forget() {
      round++
      stop()
      loading.loaded = false
      loading.error = ''
    },
  }
}
