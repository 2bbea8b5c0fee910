/** The MQTT log as people meet it: a real Chromium in front of the whole house. */
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import t from 'tap'
import type { Event } from '../../routing/contract/events.js'
import { actuatorDevice } from '../support/actuator-device.js'
import { openApp } from '../support/app.js'
import { lamp, openPage, setUp, skip } from '../support/dashboard.js'
import { request } from '../support/http.js'
import { looksWell } from '../support/looks.js'
import { connected, reading, topicOf } from '../support/mqtt.js'
import { until } from '../support/until.js'

t.setTimeout(120_000)

const rows = (page: Page) => page.locator('main .event')
const show = (page: Page, what: string) => page.getByLabel('Show', { exact: true }).selectOption(what)
const tokenOf = (page: Page) =>
  page.evaluate(`localStorage.getItem('kaiser_access_token')`) as Promise<string>
const health = (n: number): Event =>
  ({ type: 'esp_health', data: { esp_id: 'ESP_1', status: 'online', uptime: n } }) as unknown as Event

t.test(
  'messages are heard while they are shown, found by topic and text, and lead to their effect',
  { skip },
  async (t) => {
    const app = await openApp(t)
    const { page, complaints, strangers } = await openPage(t, app.origin)
    await setUp(page)
    const device = await connected(t, app, { clientId: 'pen' })
    await device.publishAsync(topicOf(), reading(5), { qos: 1 })
    await page.getByRole('link', { name: 'MQTT log' }).click()
    await rows(page).filter({ hasText: 'sensor_data' }).first().waitFor()
    t.notOk(app.hub.wanted('mqtt_message'), 'nobody asked for messages')

    await show(page, 'raw')
    await until(() => app.hub.wanted('mqtt_message'), 'the subscription')
    const stored = rows(page).filter({ hasText: topicOf() })
    await stored.first().waitFor()
    await device.publishAsync('garden/shed', 'a <b>door</b>', { qos: 0, retain: true })
    await device.publishAsync(topicOf('ESP_2'), 'no JSON', { qos: 1 })
    const refused = rows(page).filter({ hasText: 'no JSON' })
    await refused.getByText('payload_not_json').waitFor()
    await rows(page).filter({ hasText: 'a <b>door</b>' }).getByText('retain').waitFor()
    t.match(await refused.textContent(), /in.*QoS 1.*7 B/)

    for (const [wish, fits] of [
      ['kaiser/+/esp/+/sensor/#', [topicOf(), topicOf('ESP_2')]],
      ['kaiser/*ESP_2*', [topicOf('ESP_2')]],
      ['SENSOR/4/da', [topicOf(), topicOf('ESP_2')]],
      ['kaiser/+/esp', []],
    ] as const) {
      await page.getByLabel('Topic', { exact: true }).fill(wish)
      await page.waitForURL((url) => url.searchParams.get('topic') === wish)
      const topics = new Set(await page.locator('main .topic').allTextContents())
      t.strictSame([...topics].sort(), [...fits].sort(), wish)
    }
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await page.getByLabel('Text', { exact: true }).fill('NO json')
    await page.waitForURL(/text=/)
    t.equal(await rows(page).count(), 1)

    await refused.getByRole('button').first().press('Enter')
    await refused.getByRole('button', { name: 'What came of it' }).click()
    const sheet = page.getByRole('dialog')
    await sheet.getByText('Not used, because').waitFor()
    await sheet.getByText('kaiser runs no rules yet').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await stored.first().getByRole('button').first().click()
    await stored.first().getByRole('button', { name: 'What came of it' }).click()
    await sheet.getByText('Stored as reading').waitFor()
    t.match(await sheet.textContent(), /Acknowledged\./)
    await looksWell(t, page, 'mqtt-log-effect')
    await page.keyboard.press('Escape')
    await looksWell(t, page, 'mqtt-log')

    await page.getByLabel('Language').selectOption('de')
    await page
      .getByRole('button', { name: 'Ältere Nachrichten laden' })
      .or(page.getByText('Das ist alles, was der Server'))
      .waitFor()
    await page.getByRole('link', { name: 'Ablehnungen' }).click()
    await page.locator('main .tag').getByText('payload_not_json').waitFor()
    await page.getByRole('button', { name: 'Erneut einreichen' }).click()
    await page.getByText('Wieder nicht verwendet').waitFor()
    await looksWell(t, page, 'rejects')
    await until(() => !app.hub.wanted('mqtt_message'), 'the end of the subscription')
    t.strictSame(complaints, [])
    t.strictSame(strangers, [])
  },
)

