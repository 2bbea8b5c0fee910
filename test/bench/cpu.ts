/**
 * Who used the cores during a window: the servers under test, the bench itself, and everybody else on the machine.
 * Others' share is printed with the figures and a round they disturbed is repeated, because a build that runs beside
 * a bench is the most common reason for a bad figure.
 */
import { readFileSync } from 'node:fs'
import { pinned } from './harness.js'

const TICKS_PER_MS = 0.1 // USER_HZ is 100 on every Linux that runs Node

/** CPU time a process and its threads have used so far, in ticks. */
function used(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

/** What the two cores have done so far, in ticks; idle and waiting for the disk are not work. */
function busy(): number {
  const stat = readFileSync('/proc/stat', 'utf8')
  return [pinned?.server, pinned?.load].reduce<number>((total, core) => {
    if (core === undefined) return total
    const line = new RegExp(`^cpu${core} (.*)$`, 'm').exec(stat)![1]!
    const [user, nice, system, , , irq, softirq, steal] = line.split(' ').map(Number) as number[]
    return total + user! + nice! + system! + irq! + softirq! + steal!
  }, 0)
}

/** Shares of one core; `servers` near 1 is saturated, `others` is everybody who is not part of the bench. */
export interface Shares {
  servers: number
  others: number
}

/** Starts a window; the function returned ends it. */
export function watchCores(servers: readonly number[], bench: readonly number[]): () => Shares {
  if (pinned === undefined) return () => ({ servers: Number.NaN, others: Number.NaN })
  const sum = (pids: readonly number[]): number => pids.reduce((total, pid) => total + used(pid), 0)
  const ours = [process.pid, ...bench]
  const from = { at: performance.now(), servers: sum(servers), bench: sum(ours), busy: busy() }
  return () => {
    const ticks = (performance.now() - from.at) * TICKS_PER_MS
    const mine = sum(servers) - from.servers
    const rest = busy() - from.busy - mine - (sum(ours) - from.bench)
    return { servers: mine / ticks, others: Math.max(0, rest / ticks) }
  }
}

/** Resident memory of a process in MB (10^6 bytes), VmRSS. */
export const residentMb = (pid: number): number =>
  (Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024) / 1e6
