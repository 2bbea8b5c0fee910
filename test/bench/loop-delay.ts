/**
 * Preloaded (`node --import`) into a server to watch its event loop from outside its own code: a timer of 1 ms and
 * the time between its firings, so an idle loop shows a little over 1 ms; nothing is subtracted. At SIGUSR2 it
 * writes the quantiles since the last one to LOOP_DELAY_FILE and starts anew.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

const file = process.env.LOOP_DELAY_FILE

/** What the file holds, in milliseconds. */
export interface LoopDelay {
  p50_ms: number
  p99_ms: number
  max_ms: number
}

if (isMainThread && file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  process.on('SIGUSR2', () => {
    const seen: LoopDelay = {
      p50_ms: delay.percentile(50) / 1e6,
      p99_ms: delay.percentile(99) / 1e6,
      max_ms: delay.max / 1e6,
    }
    writeFileSync(`${file}.new`, JSON.stringify(seen))
    renameSync(`${file}.new`, file)
    delay.reset()
  })
}
