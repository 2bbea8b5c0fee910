/** The mock devices of this kaiser, composed: what they ask of the other rooms, and what kaiser says of them. */
import type { Logger } from 'pino'
import type { Broker } from '../broker/broker.js'
import type { Report } from '../routing/contract/codes.js'
import { describeZone } from '../routing/zones/describe.js'
import { createClock } from '../sim/clock.js'
import { createFleet, type Fleet } from '../sim/fleet.js'
import { demoMocks } from '../sim/profiles/demo.js'
import type { Store } from '../storage/store.js'
import type { Attach } from './control.js'
import type { Mind } from './mind.js'
import type { Announce } from './news.js'

export interface MocksOptions {
  store: Store
  broker: Pick<Broker, 'attach'>
  mind: Pick<Mind, 'library' | 'zoning' | 'perform'>
  kaiser_id: string
  log: Logger
  announce: Announce
  report: Report
  now: () => number
}

export interface Mocks {
  /** Gives a stream to the broker: as a device, or as kaiser itself. */
  readonly attach: Attach
  readonly fleet: Fleet
  /** Those that are to run do so again, those of the demo with it. Never throws. */
  recover(demo: boolean): Promise<void>
}

export function createMocks({
  store,
  broker,
  mind,
  kaiser_id,
  log,
  announce,
  report,
  now,
}: MocksOptions): Mocks {
  const attach: Attach = (stream, esp_id) => {
    const identity = esp_id === null ? ({ kind: 'system' } as const) : ({ kind: 'device', esp_id } as const)
    broker.attach(stream, { address: null, identity })
  }
  const fleet = createFleet({
    store,
    kaiser_id,
    clock: createClock(now),
    library: mind.library,
    attach,
    place: (device, zone, by, at) => describeZone(store, mind.zoning, device, zone, by, at),
    say(effects) {
      for (const effect of effects) mind.perform(effect, true)
    },
    warn: (esp_id, sentence, error) =>
      log.warn({ err: error, esp_id: esp_id || undefined }, `${sentence}${esp_id && `: ${esp_id}`}`),
    trouble: (esp_id, what, detail) => log.debug({ esp_id, what, detail }, 'A mock device tries again'),
  })

  const recovered = (restored: number, failed: number): void => {
    const sentence =
      restored > 0
        ? `Mock-ESP recovery complete: ${restored} simulations restored`
        : 'No active Mock-ESP simulations to recover'
    log.info(failed > 0 ? { failed } : {}, sentence)
    if (restored + failed > 0) announce('mocks_recovered', sentence, { restored, failed })
  }

  return {
    attach,
    fleet,
    async recover(demo) {
      try {
        const { restored, failed } = await fleet.recover(demo)
        if (demo) await fleet.demo(demoMocks, 'demo')
        // The first line of the log says that kaiser is ready.
        setImmediate(() => recovered(restored, failed))
      } catch (error) {
        report('internal_error', 'mocks', { err: error })
      }
    },
  }
}
