/** Charts as people meet them: a real Chromium in front of the whole house, readings in its database. */
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import t from 'tap'
import type { Event } from '../../routing/contract/events.js'
import type { Reading } from '../../storage/readings.js'
import { reading } from '../storage/open.js'
import { type OpenApp, openApp } from '../support/app.js'
import { openPage, setUp, skip } from '../support/dashboard.js'
import { looksWell } from '../support/looks.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const TEMPERATURE = 'ESP_12AB34CD,4,ds18b20'

t.setTimeout(120_000)

/** One reading a minute, the newest a minute old; `value` says what was measured so many minutes ago. */
const measure = (app: OpenApp, minutes: number, value: (ago: number) => number, fields: Partial<Reading>) =>
  app.store.group.run(() => {
    for (let ago = minutes; ago > 0; ago--) {
      const timestamp = Date.now() - ago * MINUTE
      const number = { raw_value: value(ago), processed_value: value(ago) }
      app.store.readings.insert(
        reading({ timestamp, received_at: timestamp, seq: minutes - ago, ...number, ...fields }),
      )
    }
  })

const legend = (page: Page, device: string) =>
  page.locator('.legend li').filter({ hasText: device }).locator('.value')
const chart = (page: Page) => page.getByRole('region', { name: 'Chart' })
const drawn = (page: Page) => page.locator('.chart[aria-busy="false"] canvas').waitFor()

t.test('sensors are found, drawn together, looked at, and exported', { skip }, async (t) => {
  const app = await openApp(t)
  await measure(app, 50 * 60, (ago) => 20 + (ago < DAY / MINUTE ? 1 : 0), {})
  await measure(app, 60, () => 55.5, {
    esp_id: 'ESP_HUMID',
    gpio: 21,
    sensor_type: 'sht31_humidity',
    address: '0x44',
    unit: '%',
  })
  const { page, complaints, strangers } = await openPage(t, app.origin)
  await setUp(page)
  await page.goto(`${app.origin}/charts`)
  await page.getByLabel('Find sensors').fill('humid')
  await page.getByRole('checkbox', { name: /ESP_HUMID/ }).check()
  await drawn(page)
  await page.getByLabel('Find sensors').fill('ds18b20 12ab')
  await page.getByRole('checkbox', { name: /ESP_12AB34CD/ }).check()
  await legend(page, 'ESP_12AB34CD').getByText('21').waitFor()
  await legend(page, 'ESP_HUMID').getByText('55.5').waitFor()
  t.equal(new URL(page.url()).searchParams.getAll('sensor').length, 2, 'the address says what is shown')

  await page.getByText('As a table').click()
  const row = page.getByRole('row').filter({ hasText: 'ESP_12AB34CD' })
  await row.getByText('21 °C').first().waitFor()

  await page.getByLabel('Compare with the day before').check()
  const cursor = page.getByRole('slider')
  await cursor.press('PageUp')
  await legend(page, 'ESP_12AB34CD').getByText('(24 h earlier 20)').waitFor()
  t.match(await cursor.getAttribute('aria-valuetext'), /\d\d:\d\d:\d\d/, 'the keyboard moves the cursor')
  await looksWell(t, page, 'charts')

  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export as CSV' }).click()
  const lines = readFileSync(await (await download).path(), 'utf8')
    .trimEnd()
    .split('\r\n')
  t.match(lines[0], /^esp_id,gpio,sensor_type,address,/)
  t.equal(lines.filter((line) => line.startsWith('ESP_HUMID,21')).length, 60)
  t.ok(lines.filter((line) => line.startsWith('ESP_12AB34CD')).length <= DAY / MINUTE, 'of this time')

  await page.getByRole('button', { name: '7 d' }).click()
  await page.waitForURL(/span=7d/)
  await page.goBack()
  await page.waitForURL((url) => !url.searchParams.has('span'))
  t.equal(await page.getByRole('button', { name: '24 h', exact: true }).getAttribute('aria-pressed'), 'true')
  await page.getByLabel('Language').selectOption('de')
  await page.getByRole('slider', { name: /Zeit im Verlauf/ }).waitFor()
  t.strictSame([complaints, strangers], [[], []])
})

