/**
 * What the load generator is told and what it answers, and the harness's side of starting it. The generator
 * itself (`load.ts`) is a process of its own on the load core.
 */
import { fileURLToPath } from 'node:url'
import { type Shares, watchCores } from './cpu.js'
import { watchDisk } from './disk.js'
import { spawnNode } from './harness.js'
import type { Quantiles } from './stats.js'

/** One load. Closed loop with `window`, open loop with `rate`. */
export interface Job {
  host: string
  mqttPort: number
  /** The dashboard to attach, if any. */
  dashboard?: { port: number; path: string }
  clients: number
  /** Sensors per client; each is one gpio. */
  sensors: number
  /** Messages in flight per client: the next is sent when one is acknowledged. */
  window?: number
  /** Messages per second of all clients together, whatever is acknowledged. */
  rate?: number
  /** Closed loop only: how far publishing may run ahead of the frames that came back. */
  ahead?: number
  /** Wait at the end until every reading has come back as a frame, not only as an acknowledgement. */
  awaitFrames?: boolean
  warmupMs: number
  measureMs: number
  /** Match every acknowledgement and frame with its publish; costs the generator time, so only at fixed rates. */
  latency: boolean
}

/** What happened in the measured window. */
export interface Window {
  ms: number
  published: number
  acked: number
  frames: number
  /** CPU time of the generator itself, as a share of one core: near 1 it measures itself. */
  load: number
}

export interface Outcome {
  /** Over the whole run, warm-up and drain included. */
  published: number
  acked: number
  frames: number
  /** Publishes that were due and not sent, because a client had 4,000 unacknowledged. */
  skipped: number
  /** Connections the server closed. */
  closed: number
  window: Window
  /** Milliseconds from the write of the PUBLISH; only of what was published in the window. */
  ack?: Quantiles
  frame?: Quantiles
  /** Until the peer had committed with synchronous=FULL, by its own clock, which is ours. */
  stored?: Quantiles
}

/** What a generator says on the way. */
export type Notice<O = Outcome> =
  | { at: 'connected' }
  | { at: 'measuring' }
  | { at: 'measured' }
  | { at: 'done'; outcome: O }

/** Called at the edges of the window, so that others can take their readings at the same moments. */
export interface Edges {
  connected?: () => void
  measuring?: () => void
  measured?: () => void
}

/** What else went on meanwhile: shares of a core, and how long 95 of 100 syncs of the harness took at most, ms. */
export interface Surroundings extends Shares {
  disk: number
}

export type Measured<O = Outcome> = O & { around: Surroundings }

/** Runs the publishers and the dashboard of `load.ts`. */
export const runLoad = (job: Job, servers: readonly number[], edges: Edges = {}): Promise<Measured> =>
  runGenerator<Outcome>('load.js', job, servers, edges)

/** Runs a generator, a script that says `Notice`s, to its end, and says who used the cores and the disk meanwhile. */
export const runGenerator = <O extends object>(
  script: string,
  job: object,
  servers: readonly number[],
  edges: Edges = {},
): Promise<Measured<O>> => startGenerator<O>(script, job, servers, edges).outcome

/** A generator under way. `beside` names the processes of the bench that are there besides, when the window begins. */
export function startGenerator<O extends object>(
  script: string,
  job: object,
  servers: readonly number[],
  edges: Edges = {},
  beside: () => readonly number[] = () => [],
): { pid: number; outcome: Promise<Measured<O>> } {
  const child = spawnNode(fileURLToPath(new URL(script, import.meta.url)), { core: 'load', ipc: true })
  child.process.send(job)
  let end: (() => Surroundings) | undefined
  let around: Surroundings = { servers: Number.NaN, others: Number.NaN, disk: Number.NaN }
  const outcome = new Promise<Measured<O>>((resolve, reject) => {
    child.process.on('message', (notice: Notice<O>) => {
      if (notice.at === 'done') return resolve({ ...notice.outcome, around })
      if (notice.at === 'measuring') {
        const [cores, disk] = [watchCores(servers, [child.pid, ...beside()]), watchDisk()]
        end = () => ({ ...cores(), disk: disk() })
      }
      if (notice.at === 'measured') around = end!()
      edges[notice.at]?.()
    })
    child.process.once('exit', (code, signal) =>
      reject(new Error(`the load generator ended early (${signal ?? code}): ${child.complaint()}`)),
    )
  }).finally(() => child.stop())
  return { pid: child.pid, outcome }
}
