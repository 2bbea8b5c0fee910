/** How the REST routes of sensors have past values computed again: who asked is written down, and waits a moment. */
import type { Recomputation, Recomputations } from '../routing/recompute.js'
import { refusedField } from '../routing/request-refused.js'
import type { SensorConfig } from '../storage/sensor-configs.js'
import type { Store } from '../storage/store.js'
import { recomputationBody } from './calibration-body.js'
import { byUser, type Doer } from './user-audit.js'

/** What is done within this is answered as done, ms. */
const SOON = 2_000

export interface RecomputingOptions {
  store: Store
  now: () => number
  recomputations: Recomputations
}

export function createRecomputing({ store, now, recomputations }: RecomputingOptions) {
  /** Begins. Throws RequestRefused. */
  const begin = (doer: Doer, config: SensorConfig, from: number, to: number): Recomputation => {
    const job = recomputations.request(config, from, to, doer.user?.username ?? '', now())
    const { esp_id, gpio, sensor_type, address } = config
    const details = { id: job.id, esp_id, gpio, sensor_type, address, from, to }
    store.auditLogs.note(
      byUser(doer, { event_type: 'readings_recomputed', status: 'pending', details }),
      now(),
    )
    return job
  }

  return {
    begin,
    /** From there on, when somebody wants it. Throws RequestRefused, so that what it follows is refused too. */
    since(doer: Doer, config: SensorConfig, start: string | null | undefined): Recomputation | null {
      if (!start) return null
      const from = Date.parse(start)
      if (from > now()) throw refusedField('recompute_from', start, 'must not be in the future')
      return begin(doer, config, from, now())
    },
    /** The answer: as it is done, or as far as it came in a moment. */
    async soon<Job extends Recomputation | null>(job: Job) {
      if (job) await recomputations.settled(job.id, SOON)
      return job && recomputationBody(job)
    },
  }
}
