/**
 * Preloaded (`node --expose-gc --import`) into a server: at SIGUSR2 it collects garbage and writes what is left of the
 * heap to HEAP_USED_FILE, in bytes.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const file = process.env.HEAP_USED_FILE

if (isMainThread && file !== undefined)
  process.on('SIGUSR2', () => {
    globalThis.gc?.()
    writeFileSync(`${file}.new`, String(process.memoryUsage().heapUsed))
    renameSync(`${file}.new`, file)
  })
