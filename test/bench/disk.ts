/**
 * Whether the disk was left alone during a window: now and then the harness syncs a block of its own and takes the
 * time. Others who write at the same moment make every sync wait, and no share of a core shows that.
 */
import { close, fdatasync, openSync, unlinkSync, write, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { quantile } from './stats.js'

const EVERY_MS = 100
/** Written over again and again: the file never grows, so no journal is involved. */
const BLOCK = Buffer.alloc(4096, 7)

/** Starts a window; the function returned ends it and says how long nineteen of twenty syncs took at most, ms. */
export function watchDisk(): () => number {
  const path = join(tmpdir(), `kaiser-bench-disk-${process.pid}-${performance.now()}`)
  const file = openSync(path, 'w')
  writeSync(file, BLOCK)
  unlinkSync(path) // gone when it is closed, whatever happens
  const took: number[] = []
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    const started = performance.now()
    write(file, BLOCK, 0, BLOCK.length, 0, () =>
      fdatasync(file, () => {
        took.push(performance.now() - started)
        busy = false
      }),
    )
  }, EVERY_MS)
  return () => {
    clearInterval(timer)
    setTimeout(() => close(file), 1000).unref()
    return quantile(Float64Array.from(took).sort(), 0.95)
  }
}
