/** The machine kaiser runs on: how busy its processors are, how much memory and disk there is. Asked, not watched. */
import { readFileSync, statfsSync } from 'node:fs'
import { cpus, freemem, totalmem } from 'node:os'

/** Free and total bytes of the file system a directory is on; 0 and 0 where that cannot be said. */
export function diskOf(directory: string): { free: number; total: number } {
  try {
    const { bavail, blocks, bsize } = statfsSync(directory)
    return { free: bavail * bsize, total: blocks * bsize }
  } catch {
    return { free: 0, total: 0 }
  }
}

/** Memory of this process, bytes. Reading it ourselves is cheaper than node's way, which walks the heap. */
export function residentSet(): number {
  try {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    return kilobytes ? Number(kilobytes) * 1024 : process.memoryUsage.rss()
  } catch {
    return process.memoryUsage.rss()
  }
}

/** Used and total bytes of the machine's memory. */
export const memory = (): { used: number; total: number } => ({
  used: totalmem() - freemem(),
  total: totalmem(),
})

const ticks = (): { busy: number; all: number } => {
  let busy = 0
  let all = 0
  for (const { times } of cpus()) {
    const { idle, user, nice, sys, irq } = times
    busy += user + nice + sys + irq
    all += user + nice + sys + irq + idle
  }
  return { busy, all }
}

/** Counted in ticks of 10 ms: over less than this, a share says nothing, ms of all processors together. */
const LEAST = 500

/** How busy all processors were since the last question (the first asks since the machine started), 0–1. */
export function createProcessorShare(): () => number {
  let before = { busy: 0, all: 0 }
  let share = 0
  return () => {
    const now = ticks()
    if (now.all - before.all < LEAST) return share
    share = Math.min(1, Math.max(0, (now.busy - before.busy) / (now.all - before.all)))
    before = now
    return share
  }
}
