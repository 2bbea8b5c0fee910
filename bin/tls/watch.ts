/**
 * Notices that files were replaced, by looking at them every few seconds: notifications of file systems miss what
 * happens behind links and on network drives. Whoever replaces two files is given the time for the second.
 */
import { stat } from 'node:fs/promises'

export interface Watch {
  /** Looks now, and does not wait for files to rest. */
  look(): Promise<void>
  close(): void
}

/** Size, time and identity, so that a file moved into place is noticed even with an old time. */
const stateOf = async (files: readonly string[]): Promise<string> => {
  const states = files.map(async (file) => {
    try {
      const { size, mtimeMs, ino } = await stat(file)
      return `${size} ${mtimeMs} ${ino}`
    } catch {
      return 'missing'
    }
  })
  return (await Promise.all(states)).join()
}

/** Calls `changed` when files are not what they were and have rested for `every` ms. */
export function watchFiles(files: readonly string[], every: number, changed: () => void): Watch {
  let closed = false
  let told: string | undefined
  let last: string | undefined
  let first: Promise<void> | undefined

  const start = async (): Promise<void> => {
    told = last = await stateOf(files)
  }
  first = start()

  const tick = async (patient: boolean): Promise<void> => {
    await first
    const state = await stateOf(files)
    const rests = state === last || !patient
    last = state
    if (closed || !rests || state === told) return
    told = state
    changed()
  }
  const timer = setInterval(() => void tick(true), every).unref()

  return {
    look: () => tick(false),
    close() {
      closed = true
      clearInterval(timer)
    },
  }
}