t.test('a command is shown with its stages, and with the messages it went through', { skip }, async (t) => {
  const app = await openApp(t)
  const { page } = await openPage(t, app.origin)
  await setUp(page)
  const token = await tokenOf(page)
  const pump = await actuatorDevice(t, app, 'ESP_12AB34CD')
  await pump.is('off')
  const asked = await request(app, 'POST', '/actuators/ESP_12AB34CD/5/command', {
    token,
    body: { command: 'ON', duration: 60 },
  })
  await until(() => pump.commands().length > 0, 'the command')
  await pump.answers(asked.body.correlation_id, 'ON')
  await page.goto(`${app.origin}/mqtt-log?show=raw&type=actuator_command`)
  const row = rows(page).first()
  await row.getByRole('button').first().click()
  t.match(await row.textContent(), /out/)
  await row.getByRole('button', { name: 'What came of it' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('heading', { name: 'Command' }).waitFor()
  for (const stage of ['ordered', 'sent', 'done']) await sheet.getByText(stage).first().waitFor()
  await sheet.getByRole('button', { name: /\/response/ }).click()
  await sheet.getByText('actuator_response').first().waitFor()
})

t.test(
  'a pause counts and loses nothing that fits, and hundreds a second stay smooth',
  { skip },
  async (t) => {
    const app = await openApp(t)
    const { page, complaints } = await openPage(t, app.origin)
    await setUp(page)
    await page.getByRole('link', { name: 'MQTT log' }).click()
    await page.getByRole('button', { name: 'Pause' }).click()
    for (let n = 0; n < 700; n++) app.hub.emit(health(n))
    await page.getByRole('button', { name: /Resume \(70\d new\)/ }).waitFor()
    t.equal(await rows(page).filter({ hasText: 'esp_health' }).count(), 0)
    await page.getByRole('button', { name: /Resume/ }).click()
    await page.getByText(/7\d\d lines/).waitFor()
    t.ok((await rows(page).count()) <= 200, 'not all of them are drawn at once')

    await page.evaluate(`
    window.longest = 0
    let last = performance.now()
    const look = (now) => { window.longest = Math.max(window.longest, now - last); last = now; requestAnimationFrame(look) }
    requestAnimationFrame(look)
  `)
    for (let n = 0; n < 30; n++) {
      for (let k = 0; k < 10; k++) app.hub.emit(health(1000 + n * 10 + k))
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await rows(page).first().waitFor()
    const longest = Number(await page.evaluate('window.longest'))
    t.ok(longest < 500, `the longest frame took ${longest} ms`)
    t.strictSame(complaints, [])
  },
)

t.test(
  'history goes back to the end of the server’s log, and is exported as it stands there',
  { skip },
  async (t) => {
    const app = await openApp(t, { flags: ['--max-logged-messages', '400'] })
    const device = await connected(t, app, { clientId: 'pen' })
    for (let n = 0; n < 450; n++) await device.publishAsync('garden/count', `${n}`, { qos: 0 })
    const { page } = await openPage(t, app.origin)
    await page.addInitScript('delete window.showSaveFilePicker')
    await setUp(page)
    await page.goto(`${app.origin}/mqtt-log?show=raw&topic=garden/%23`)
    await page.getByText('100 lines').waitFor()
    await page.mouse.wheel(0, 20_000)
    await page.getByRole('button', { name: 'Load older messages' }).click()
    await page
      .getByText(/The log of the server ends here: \d+ older messages/)
      .or(page.getByText(/more below/))
      .first()
      .waitFor()
    await page.getByText(/(39\d|400) lines/).waitFor()

    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export as NDJSON' }).click()
    const lines = readFileSync(await (await download).path(), 'utf8')
      .trimEnd()
      .split('\n')
    const payloads = lines.map((line) => (JSON.parse(line) as { payload: string }).payload)
    t.equal(payloads.at(-1), '449')
    t.ok(payloads.length > 390, `${payloads.length} lines`)
    await page.getByText(/exported\.$/).waitFor()
  },
)

t.test('what happened while the page was away is brought after, each event once', { skip }, async (t) => {
  const app = await openApp(t)
  const { page } = await openPage(t, app.origin)
  let isAway = false
  const cuts: (() => void)[] = []
  await page.routeWebSocket(/\/ws\/realtime\//, (socket) => {
    if (isAway) return void socket.close({ code: 1011 })
    const server = socket.connectToServer()
    cuts.push(() => {
      void server.close()
      void socket.close({ code: 1011 })
    })
  })
  await setUp(page)
  await page.getByRole('link', { name: 'MQTT log' }).click()
  app.hub.emit(health(1))
  await rows(page).filter({ hasText: 'esp_health' }).first().waitFor()

  isAway = true
  for (const cut of cuts) cut()
  await lamp(page, 'reconnecting')
  await until(() => app.hub.size === 0, 'nobody to listen')
  for (const n of [2, 3]) app.hub.emit(health(n))
  isAway = false
  await lamp(page, 'live')
  const missed = rows(page).filter({ hasText: 'brought after' })
  await until(async () => (await missed.count()) >= 2, 'what was missed')
  app.hub.emit(health(4))
  await until(async () => (await rows(page).filter({ hasText: 'esp_health' }).count()) === 4, 'all four')
  t.equal(await missed.filter({ hasText: 'esp_health' }).count(), 2)
  t.equal(await page.locator('.gap').count(), 0, 'nothing is missing')
})
