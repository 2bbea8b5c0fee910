/**
 * Many mocks of one profile on a broker, for load: they come in one after the other, and only when the first one was
 * let in, so that neither a broker nor an address where none is gets a storm. Zones share a world, as in a greenhouse.
 */
import type { Duplex } from 'node:stream'
import type { Quantiles } from '../../routing/histogram.js'
import type { Clock, Timer } from '../clock.js'
import type { Login, Trouble } from '../connection.js'
import { createMock, type Mock } from '../device.js'
import { faultsOf, type ScriptEntry } from '../faults/script.js'
import { devicesOf, type Profile, type ProfileOptions } from '../profiles/index.js'
import { createRandom } from '../random.js'
import { createWorld, type World } from '../world.js'
import { LoadMeter } from './load-meter.js'

export interface CrowdOptions extends ProfileOptions {
  readonly profile: Profile
  readonly devices: number
  /** What their ids begin with. */
  readonly prefix: string
  readonly seed: number
  readonly qos: 0 | 1
  readonly kaiser_id: string
  /** What goes wrong with them, and when. */
  readonly script?: readonly ScriptEntry[]
  /** A new stream to the broker, for this device. */
  readonly connect: (esp_id: string) => Duplex
  /** What a device logs in with; without it none does. */
  readonly loginOf?: (esp_id: string) => Login | undefined
  /** Devices that come in per second. */
  readonly ramp: number
  readonly clock: Clock
  /** ms */
  readonly monotonic: () => number
  /** Something did not work, and is tried again. */
  readonly trouble: (esp_id: string, what: Trouble, detail: string) => void
}

export interface CrowdFigures {
  /** Asked to connect, and connected now. */
  readonly started: number
  readonly up: number
  readonly published: number
  /** At QoS 1, and of those acknowledged. */
  readonly expected: number
  readonly acknowledged: number
  readonly repeated: number
  readonly latency: Quantiles
  readonly reconnects: number
  readonly refused: Readonly<Record<Trouble, number>>
  /** What devices let go, because their queue was full or nobody was there. */
  readonly let_go: number
  /** Devices whom kaiser answers that it has not let them in, and what it says to one of them. */
  readonly outside: number
  readonly answer: { readonly esp_id: string; readonly status: string } | undefined
}

export interface Crowd {
  start(): void
  figures(): CrowdFigures
  /** All take leave. */
  stop(): Promise<void>
}

/** Answers to a heartbeat that say: nothing you say is kept. protocol.md §2.6 */
const OUTSIDE = new Set(['pending_approval', 'rejected', 'error'])

/** How often more come in, ms. */
const RAMP_STEP = 100

export function createCrowd(options: CrowdOptions): Crowd {
  const { profile, seed, kaiser_id, connect, loginOf, clock, ramp, qos, script = [] } = options
  const meter = new LoadMeter(options.monotonic)
  const refused: Record<Trouble, number> = {
    unreachable: 0,
    connection_refused: 0,
    subscription_refused: 0,
    packet_too_large: 0,
  }
  const worlds = new Map<string, World>()
  const worldOf = (zone_id: string): World => {
    const known = worlds.get(zone_id) ?? createWorld({ seed: `${seed}/${zone_id}` })
    worlds.set(zone_id, known)
    return known
  }
  const mocks = devicesOf(profile, options.devices, options).map(
    ({ esp_id, config }): Mock =>
      createMock({
        esp_id,
        config: { ...config, seed, faults: faultsOf(script, esp_id) },
        kaiser_id,
        connect: () => connect(esp_id),
        login: loginOf?.(esp_id),
        clock,
        random: createRandom(`${seed}/${esp_id}`),
        world: worldOf(config.zone_id ?? ''),
        trouble(esp_id, what, detail) {
          refused[what]++
          options.trouble(esp_id, what, detail)
        },
        room: () => 1,
        meter,
        qos,
      }),
  )
  let started = 0
  let due = 0
  let ramping: Timer | undefined

  const more = (): void => {
    // One goes first, and tells whether there is somebody to come to.
    if (!mocks[0]!.up && started === 1) return
    due += (ramp * RAMP_STEP) / 1_000
    for (; due >= 1 && started < mocks.length; due--) mocks[started++]!.start()
    if (started === mocks.length) ramping?.stop()
  }

  return {
    start() {
      mocks[0]!.start()
      started = 1
      ramping = clock.every(RAMP_STEP, more)
    },
    figures() {
      let up = 0
      let reconnects = 0
      let let_go = 0
      let outside = 0
      let answer: CrowdFigures['answer']
      for (const mock of mocks) {
        const { admission, esp_id } = mock
        if (admission !== undefined && OUTSIDE.has(admission)) {
          outside++
          answer ??= { esp_id, status: admission }
        }
        if (mock.up) up++
        reconnects += Math.max(0, mock.state.connects - 1)
        const { shed, dropped, too_large } = mock.counts
        let_go += shed + dropped + too_large
      }
      const { published, expected, repeated, latency } = meter
      return {
        ...{ started, up, published, expected, repeated, latency, reconnects, let_go, outside, answer },
        acknowledged: latency.count,
        refused: { ...refused },
      }
    },
    async stop() {
      ramping?.stop()
      await Promise.all(mocks.map((mock) => mock.stop()))
    },
  }
}
