/**
 * Reading back over REST on loopback, from 5 million readings: the latest value of every sensor of 1,000
 * devices, one sensor and one day, one sensor and one year as a chart, and an export; the last two must not keep the
 * event loop from its work.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { watchCores } from './cpu.js'
import { watchDisk } from './disk.js'
import { HOST, sleep, tempDir, until } from './harness.js'
import {
  DEVICES,
  END,
  OF_A_YEAR,
  PER_DAY,
  PER_YEAR,
  SENSORS,
  sensorOf,
  WRITTEN,
  writeHistory,
  YEAR_MS,
} from './history.js'
import { login, startBare } from './kaiser.js'
import type { Surroundings } from './load-job.js'
import type { LoopDelay } from './loop-delay.js'
import type { Options } from './options.js'
import { number, progress, remark, row, table } from './print.js'
import { quietly } from './quietly.js'
import { quantiles, rounds } from './stats.js'

const GOAL = { latestMs: 50, dayMs: 15, yearMs: 1_000, loopMs: 10 }
/** Of a chart. */
const PIXELS = 1_000
const YEARS = 5
const REQUESTS = 25
const EXPORT_MS = 5_000

interface Answer {
  ms: number
  body: Buffer
}

/** One request on a connection that stays open; `enough` ends it early. */
type Get = (path: string, enough?: (bytes: number) => boolean) => Promise<Answer>

const getter = (port: number, token: string): Get => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return (path, enough) =>
    new Promise((resolve, reject) => {
      const started = performance.now()
      const chunks: Buffer[] = []
      let bytes = 0
      const end = (): void =>
        resolve({ ms: performance.now() - started, body: Buffer.concat(enough ? [] : chunks) })
      const asked = request(
        { agent, host: HOST, port, path: `/api/v1${path}`, headers: { authorization: `Bearer ${token}` } },
        (answer) => {
          if (answer.statusCode !== 200) reject(new Error(`${path} answers ${answer.statusCode}`))
          answer.on('data', (chunk: Buffer) => {
            bytes += chunk.length
            if (!enough) chunks.push(chunk)
            else if (enough(bytes)) {
              asked.destroy()
              end()
            }
          })
          answer.once('end', end)
          answer.once('error', () => {})
        },
      )
      asked.once('error', (error) => (enough ? undefined : reject(error)))
      asked.end()
    })
}

interface Round {
  latest: number
  day: number
  around: Surroundings
}

const day = (n: number): string => {
  const { esp_id, gpio } = sensorOf(n)
  const [start, end] = [END - 86_400_000, END].map((ms) => new Date(ms).toISOString())
  return `/sensors/data?esp_id=${esp_id}&gpio=${gpio}&start_time=${start}&end_time=${end}&limit=10000`
}

const year = (): string => {
  const [from, to] = [END - YEAR_MS, END].map((ms) => new Date(ms).toISOString())
  const sensor = `${OF_A_YEAR.esp_id},${OF_A_YEAR.gpio},ds18b20`
  return `/sensors/series?sensor=${sensor}&from=${from}&to=${to}&points=${PIXELS}`
}

/** Median of some requests, one after the other. */
async function median(get: Get, path: (n: number) => string, requests = REQUESTS): Promise<number> {
  const took: number[] = []
  for (let n = 0; n < requests; n++) took.push((await get(path(n))).ms)
  return quantiles(took).p50
}

