/**
 * Mock devices in a sandbox, at a time of its own that goes from one thing that is due to the next, and only when the
 * one before is stored and answered: the same seed gives the same rows, however fast the machine is.
 */
import { type CrowdFigures, type CrowdOptions, createCrowd } from '../sim/load/crowd.js'
import { createRandom } from '../sim/random.js'
import { createSteppedClock } from '../sim/stepped-clock.js'
import { openSandbox, type Sandbox } from './sandbox.js'

export interface SimulatedOptions
  extends Omit<CrowdOptions, 'connect' | 'login' | 'clock' | 'monotonic' | 'ramp'> {
  /** When it begins, ms since 1970. */
  from: number
  /** How long it lasts, ms. */
  lasts: number
  /** How many times faster than real time at most. */
  speed: number
  /** Leave the database where it is. */
  keep: boolean
  /** ms, of real time */
  monotonic: () => number
}

export interface Simulated {
  readonly sandbox: Sandbox
  /** How far it is, ms. */
  readonly at: number
  figures(): CrowdFigures
  /** Resolves when it is over, all took leave, and the sandbox is closed. */
  readonly over: Promise<void>
  stop(): void
}

/** Ids that look random, RFC 9562 version 4, and come again with the seed. */
function seededIds(seed: number): () => string {
  const random = createRandom(`ids ${seed}`)
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')
  return () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[Math.floor(random() * 4)]}${hex(3)}-${hex(12)}`
}

/** Longest wait for real time, ms. */
const NAP = 250

export async function simulate(options: SimulatedOptions): Promise<Simulated> {
  const { from, lasts, speed, kaiser_id, keep, seed, monotonic } = options
  const clock = createSteppedClock(from)
  const passed = (): number => clock.now() - from
  const sandbox = await openSandbox({
    ...{
      kaiser_id,
      keep,
      now: () => Math.floor(clock.now()),
      monotonic: passed,
      every: clock.every,
      uuid: seededIds(seed),
    },
  })
  const crowd = createCrowd({ ...options, connect: sandbox.connect, clock, monotonic: passed, ramp: 10 })
  let stopped = false

  const run = async (): Promise<void> => {
    const began = monotonic()
    crowd.start()
    await sandbox.settled()
    for (
      let next = clock.next();
      next !== undefined && next <= from + lasts && !stopped;
      next = clock.next()
    ) {
      for (;;) {
        const early = (next - from) / speed - (monotonic() - began)
        if (early <= 0 || stopped) break
        await new Promise((resolve) => setTimeout(resolve, Math.min(early, NAP)))
      }
      clock.moveTo(next)
      await sandbox.settled()
    }
    if (!stopped) clock.moveTo(from + lasts)
    await crowd.stop()
    await sandbox.settled()
  }
  return {
    sandbox,
    get at() {
      return passed()
    },
    figures: crowd.figures,
    over: run().finally(() => sandbox.close()),
    stop() {
      stopped = true
    },
  }
}
