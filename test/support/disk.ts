/**
 * Disks that fail, for tests: a small one that can be filled, and one whose syncs return an I/O error. Both
 * are real; where they cannot be had, the reason is returned instead, so that the test can be skipped.
 */
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { directory, type Teardown } from './app.js'

/** A file system of its own of so many KiB, gone after the test; or why there is none. */
export function smallDisk(t: Teardown, kib: number): { dir: string } | { reason: string } {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return { reason: 'a file system can be mounted by root on Linux only' }
  const dir = directory(t)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'kaiser-test', dir])
  if (mounted.status !== 0)
    return { reason: `mount failed: ${(mounted.stderr ?? mounted.error ?? '').toString().trim()}` }
  t.teardown(() => spawnSync('umount', [dir]))
  return { dir }
}

/** Fills a disk to the last byte; returns what makes room again. */
export function fill(dir: string): () => void {
  const ballast = join(dir, 'ballast')
  for (let part = 0; ; part++) {
    const size = part < 1000 ? 65_536 : 4_096
    try {
      writeFileSync(`${ballast}-${part}`, Buffer.alloc(size))
    } catch {
      const last = part
      return () => {
        for (let i = 0; i <= last; i++) rmSync(`${ballast}-${i}`, { force: true })
      }
    }
  }
}

export interface FaultyDisk {
  /** To be given to the process that gets this disk. */
  readonly env: Record<string, string>
  readonly syncLog: string
  break(): void
  mend(): void
}

/** A disk for a child process (faulty-disk.c); or why there is none. */
export function faultyDisk(t: Teardown): FaultyDisk | { reason: string } {
  if (process.platform !== 'linux') return { reason: 'LD_PRELOAD is a thing of Linux' }
  const dir = directory(t)
  const library = join(dir, 'faulty-disk.so')
  const source = fileURLToPath(new URL('../../../test/storage/faulty-disk.c', import.meta.url))
  const built = spawnSync('gcc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl'])
  if (built.status !== 0)
    return { reason: `no gcc: ${(built.stderr ?? built.error ?? '').toString().trim()}` }
  const broken = join(dir, 'broken')
  const syncLog = join(dir, 'syncs')
  return {
    env: { LD_PRELOAD: library, DISK_BROKEN: broken, SYNC_LOG: syncLog },
    syncLog,
    break: () => writeFileSync(broken, ''),
    mend: () => rmSync(broken, { force: true }),
  }
}
