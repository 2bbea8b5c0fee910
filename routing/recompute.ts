/**
 * Computes the processed values of a past period again, from the raw values that are always kept, with the
 * calibration and options that apply now. It runs in the background, one after the other and in small steps, so
 * that readings keep coming in; whoever asked looks at its progress. What is asked for is forgotten when kaiser
 * stops: nothing is half done then, each reading is either as before or as it should be.
 */
import type { SensorConfig, SensorKey } from '../storage/sensor-configs.js'
import type { Store } from '../storage/store.js'
import { sendsValues } from './calibrate.js'
import { again } from './compute-again.js'
import { needsTemperature, pastTemperature } from './past-temperature.js'
import { RequestRefused } from './request-refused.js'
import { isRemote, type KnownType, type Library } from './sensors/library.js'

export interface Recomputation extends SensorKey {
  readonly id: string
  /** ms since 1970 */
  readonly from: number
  readonly to: number
  readonly by: string
  readonly requested_at: number
  status: 'waiting' | 'running' | 'done' | 'failed'
  /** Readings looked at, and how many became others. */
  read: number
  changed: number
  finished_at: number | null
  error: string | null
}

export interface Recomputations {
  /** Begins one, or puts it behind those that wait. Throws RequestRefused. */
  request(config: SensorConfig, from: number, to: number, by: string, now: number): Recomputation
  find(id: string): Recomputation | undefined
  /** Resolves when it is done or failed, and when `ms` have passed. */
  settled(id: string, ms: number): Promise<void>
  /** Stops between two steps. */
  close(): Promise<void>
}

export interface RecomputationsOptions {
  store: Store
  library: Library
  now: () => number
  failed: (error: unknown) => void
}

const STOPPED = 'kaiser stopped'
/** Temperatures are remembered for this long a period at a time, ms. */
const PERIOD = 86_400_000
/** Nothing was measured before: earlier clocks are not believed. */
const FIRST = Date.UTC(2020, 0, 1)
/** How many may wait, and how many that are done are remembered. */
const WAITING = 16
const REMEMBERED = 100

/** The sensors a config is about: its own address, or every one that has no config of its own. */
function sensorsOf({ sensors, sensorConfigs }: Store, config: SensorConfig): number[] {
  const { esp_id, gpio, sensor_type } = config
  return [...sensors.list()]
    .filter((one) => one.esp_id === esp_id && one.gpio === gpio && one.sensor_type === sensor_type)
    .filter(({ address }) => sensorConfigs.find(esp_id, gpio, sensor_type, address)?.id === config.id)
    .map(({ id }) => id)
}

export function createRecomputations(options: RecomputationsOptions): Recomputations {
  const { store, library, now, failed } = options
  const jobs = new Map<string, Recomputation>()
  const ends = new Map<string, Promise<void>>()
  let last = Promise.resolve()
  let closed = false

  /** Period by period where other readings have to be remembered for it, else in one go. */
  const compute = async (job: Recomputation, config: SensorConfig, type: KnownType): Promise<void> => {
    const sensors = sensorsOf(store, config)
    const compensated = needsTemperature(type, config)
    const fixed = config.params.temperature
    const to = Math.min(job.to, now() + PERIOD)
    const once = (compute: ReturnType<typeof again>): typeof compute => {
      return (kept) => {
        if (closed) throw new Error(STOPPED)
        return compute(kept)
      }
    }
    for (let from = Math.max(job.from, FIRST); from <= to && !closed; ) {
      const until = compensated ? Math.min(to, from + PERIOD - 1) : to
      const temperature = compensated
        ? await pastTemperature(store, library, config, from, until)
        : () => (typeof fixed === 'number' ? fixed : null)
      const before = { read: job.read, changed: job.changed }
      const progress = (read: number, changed: number): void => {
        job.read = before.read + read
        job.changed = before.changed + changed
      }
      await store.readings.recompute(sensors, from, until, once(again(type, config, temperature)), {
        progress,
      })
      from = until + 1
    }
  }

  const run = async (job: Recomputation): Promise<void> => {
    job.status = 'running'
    try {
      const config = store.sensorConfigs.exact(job)
      const type = library.find(job.sensor_type)
      if (config && type && !closed) await compute(job, config, type)
      job.error = closed ? STOPPED : config && type ? null : 'The sensor config was deleted meanwhile'
    } catch (error) {
      job.error = error instanceof Error ? error.message : String(error)
      if (!closed) failed(error)
    }
    job.status = job.error === null ? 'done' : 'failed'
    job.finished_at = now()
  }

  const forget = (): void => {
    for (const [id, { finished_at }] of jobs)
      if (jobs.size > REMEMBERED && finished_at !== null) jobs.delete(id)
  }

  return {
    request(config, from, to, by, at) {
      const { esp_id, gpio, sensor_type, address } = config
      const type = library.find(sensor_type)
      if (!type)
        throw new RequestRefused(
          'request_refused',
          `kaiser knows no sensor type ${sensor_type}: nothing to compute`,
        )
      const why = isRemote(type) ? 'a module of yours converts it' : 'its processing_mode is raw'
      if ((isRemote(type) || config.processing_mode === 'raw') && !sendsValues(store, config))
        throw new RequestRefused('request_refused', `${sensor_type} keeps the values it has: ${why}`)
      if (from > to)
        throw new RequestRefused('request_invalid', 'must not be after end_time', {
          name: 'start_time',
          value: new Date(from).toISOString(),
        })
      const waiting = [...jobs.values()].filter(({ finished_at }) => finished_at === null).length
      if (waiting >= WAITING)
        throw new RequestRefused('recompute_busy', `${waiting} recomputations wait already`)
      const job: Recomputation = {
        id: store.uuid(),
        esp_id,
        gpio,
        sensor_type,
        address,
        from,
        to,
        by,
        requested_at: at,
        status: 'waiting',
        read: 0,
        changed: 0,
        finished_at: null,
        error: null,
      }
      jobs.set(job.id, job)
      forget()
      last = last.then(() => run(job)).finally(() => ends.delete(job.id))
      ends.set(job.id, last)
      return job
    },
    find: (id) => jobs.get(id),
    async settled(id, ms) {
      let timer: NodeJS.Timeout | undefined
      const enough = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms)
      })
      await Promise.race([ends.get(id), enough])
      clearTimeout(timer)
    },
    close() {
      closed = true
      return last
    },
  }
}
