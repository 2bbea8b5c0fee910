/**
 * What the figures were taken on: processor, cores, kernel, filesystem, and what the disk's sync costs right now.
 * A figure without these lines says little.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { availableParallelism, cpus, release, type } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { type Quantiles, quantiles } from './stats.js'

/** How many cores we may use, and which one serves and which one loads. Undefined: there is only one core. */
export function cores(): { server: number; load: number } | undefined {
  if (process.platform !== 'linux') return undefined
  const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  const allowed = list.split(',').flatMap((range) => {
    const [from, to] = range.split('-').map(Number) as [number, number?]
    return Array.from({ length: (to ?? from) - from + 1 }, (_, i) => from + i)
  })
  return allowed.length < 2 ? undefined : { server: allowed[0]!, load: allowed[1]! }
}

/** The filesystem a directory lies on, as `ext4 on /dev/vda`. */
export function filesystem(dir: string): string {
  try {
    const [source, fs] = execFileSync('df', ['--output=source,fstype', dir], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .at(-1)!
      .split(/\s+/)
    return `${fs} on ${source}`
  } catch {
    return 'unknown filesystem'
  }
}

/** The lines above all tables. */
export function describe(dir: string): string {
  const mosquitto = ((): string => {
    try {
      return execFileSync('sh', ['-c', 'mosquitto -h | head -1'], { encoding: 'utf8' }).trim()
    } catch {
      return 'mosquitto: not found'
    }
  })()
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  return [
    `kaiser ${version} · node ${process.version} · ${mosquitto}`,
    `${cpus()[0]?.model ?? 'unknown processor'} · ${availableParallelism()} cores · ${type()} ${release()}`,
    `${dir}: ${filesystem(dir)} · ${new Date().toISOString()}`,
  ].join('\n')
}

/** What a small append and its fdatasync cost in this directory, in milliseconds. */
export function syncCost(dir: string, count = 400): Quantiles {
  const file = openSync(join(dir, 'sync-probe'), 'a')
  const block = Buffer.alloc(4096, 7)
  const took = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const started = performance.now()
    writeSync(file, block)
    fdatasyncSync(file)
    took[i] = performance.now() - started
  }
  closeSync(file)
  return quantiles(took)
}
