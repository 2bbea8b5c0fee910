/** What happened beside the readings, and whose clocks a chart goes by: a real Chromium in front of the whole house. */
import type { Page } from 'playwright-core'
import t from 'tap'
import { reading } from '../storage/open.js'
import { type OpenApp, openApp } from '../support/app.js'
import { openPage, setUp, skip } from '../support/dashboard.js'
import { looksWell } from '../support/looks.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const SENSOR = 'sensor=ESP_12AB34CD,4,ds18b20'

t.setTimeout(120_000)

const measure = (app: OpenApp, from: number, minutes: number) =>
  app.store.group.run(() => {
    for (let n = 0; n < minutes; n++) {
      const timestamp = from + n * MINUTE
      app.store.readings.insert(
        reading({ timestamp, received_at: timestamp, seq: n, quality: n < 5 ? 'suspect' : 'good' }),
      )
    }
  })

const happened = (app: OpenApp, ago: number, event_type: 'device_offline' | 'emergency_stop') =>
  app.store.group.run(() =>
    app.store.auditLogs.insert(
      {
        event_type,
        severity: event_type === 'emergency_stop' ? 'critical' : 'warning',
        source_type: 'esp32',
        source_id: 'ESP_12AB34CD',
        status: 'success',
        message: `so it was <b>${ago}</b>`,
      },
      Date.now() - ago,
    ),
  )

const legend = (page: Page) => page.locator('.legend li').locator('.value')

t.test('what happened is a sign under the time, with its words when it is looked at', { skip }, async (t) => {
  const app = await openApp(t)
  await measure(app, Date.now() - HOUR, 60)
  await happened(app, 30 * MINUTE, 'device_offline')
  await happened(app, 10 * MINUTE, 'emergency_stop')
  const { page, complaints } = await openPage(t, app.origin)
  await setUp(page)
  await page.goto(`${app.origin}/charts?${SENSOR}&span=1h`)
  const sign = page.locator('.sign.warning')
  await page.getByRole('button', { name: /ESP_12AB34CD: .*emergency stop/ }).hover()
  await page.getByText('so it was <b>600000</b>').waitFor()
  await page.mouse.move(0, 0)
  await page.getByText('so it was <b>600000</b>').waitFor({ state: 'detached' })
  await sign.focus()
  await page.getByText('so it was <b>1800000</b>').waitFor()
  await looksWell(t, page, 'charts-marks')
  await sign.focus()
  await page.keyboard.press('Escape')
  await page.getByText('so it was <b>1800000</b>').waitFor({ state: 'detached' })

  await page.getByText('As a table').click()
  await page.getByText('What happened', { exact: true }).waitFor()
  await page.getByLabel('Events and commands').uncheck()
  await sign.waitFor({ state: 'detached' })
  t.match(page.url(), /marks=off/)
  await page.getByRole('slider').press('Home')
  await legend(page).getByText('suspect').waitFor()
  t.strictSame(complaints, [])
})

t.test('times are those of the browser or of the place of the box', { skip }, async (t) => {
  const app = await openApp(t)
  const at = Date.parse('2025-03-30T00:30:00Z')
  await measure(app, at, 60)
  const { page } = await openPage(t, app.origin, { timezoneId: 'Europe/Berlin', locale: 'en-GB' })
  await setUp(page)
  const changed = await page.evaluate(`fetch('/api/v1/site', { method: 'PATCH',
    headers: { 'content-type': 'application/json', authorization: 'Bearer ' + localStorage.getItem('kaiser_access_token') },
    body: '{"time_zone":"Asia/Tokyo"}' }).then(({ status }) => status)`)
  t.equal(changed, 200)
  await page.goto(`${app.origin}/charts?${SENSOR}&from=2025-03-30T00:00:00Z&to=2025-03-30T02:00:00Z`)
  await page.getByText('30/03/2025, 01:00:00 – 30/03/2025, 04:00:00').waitFor()
  t.equal(await page.getByLabel('From').inputValue(), '2025-03-30T01:00', 'as the browser has it')
  await page.getByLabel('Times by').selectOption('site')
  await page.getByText('30/03/2025, 09:00:00 – 30/03/2025, 11:00:00').waitFor()
  t.equal(await page.getByLabel('From').inputValue(), '2025-03-30T09:00')

  await page.getByLabel('To', { exact: true }).fill('2025-03-30T10:00')
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await page.waitForURL(/to=2025-03-30T01:00:00.000Z/)
  await page.getByLabel('From').fill('2025-03-31T10:00')
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await page.getByText('The beginning is not before the end').waitFor()
})

t.test('a browser whose clock is hours ahead shows the time of the box', { skip }, async (t) => {
  const app = await openApp(t)
  await measure(app, Date.now() - HOUR, 60)
  const { page } = await openPage(t, app.origin)
  await setUp(page)
  await page.addInitScript(`{ const now = Date.now.bind(Date); Date.now = () => now() + 5 * ${HOUR} }`)
  await page.goto(`${app.origin}/charts?${SENSOR}&span=1h`)
  await legend(page).getByText('21.5').waitFor()
  const [, to] = ((await page.locator('.tools .when').textContent()) ?? '').split(' – ')
  t.ok(Math.abs(Date.parse(`${to}`) - Date.now()) < 5 * MINUTE, `it ends now: ${to}`)
})
