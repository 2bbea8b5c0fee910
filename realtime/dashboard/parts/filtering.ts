/** What the forms of filters share: a choice counts at once, a word when somebody stops typing. */
import { computed, onBeforeUnmount, reactive, type WritableComputedRef, watch } from 'vue'

const PAUSE = 300

/** `current` is the filter that counts; `tell` hears of another one. */
export function useFiltering<Filter extends object>(current: () => Filter, tell: (filter: Filter) => void) {
  const wanted = reactive({ ...current() }) as Filter
  let timer: ReturnType<typeof setTimeout> | undefined

  const stop = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  // Nothing is written over a word that somebody is typing.
  watch(current, (filter) => {
    if (timer === undefined) Object.assign(wanted, filter)
  })
  onBeforeUnmount(stop)

  function now(): void {
    stop()
    tell({ ...wanted })
  }
  function soon(): void {
    stop()
    timer = setTimeout(now, PAUSE)
  }

  /** A choice or a word of the filter, as a model that tells of its change. */
  const bound = <K extends keyof Filter>(name: K, tell: () => void): WritableComputedRef<Filter[K]> =>
    computed({
      get: () => wanted[name],
      set: (value) => {
        wanted[name] = value
        tell()
      },
    })
  return {
    wanted,
    now,
    choice: <K extends keyof Filter>(name: K) => bound(name, now),
    word: <K extends keyof Filter>(name: K) => bound(name, soon),
    /** Takes all of these over at once. */
    put(values: Partial<Filter>): void {
      Object.assign(wanted, values)
      now()
    },
  }
}
