/** The page while the box is away: it opens, shows the last known with its time, and comes back by itself. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { connectAsync } from 'mqtt'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { directory, type OpenApp, openApp } from '../support/app.js'
import { comesTrue, lamp, openPage, PASSWORD, picture, setUp, skip } from '../support/dashboard.js'
import { freePort } from '../support/free-port.js'

/** Publishes one reading as a device would. */
async function publish(app: OpenApp, esp_id: string, value: number): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${app.mqttPort}`, { clientId: esp_id })
  const reading = {
    esp_id,
    gpio: 4,
    sensor_type: 'DS18B20',
    raw_mode: false,
    value,
    unit: '°C',
    quality: 'good',
  }
  await client.publishAsync(`kaiser/god/esp/${esp_id}/sensor/4/data`, JSON.stringify(reading), { qos: 1 })
  await client.endAsync()
}

const filesKept = (page: Page) =>
  comesTrue(page, 'navigator.serviceWorker.ready.then(({ active }) => active !== null)')

/** The record in the browser's own database; null when there is none. */
const RECORD = `new Promise((resolve, reject) => {
  const opening = indexedDB.open('kaiser', 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore('last-known')
  opening.onerror = () => reject(opening.error)
  opening.onsuccess = () => {
    const asked = opening.result.transaction('last-known').objectStore('last-known').get('all')
    asked.onsuccess = () => { opening.result.close(); resolve(asked.result ?? null) }
  }
})`

/** A page with one reading that this browser has kept. */
async function withKept(t: Test, value: number) {
  const dir = directory(t)
  const httpPort = await freePort()
  const app = await openApp(t, { allowAnonymous: true, discovery: 'auto', dir, httpPort })
  await publish(app, 'ESP_12AB34CD', value)
  const { page } = await openPage(t, app.origin)
  await setUp(page)
  await page.getByRole('article', { name: 'ESP_12AB34CD' }).getByText(String(value)).waitFor()
  await filesKept(page)
  return { app, page, dir }
}

t.test(
  'when the box is away the page opens with the last known values and their time',
  { skip },
  async (t) => {
    const { app, page, dir } = await withKept(t, 22.5)
    const { httpPort } = app
    await app.close()
    await page.getByText('Not connected.').waitFor()
    await comesTrue(page, `${RECORD}.then((kept) => kept?.readings.length === 1)`)

    await page.reload()
    await page.getByText('Not connected.').waitFor()
    await page.getByText(/What you see is the last known, from \d\d:\d\d:\d\d/).waitFor()
    await page.getByRole('article', { name: 'ESP_12AB34CD' }).getByText('22.5').waitFor()
    await picture(page, 'dashboard-offline')

    await page.evaluate(`location.assign('/mqtt-log')`)
    await page
      .getByRole('heading', { name: /MQTT log|Events/ })
      .first()
      .waitFor()
    t.pass('other pages open too')

    const again = await openApp(t, { allowAnonymous: true, discovery: 'auto', dir, httpPort })
    await lamp(page, 'live')
    await page.goto(again.origin)
    await publish(again, 'ESP_12AB34CD', 23.25)
    await page.getByRole('article', { name: 'ESP_12AB34CD' }).getByText('23.25').waitFor()
  },
)

t.test('logging out forgets the last known values; nobody sees them then', { skip }, async (t) => {
  const { app, page } = await withKept(t, 20.5)
  await comesTrue(page, `${RECORD}.then((kept) => kept?.readings.length === 1)`)
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  await comesTrue(page, `${RECORD}.then((kept) => kept === null)`)
  await app.close()
  await page.reload()
  await page.getByRole('heading', { name: 'kaiser does not answer' }).waitFor()
  t.notMatch(await page.textContent('body'), /20\.5/)
})

t.test(
  'a browser without space shows the page all the same, and says what it cannot do',
  { skip },
  async (t) => {
    const app = await openApp(t, { allowAnonymous: true, discovery: 'auto' })
    const { page } = await openPage(t, 'about:blank')
    const devtools = await page.context().newCDPSession(page)
    await page.goto(app.origin)
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: app.origin, quotaSize: 1 })
    await setUp(page)
    await publish(app, 'ESP_12AB34CD', 21.5)
    await page.getByRole('article', { name: 'ESP_12AB34CD' }).getByText('21.5').waitFor()
    await page.getByRole('navigation').getByText('This browser').waitFor()
    t.equal(await page.evaluate(RECORD).catch(() => null), null, 'nothing was kept')
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
  },
)

/** An address of this machine under which it is not the browser's own. */
const elsewhere = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address

t.test(
  'over plain HTTP from another machine, where no browser keeps a page, the menu says so',
  { skip: skip || (elsewhere ? false : 'this machine has no network') },
  async (t) => {
    const app = await openApp(t, { allowAnonymous: true, flags: ['--host', '0.0.0.0'] })
    const { page } = await openPage(t, `http://${elsewhere}:${app.httpPort}`)
    await setUp(page)
    t.equal(await page.evaluate('isSecureContext'), false)
    await page.getByRole('navigation').getByText('This page was opened over plain HTTP').waitFor()
  },
)

/** kaiser behind something that changes the build of its page, as a newer version would. */
async function newerBuilds(t: Test, app: OpenApp) {
  let build = 1
  const server = createServer(async (request, response) => {
    if (request.headers.upgrade) return void response.writeHead(404).end()
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { host: _, connection: __, 'accept-encoding': ___, ...headers } = request.headers
    const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined
    const answer = await fetch(app.origin + request.url, {
      method: request.method!,
      headers: headers as Record<string, string>,
      ...(body && { body }),
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' })
    if (request.url !== '/worker.js') return void response.end(bytes)
    response.end(bytes.toString().replace(/BUILD="\w+"/, `BUILD="build${build}"`))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: () => {
      build++
    },
  }
}

t.test('a newer build is said to be there and is taken when somebody wants it', { skip }, async (t) => {
  const app = await openApp(t, { allowAnonymous: true })
  const { origin, next } = await newerBuilds(t, app)
  const { page } = await openPage(t, origin)
  await page.getByLabel('User name').fill('ada')
  await page.getByLabel('E-mail').fill('ada@example.org')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByRole('button', { name: 'Log out' }).waitFor()
  await filesKept(page)
  await page.goto(origin)
  await page.getByRole('button', { name: 'Log out' }).waitFor()
  t.ok(await page.evaluate('navigator.serviceWorker.controller !== null'))

  next()
  await comesTrue(
    page,
    'navigator.serviceWorker.getRegistration().then((found) => found.update()).then(() => true)',
  )
  await page.getByText('A new version of this page is there.').waitFor()
  t.strictSame(await page.evaluate('caches.keys()'), ['kaiser-page-build1', 'kaiser-page-build2'])
  const reloaded = page.waitForEvent('load')
  await page.getByRole('button', { name: 'Reload', exact: true }).click()
  await reloaded
  await page.getByRole('button', { name: 'Log out' }).waitFor()
  t.strictSame(await page.evaluate('caches.keys()'), ['kaiser-page-build2'])
  t.equal(await page.getByText('A new version').count(), 0)
  const cached = (await page.evaluate(
    `caches.open('kaiser-page-build2').then((kept) => kept.keys()).then((all) => all.map(({ url }) => url))`,
  )) as string[]
  t.ok(cached.length > 5)
  t.notOk(
    cached.some((url) => new URL(url).pathname.startsWith('/api')),
    'nothing of /api is kept',
  )
})