t.test('time is zoomed and moved; what comes in is added', { skip }, async (t) => {
  const app = await openApp(t)
  await measure(app, 180, () => 20, {})
  const { page } = await openPage(t, app.origin)
  await setUp(page)
  await page.goto(`${app.origin}/charts?sensor=${TEMPERATURE}&span=1h`)
  await drawn(page)
  await legend(page, 'ESP_12AB34CD').getByText('20').waitFor()

  await page.evaluate('scrollTo(0, 250)')
  const scrolled = await page.evaluate('scrollY')
  const over = (await page.locator('.u-over').boundingBox())!
  await page.mouse.move(over.x + over.width / 4, over.y + 50)
  await page.mouse.down()
  await page.mouse.move(over.x + over.width / 2, over.y + 60, { steps: 4 })
  await page.mouse.up()
  await page.waitForURL(/from=/)
  const span = (): number => {
    const { searchParams } = new URL(page.url())
    return Date.parse(searchParams.get('to')!) - Date.parse(searchParams.get('from')!)
  }
  t.ok(Number(scrolled) > 50)
  t.equal(await page.evaluate('scrollY'), scrolled, 'the chart stays under the hand')
  t.ok(Math.abs(span() - 15 * MINUTE) < MINUTE, 'a drag over a quarter of an hour shows it')

  const before = page.url()
  await page.getByRole('button', { name: 'Longer time' }).click()
  await page.waitForURL((url) => url.href !== before)
  t.ok(Math.abs(span() - 30 * MINUTE) < 2 * MINUTE, 'twice as long')
  await page.getByRole('button', { name: 'Earlier' }).click()
  await page.getByRole('button', { name: 'Reset' }).click()
  await page.waitForURL((url) => !url.searchParams.has('from'))

  const data = {
    ...{ esp_id: 'ESP_12AB34CD', gpio: 4, sensor_type: 'ds18b20', address: null, unit: '°C' },
    ...{ value: 33.25, raw_value: 33.25, processed_value: 33.25, quality: 'good' },
    ...{ data_source: 'production', processing_mode: 'local', timestamp: Date.now() / 1000 },
  }
  app.hub.emit({ type: 'sensor_data', data } as unknown as Event)
  await legend(page, 'ESP_12AB34CD').getByText('33.25').waitFor()
})

t.test('an address that makes no sense is said to, and what can be shown is', { skip }, async (t) => {
  const app = await openApp(t)
  await measure(app, 600, (ago) => (ago === 300 ? 1e300 : 20 + (ago % 10) / 10), {})
  const { page } = await openPage(t, app.origin)
  await setUp(page)
  await page.goto(`${app.origin}/charts?sensor=${TEMPERATURE}&sensor=ESP_NOBODY,1,ph&sensor=%3Cb%3E`)
  await chart(page).getByText('ESP_NOBODY,1,ph cannot be shown').waitFor()
  await chart(page).getByText('<b> cannot be shown').waitFor()
  await chart(page).getByText('One value lies beyond the axis (°C)').waitFor()
  await page.getByText('As a table').click()
  await page.getByRole('cell', { name: '1e300 °C' }).waitFor()

  await page.goto(`${app.origin}/charts?sensor=${TEMPERATURE}&from=2025-02-02&to=2025-01-01`)
  await page.getByRole('alert').getByText('The beginning is not before the end').waitFor()
  await page.goto(`${app.origin}/charts?sensor=${TEMPERATURE}&from=yesterday&to=2025-01-01`)
  await page.getByRole('alert').getByText('That is no time').waitFor()
  await page.goto(`${app.origin}/charts?sensor=${TEMPERATURE}&from=2020-01-01&to=2020-01-02`)
  await chart(page)
    .getByText(/no readings here; the first is from \d/)
    .waitFor()
})
