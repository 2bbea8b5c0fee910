/** What pages do with what a browser has: a file written straight onto the disk, fingers, hours on one socket. */
import t from 'tap'
import type { Reading } from '../../storage/readings.js'
import { reading } from '../storage/open.js'
import { type OpenApp, openApp } from '../support/app.js'
import { comesTrue, lamp, openPage, setUp, skip } from '../support/dashboard.js'
import { connected, reading as said, topicOf } from '../support/mqtt.js'
import { until } from '../support/until.js'

t.setTimeout(120_000)

const MINUTE = 60_000

t.test('the MQTT log is written straight into the file that was chosen', { skip }, async (t) => {
  const app = await openApp(t)
  const { page } = await openPage(t, app.origin)
  await setUp(page)
  await page.addInitScript(`
    window.written = ''
    window.showSaveFilePicker = async ({ suggestedName }) => {
      if (window.nobodyWants) throw new DOMException('no', 'AbortError')
      window.named = suggestedName
      const decoder = new TextDecoder()
      return {
        createWritable: async () =>
          new WritableStream({
            write: (chunk) => void (window.written += decoder.decode(chunk, { stream: true })),
            close: () => void (window.isWritten = true),
          }),
      }
    }`)
  const device = await connected(t, app)
  await device.publishAsync(topicOf('ESP_1'), said(1, 'ESP_1'), { qos: 1 })
  await page.goto(`${app.origin}/mqtt-log?show=raw`)
  await lamp(page, 'live')
  let downloads = 0
  page.on('download', () => downloads++)
  await page.getByRole('button', { name: 'Export as NDJSON' }).click()
  await page.getByText(/exported\.$/).waitFor()
  await comesTrue(page, 'window.isWritten === true')
  const lines = String(await page.evaluate('window.written'))
    .trim()
    .split('\n')
  t.ok(lines.map((line) => JSON.parse(line).topic).includes(topicOf('ESP_1')), 'a line for each message')
  t.match(await page.evaluate('window.named'), /^kaiser-mqtt-.*\.ndjson$/)
  t.equal(downloads, 0, 'nothing is gathered first')

  await page.evaluate(`window.nobodyWants = true; window.isWritten = false`)
  await page.getByRole('button', { name: 'Export as NDJSON' }).click()
  await page.getByText(/exported\.$/).waitFor({ state: 'detached' })
  t.equal(await page.evaluate('window.isWritten'), false, 'who changes their mind gets no file')
  t.equal(downloads, 0)
})

const measured = (app: OpenApp, minutes: number, fields: Partial<Reading> = {}) =>
  app.store.group.run(() => {
    for (let ago = minutes; ago > 0; ago--) {
      const timestamp = Date.now() - ago * MINUTE
      app.store.readings.insert(
        reading({ timestamp, received_at: timestamp, seq: minutes - ago, raw_value: 20, ...fields }),
      )
    }
  })

t.test('two fingers zoom a chart, one moves it', { skip }, async (t) => {
  const app = await openApp(t)
  await measured(app, 24 * 60)
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
  const { page } = await openPage(t, app.origin, phone)
  await setUp(page)
  await page.goto(`${app.origin}/charts?sensor=ESP_12AB34CD,4,ds18b20`)
  await page.locator('.chart[aria-busy="false"] canvas').waitFor()
  const over = page.locator('.u-over')
  await over.scrollIntoViewIfNeeded()
  const place = (await over.boundingBox())!
  const y = place.y + place.height / 2
  const x = (share: number) => place.x + share * place.width
  const devtools = await page.context().newCDPSession(page)
  const touch = (type: string, ...shares: number[]) =>
    devtools.send('Input.dispatchTouchEvent', {
      type: type as 'touchStart',
      touchPoints: shares.map((share, id) => ({ x: x(share), y, id })),
    })
  const shown = (): { from: number; to: number } => {
    const { searchParams } = new URL(page.url())
    const [from, to] = ['from', 'to'].map((name) => Date.parse(searchParams.get(name) ?? ''))
    return { from: from!, to: to! }
  }

  await touch('touchStart', 0.4, 0.6)
  for (const step of [0.05, 0.1, 0.15, 0.2]) await touch('touchMove', 0.4 - step, 0.6 + step)
  await touch('touchEnd')
  await until(() => shown().to - shown().from < 20 * 60 * MINUTE, 'less than a day is shown')
  const zoomed = shown()
  t.ok(zoomed.to - zoomed.from > MINUTE)

  await touch('touchStart', 0.3)
  for (const share of [0.4, 0.5, 0.6, 0.7]) await touch('touchMove', share)
  await touch('touchEnd')
  await until(() => shown().from < zoomed.from - MINUTE, 'what was before comes in')
  const lasts = ({ from, to }: { from: number; to: number }) => to - from
  t.ok(Math.abs(lasts(shown()) - lasts(zoomed)) < MINUTE, 'and no more of it at once')
})

t.test('a page outlives the token it came with on the same socket', { skip }, async (t) => {
  let skew = 0
  const app = await openApp(t, { now: () => Date.now() + skew })
  const { page } = await openPage(t, app.origin)
  await setUp(page)
  await page.addInitScript(`
    const { setInterval } = window
    window.setInterval = (work, ms, ...more) => setInterval(work, ms === 600000 ? 1500 : ms, ...more)`)
  const frames = { told: 0, renewed: 0, closed: 0 }
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      if (String(payload).includes('"renew"')) frames.told++
    })
    socket.on('framereceived', ({ payload }) => {
      if (String(payload).includes('"renewed"')) frames.renewed++
    })
    socket.on('close', () => frames.closed++)
  })
  await page.goto(`${app.origin}/mqtt-log`)
  await lamp(page, 'live')
  await until(() => frames.renewed > 0, 'the socket was told another token')
  // Past the end of the first token, not of the one it was told since.
  for (let quarter = 0; quarter < 3; quarter++) {
    skew += 15 * MINUTE
    const before = frames.renewed
    await until(() => frames.renewed > before, 'told again')
  }
  const device = await connected(t, app)
  await device.publishAsync(topicOf('ESP_1'), said(1, 'ESP_1'), { qos: 1 })
  await page.getByText('ESP_1').first().waitFor()
  await lamp(page, 'live')
  t.equal(frames.closed, 0, 'no socket was lost')
  t.equal(new URL(page.url()).pathname, '/mqtt-log')
})

t.test(
  'a sensor whose clock is wrong is shown as it arrives, and the device says so',
  { skip },
  async (t) => {
    const app = await openApp(t)
    const { page } = await openPage(t, app.origin)
    await setUp(page)
    const device = await connected(t, app)
    const ahead = { ...JSON.parse(said(1, 'ESP_1')), ts: Math.floor(Date.now() / 1000) + 86_400 * 400 }
    await device.publishAsync(topicOf('ESP_1'), JSON.stringify(ahead), { qos: 1 })
    await page.goto(`${app.origin}/devices/ESP_1`)
    const findings = page.getByRole('region', { name: 'What kaiser noticed' })
    await findings.getByText('The clock of the device is wrong; kaiser uses the time of arrival').waitFor()
    const shown = page.getByRole('region', { name: 'Sensors' }).getByRole('listitem').first()
    await shown
      .getByText(/just now|\d+ s ago/)
      .first()
      .waitFor()
    await page.getByLabel('Language').selectOption('de')
    await page.getByText('Die Uhr des Geräts geht falsch; kaiser nimmt die Zeit der Ankunft.').waitFor()
  },
)