/** Latest values, one day, and an export. */
export async function queries({ quick }: Options): Promise<void> {
  const dir = tempDir()
  const data = join(dir.path, 'data')
  progress(`writing ${number(WRITTEN)} readings`)
  writeHistory(data)
  const loopFile = join(dir.path, 'loop.json')
  const { child, ready, readyMs } = await startBare(data, {
    env: { LOOP_DELAY_FILE: loopFile, KAISER_REST_RATE: '0' },
    nodeArgs: ['--import', new URL('./loop-delay.js', import.meta.url).href],
  })
  const get = getter(ready.http_port, await login(ready.http_port))

  const first = await get('/sensors/latest')
  const { total } = JSON.parse(first.body.toString()) as { total: number }
  if (total !== SENSORS + 1) throw new Error(`${total} sensors instead of ${SENSORS + 1}`)
  const { count } = JSON.parse((await get(day(0))).body.toString()) as { count: number }
  if (count !== PER_DAY) throw new Error(`${count} readings of a day instead of ${PER_DAY}`)

  const firstYear = await get(year())
  const { series } = JSON.parse(firstYear.body.toString()) as {
    series: { readings: number; values: number[] }[]
  }
  const [drawn] = series
  if (drawn?.readings !== PER_YEAR || drawn.values.length > 2 * PIXELS)
    throw new Error(
      `${drawn?.readings} readings of a year instead of ${PER_YEAR}, ${drawn?.values.length} points`,
    )

  const seen: Round[] = []
  for (let n = 0; n < (quick ? 2 : 5); n++)
    seen.push(
      await quietly(
        `round ${n + 1}`,
        async () => {
          const [cores, disk] = [watchCores([child.pid], []), watchDisk()]
          const latest = await median(get, () => '/sensors/latest')
          const one = await median(get, (i) => day(n * 200 + i * 7))
          return { latest, day: one, around: { ...cores(), disk: disk() } }
        },
        (round) => `latest ${number(round.latest)} ms, one day ${number(round.day)} ms`,
      ),
    )

  const delayedBy = async (work: () => Promise<unknown>): Promise<LoopDelay> => {
    child.process.kill('SIGUSR2')
    await sleep(200)
    rmSync(loopFile, { force: true })
    await work()
    child.process.kill('SIGUSR2')
    return until(
      () => (existsSync(loopFile) ? (JSON.parse(readFileSync(loopFile, 'utf8')) as LoopDelay) : undefined),
      5_000,
      () => 'kaiser did not report its event loop',
    )
  }
  let yearMs = 0
  const drawing = await delayedBy(async () => {
    yearMs = await median(get, year, YEARS)
  })
  const until5s = performance.now() + EXPORT_MS
  let bytes = 0
  const loop = await delayedBy(() =>
    get('/sensors/data?format=csv', (so_far) => {
      bytes = so_far
      return performance.now() > until5s
    }),
  )
  await child.stop()
  dir.remove()

  const latest = rounds(seen.map((round) => round.latest))
  const one = rounds(seen.map((round) => round.day))
  const only = (value: number) => rounds([value])
  table(`queries: ${number(WRITTEN)} readings, ${number(DEVICES)} devices, over REST on loopback`, [
    row(`latest of ${number(SENSORS + 1)} sensors`, ' ms', latest, {
      text: `< ${GOAL.latestMs} ms`,
      met: latest.median < GOAL.latestMs,
    }),
    row('the same, the first time after the start', ' ms', only(first.ms), {
      text: `< ${GOAL.latestMs} ms`,
      met: first.ms < GOAL.latestMs,
    }),
    row(`one sensor, one day (${number(PER_DAY)} readings)`, ' ms', one, {
      text: `< ${GOAL.dayMs} ms`,
      met: one.median < GOAL.dayMs,
    }),
    row(
      `one sensor, one year (${number(PER_YEAR)} readings) as a chart of ${PIXELS} pixels`,
      ' ms',
      only(yearMs),
      {
        text: `< ${GOAL.yearMs} ms`,
        met: yearMs < GOAL.yearMs,
      },
    ),
    row('the same, the first time after the start', ' ms', only(firstYear.ms), {
      text: `< ${GOAL.yearMs} ms`,
      met: firstYear.ms < GOAL.yearMs,
    }),
    row('a year, once and again: event-loop delay p99', ' ms', only(drawing.p99_ms), {
      text: `≤ ${GOAL.loopMs} ms`,
      met: drawing.p99_ms <= GOAL.loopMs,
    }),
    row('the same, max', ' ms', only(drawing.max_ms)),
    row('while all is exported as CSV: event-loop delay p99', ' ms', only(loop.p99_ms), {
      text: `≤ ${GOAL.loopMs} ms`,
      met: loop.p99_ms <= GOAL.loopMs,
    }),
    row('the same, max', ' ms', only(loop.max_ms)),
    row('the export', ' MB/s', only(bytes / 1000 / EXPORT_MS)),
    row('from start to ready', ' ms', only(readyMs)),
  ])
  remark(`medians of ${REQUESTS} requests one after the other, each for a day of another sensor`)
}
