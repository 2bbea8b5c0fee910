/** The dashboard over plain MQTT: its realtime socket is shut, and everything works but for replays, which MQTT has none of. */
import t from 'tap'
import { openApp, type Teardown } from '../support/app.js'
import { lamp, openPage, setUp, skip } from '../support/dashboard.js'
import { connected, reading, topicOf } from '../support/mqtt.js'
import { until } from '../support/until.js'

t.setTimeout(120_000)

const MINUTE = 60_000

async function house(t: Parameters<typeof openPage>[0] & Teardown) {
  const clock = { skew: 0 }
  const app = await openApp(t, { now: () => Date.now() + clock.skew })
  const watched = await openPage(t, app.origin)
  const { page } = watched
  const sockets: string[] = []
  page.on('websocket', (socket) => void sockets.push(new URL(socket.url()).pathname))
  let shut = 0
  await page.routeWebSocket(/\/ws\/realtime\//, (socket) => {
    shut++
    void socket.close({ code: 1011 })
  })
  const device = await connected(t, app, { clientId: 'pen' })
  return { app, clock, device, sockets, ...watched, shut: () => shut }
}

t.test('the menu changes to MQTT, and overview and log live on it', { skip }, async (t) => {
  const { page, device, sockets, complaints, shut } = await house(t)
  await page.evaluate(`localStorage.setItem('kaiser_connection', 'mqtt')`)
  await page.reload()
  await setUp(page)
  t.ok(sockets.includes('/mqtt'))
  await device.publishAsync(topicOf(), reading(5), { qos: 1 })
  const card = page.getByRole('article', { name: 'ESP_12AB34CD' })
  await card.getByText('20.5').waitFor()
  await device.publishAsync(topicOf(), reading(32), { qos: 1 })
  await card.getByText('23.2').waitFor()

  await page.getByRole('link', { name: 'MQTT log' }).click()
  const rows = page.locator('main .event')
  await rows.filter({ hasText: /ds18b20 23.2/i }).waitFor()
  await page.getByLabel('Show', { exact: true }).selectOption('raw')
  await device.publishAsync(topicOf(), 'no JSON', { qos: 1 })
  const refused = rows.filter({ hasText: 'no JSON' })
  await refused.getByRole('button').first().click()
  await refused.getByRole('button', { name: 'What came of it' }).click()
  await page.getByRole('dialog').getByText('Not used, because').waitFor()
  await page.keyboard.press('Escape')
  t.equal(shut(), 0, 'nobody tried the realtime socket')
  t.strictSame(complaints, [])

  await page.locator('nav').getByLabel('Connection').selectOption('websocket')
  await lamp(page, 'reconnecting')
  await page.locator('nav').getByLabel('Connection').selectOption('mqtt')
  await lamp(page, 'live')
  t.ok(shut() > 0)
})

t.test('a connection whose token ends is followed by another', { skip }, async (t) => {
  const { page, app, clock, device, sockets } = await house(t)
  await page.evaluate(`localStorage.setItem('kaiser_connection', 'mqtt')`)
  await page.reload()
  await setUp(page)
  const before = sockets.length
  clock.skew = 31 * MINUTE
  await until(() => sockets.length > before, 'another connection')
  await lamp(page, 'live')
  await page.getByRole('link', { name: 'MQTT log' }).click()
  await page
    .getByText(/^Not connected from/)
    .or(page.locator('.gap'))
    .first()
    .waitFor()
  await device.publishAsync(
    'kaiser/god/esp/ESP_12AB34CD/system/heartbeat',
    JSON.stringify({ uptime: 5, heap_free: 9, wifi_rssi: -50 }),
    { qos: 1 },
  )
  await page.locator('main .event').filter({ hasText: 'ESP_12AB34CD' }).first().waitFor()
  t.ok(app.stats.codes().token_expired)
})
