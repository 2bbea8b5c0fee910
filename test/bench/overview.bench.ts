/**
 * The overview in Chromium: how soon it shows a value, empty-handed and after a reload, and what 200 sensors at one
 * value a second each cost the page's main thread and its memory over ten minutes. Chromium uses both cores.
 */
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../support/browser.js'
import { onBothCores, sleep } from './harness.js'
import { startKaiser, USER } from './kaiser.js'
import { startGenerator } from './load-job.js'
import type { Options } from './options.js'
import { number, progress, remark, row, table } from './print.js'
import { rounds } from './stats.js'
import type { Subject } from './subject.js'

const DEVICES = 50
const SENSORS = 4
const GOAL = { core: 0.25, first_ms: 1_000, reload_ms: 300, growth: 1.1 }
const LOOK_MS = 30_000
const RELOADS = 4
/** Until history, sparklines and code have settled. */
const SETTLE_MS = 60_000
const WITHIN_MS = 30_000
/** All 200 values are on the screen; on a smaller one those out of sight cost nothing. */
const WALL = { viewport: { width: 3840, height: 3240 }, locale: 'en-GB' }
const DESK = { viewport: { width: 1280, height: 900 }, locale: 'en-GB' }

/** When the first value stood there, ms from the start of the navigation. */
const FIRST_VALUE = `window.firstValue = new Promise((resolve) => {
  const look = () =>
    document.querySelector('.reading .figure') ? resolve(performance.now()) : requestAnimationFrame(look)
  look()
})`

async function logIn(page: Page, origin: string): Promise<void> {
  await page.goto(origin)
  await page.getByLabel('User name').fill(USER.username)
  await page.getByLabel('Password', { exact: true }).fill(USER.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.locator('.reading .figure').first().waitFor({ timeout: WITHIN_MS })
}

const originOf = ({ operator }: Subject): string => `http://${operator.host}:${operator.port}`

interface Visit {
  first: number
  /** The first of them is before Chromium has kept compiled code. */
  reloads: number[]
}

/** A visit with nothing cached, and reloads once the service worker is there; ms each. */
async function visit(browser: Browser, origin: string): Promise<Visit> {
  const context = await browser.newContext(DESK)
  const page = await context.newPage()
  await logIn(page, origin)
  const state = await context.storageState()
  await context.close()
  const fresh = await browser.newContext({ ...DESK, storageState: state })
  const visited = await fresh.newPage()
  await visited.addInitScript(FIRST_VALUE)
  const seen = (): Promise<number> => visited.evaluate('window.firstValue')
  await visited.goto(origin)
  const first = await seen()
  await visited.evaluate('navigator.serviceWorker.ready.then(() => undefined)')
  const reloads: number[] = []
  while (reloads.length < RELOADS) {
    await sleep(2_000)
    await visited.reload()
    reloads.push(await seen())
  }
  await fresh.close()
  return { first, reloads }
}

interface Look {
  /** Share of a core, of the page's main thread. */
  core: number
  /** MB after a collection. */
  heap: number
  nodes: number
}

/** Watches the page while values come in. */
async function watch(page: Page, ms: number): Promise<Look[]> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  const metrics = async (): Promise<Record<string, number>> =>
    Object.fromEntries(
      (await devtools.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]),
    )
  const looks: Look[] = []
  for (const end = performance.now() + ms; performance.now() < end; ) {
    const [from, at] = [await metrics(), performance.now()]
    await sleep(LOOK_MS)
    const [to, seconds] = [await metrics(), (performance.now() - at) / 1000]
    // Outside of what is measured: it costs the main thread time itself.
    await devtools.send('HeapProfiler.collectGarbage')
    const after = await metrics()
    looks.push({
      core: (to.TaskDuration! - from.TaskDuration!) / seconds,
      heap: after.JSHeapUsedSize! / 1e6,
      nodes: after.Nodes!,
    })
    const { core, heap, nodes } = looks.at(-1)!
    progress(`${number(core * 100)} % of a core, ${number(heap)} MB, ${number(nodes)} nodes`)
  }
  return looks
}

/** The overview of the demo, and of 200 sensors. */
export async function overview({ quick }: Options): Promise<void> {
  const { browser, reason } = await onBothCores(launchBrowser)
  if (!browser) return console.log(`\noverview: not measured, ${reason}`)
  try {
    const demo = await startKaiser({ flags: ['--demo'] })
    const visits: Visit[] = []
    for (let n = 0; n < (quick ? 3 : 9); n++) {
      visits.push(await visit(browser, originOf(demo)))
      const { first, reloads } = visits[n]!
      progress(`first value after ${number(first)} ms, reloaded ${reloads.map(number).join(', ')} ms`)
    }
    await demo.stop()

    const measureMs = quick ? 60_000 : 600_000
    const subject = await startKaiser({ flags: ['--ws-rate', '10'] })
    const { outcome } = startGenerator(
      'load.js',
      {
        ...{ host: subject.operator.host, mqttPort: subject.mqttPort, clients: DEVICES, sensors: SENSORS },
        ...{ rate: DEVICES * SENSORS, warmupMs: SETTLE_MS, measureMs, latency: false },
      },
      subject.pids,
    )
    const page = await (await browser.newContext(WALL)).newPage()
    await logIn(page, originOf(subject))
    await sleep(SETTLE_MS)
    const shown = await page.locator('.reading .figure').count()
    const looks = await watch(page, measureMs - LOOK_MS)
    await outcome
    await subject.stop()

    const first = rounds(visits.map((visit) => visit.first))
    const reload = rounds(visits.flatMap((visit) => visit.reloads))
    const core = rounds(looks.map((look) => look.core * 100))
    // Its second half against its first: what grows without end shows in every part.
    const half = Math.ceil(looks.length / 2)
    const median = (list: readonly Look[]): number => rounds(list.map(({ heap }) => heap)).median
    const growth = median(looks.slice(-half)) / median(looks.slice(0, half))
    table(
      `overview: the demo’s first value; ${number(DEVICES * SENSORS)} sensors at 1/s for ${number(measureMs / 60_000)} min`,
      [
        row('first value, nothing cached', ' ms', first, {
          text: `≤ ${GOAL.first_ms} ms`,
          met: first.median <= GOAL.first_ms,
        }),
        row('first value after a reload', ' ms', reload, {
          text: `≤ ${GOAL.reload_ms} ms`,
          met: reload.median <= GOAL.reload_ms,
        }),
        row('main thread', ' % of a core', core, {
          text: `< ${GOAL.core * 100} %`,
          met: core.median < GOAL.core * 100,
        }),
        row('heap after a collection', ' MB', rounds(looks.map(({ heap }) => heap))),
        row('its second half ÷ its first', '×', rounds([growth]), {
          text: 'no growth',
          met: growth < GOAL.growth,
        }),
      ],
    )
    remark(
      `values on the page: ${number(shown)}; nodes ${number(looks[0]!.nodes)}–${number(looks.at(-1)!.nodes)}`,
    )
  } finally {
    await browser.close()
  }
}
