/**
 * What the page does with answers that come late: meanwhile something was heard, somebody else logged in, or another
 * page was asked for. It never shows what it knows better.
 */
import type { Page } from 'playwright-core'
import t from 'tap'
import { actuatorDevice } from '../support/actuator-device.js'
import { openApp } from '../support/app.js'
import { ADA, lamp, openPage, PASSWORD, setUp, skip } from '../support/dashboard.js'
import { request } from '../support/http.js'
import { connected } from '../support/mqtt.js'
import { until } from '../support/until.js'

const BOILER = 'ESP_B0110001'

t.setTimeout(180_000)

/** Holds what the server answers on such a path until it is let go; says how many wait. */
async function hold(page: Page, path: RegExp) {
  const waiting: (() => void)[] = []
  let isOpen = false
  await page.route(path, async (route) => {
    const response = await route.fetch()
    if (!isOpen) await new Promise<void>((go) => waiting.push(go))
    await route.fulfill({ response }).catch(() => {})
  })
  return {
    waiting,
    letGo(): void {
      isOpen = true
      for (const go of waiting.splice(0)) go()
    },
  }
}

/** Counts requests whose path fits. */
function counted(page: Page, path: RegExp) {
  const found = { count: 0 }
  page.on('request', (request) => {
    if (path.test(new URL(request.url()).pathname)) found.count++
  })
  return found
}

t.test('what is heard while the lists are read is newer than they are', { skip }, async (t) => {
  const app = await openApp(t)
  const { page, complaints } = await openPage(t, app.origin, { serviceWorkers: 'block' })
  await setUp(page)
  const token = String(await page.evaluate(`localStorage.getItem('kaiser_access_token')`))
  const ask = (method: string, path: string, body?: unknown) => request(app, method, path, { token, body })
  const place = { device_id: BOILER, name: 'Boiler house', zone_id: 'nord', zone_name: 'Nord' }
  await ask('POST', '/esp/devices', place)
  await ask('POST', `/sensors/${BOILER}/14`, { esp_id: BOILER, gpio: 14, sensor_type: 'sht31_temp' })
  const boiler = await ask('POST', `/actuators/${BOILER}/5`, {
    actuator_type: 'heater',
    name: 'Boiler',
    required_sensors: [{ esp_id: BOILER, gpio: 14, sensor_type: 'sht31_temp', max_age: 600 }],
  })
  t.equal(boiler.status, 200, JSON.stringify(boiler.body))
  const device = await actuatorDevice(t, app, BOILER)
  await device.is('off')
  const reading = { gpio: 14, sensor_type: 'sht31_temp', raw_mode: false, value: 21, unit: '°C' }
  await device.says('sensor/14/data', { ...reading, quality: 'good', ts: Math.floor(Date.now() / 1000) })
  const card = page.getByRole('article', { name: 'Boiler house' })
  await card.getByText('21').first().waitFor()

  await t.test('a sensor whose reading is not here yet is no alarm', async (t) => {
    const latest = await hold(page, /\/sensors\/latest/)
    await page.reload()
    await card.getByRole('button', { name: 'Off', exact: true }).waitFor()
    await until(() => latest.waiting.length > 0, 'the readings are asked for')
    await page.waitForTimeout(700)
    t.equal(await page.getByRole('region', { name: 'Needs a look' }).count(), 0)

    await lamp(page, 'live')
    await ask('POST', `/zone/devices/${BOILER}/assign`, { zone_id: 'sued', zone_name: 'Süd' })
    const moved = page.getByRole('region', { name: 'Süd' }).getByRole('article', { name: 'Boiler house' })
    await moved.waitFor()
    latest.letGo()
    await card.getByText('21').first().waitFor()
    await page.waitForTimeout(300)
    t.equal(await moved.count(), 1, 'it stays where it was put while the list was read')
    await page.unroute(/\/sensors\/latest/)
  })

  await t.test(
    'actuators that report all the time are no reason to read the list again and again',
    async (t) => {
      const states = counted(page, /\/actuators\/states$/)
      await page.route(/\/actuators\/states/, async (route) => {
        const response = await route.fetch()
        await new Promise((go) => setTimeout(go, 600))
        await route.fulfill({ response }).catch(() => {})
      })
      await page.reload()
      await lamp(page, 'live')
      for (let n = 0; n < 20; n++) {
        await device.is('on', 5, { actuator_type: 'heater' })
        await new Promise((go) => setTimeout(go, 250))
      }
      await card.getByRole('button', { name: 'On', exact: true, pressed: true }).waitFor()
      t.ok(states.count <= 3, `the list was read ${states.count} times in five seconds`)
    },
  )
  t.strictSame(
    complaints.filter((text) => !text.startsWith('Service Worker registration blocked')),
    [],
  )
})

t.test('who logs in anew is not said to be connected before they are', { skip }, async (t) => {
  const app = await openApp(t)
  const { page } = await openPage(t, app.origin, { serviceWorkers: 'block' })
  await setUp(page)
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  await page.route(/\/auth\/ws-ticket/, (route) => route.abort())
  await page.getByLabel('User name').fill(ADA.username)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('button', { name: 'Log out' }).waitFor()
  await page.waitForTimeout(500)
  t.equal(await page.locator('.lamp').getByText('live', { exact: true }).count(), 0)
  await page.unroute(/\/auth\/ws-ticket/)
  await lamp(page, 'live')
  await page.getByRole('link', { name: 'MQTT log' }).click()
  await page.getByRole('button', { name: 'Pause' }).waitFor()
  await page.waitForTimeout(500)
  t.equal(await page.locator('.gap').count(), 0, 'nobody missed anything before they came')
})

t.test('a box that answers while the page looks for what it remembers is there', { skip }, async (t) => {
  const app = await openApp(t)
  const { page } = await openPage(t, app.origin, { serviceWorkers: 'block' })
  await setUp(page)
  // A slow disk: the record of the last known values takes its time.
  await page.addInitScript(`{
    const open = indexedDB.open.bind(indexedDB)
    indexedDB.open = (...words) => {
      const own = new EventTarget()
      const opening = open(...words)
      opening.onupgradeneeded = (event) => { own.result = opening.result; own.onupgradeneeded?.(event) }
      opening.onsuccess = (event) => setTimeout(() => { own.result = opening.result; own.onsuccess?.(event) }, 1500)
      return own
    }
  }`)
  await page.evaluate(`indexedDB.deleteDatabase('kaiser')`)
  const status = await hold(page, /\/auth\/status/)
  await page.reload({ waitUntil: 'commit' })
  await until(() => status.waiting.length > 0, 'the status is asked for')
  await page.waitForTimeout(3000)
  status.letGo()
  await page.getByRole('button', { name: 'Log out' }).waitFor()
  await page.waitForTimeout(2500)
  t.equal(await page.getByRole('button', { name: 'Log out' }).count(), 1, 'and stays')
})

t.test('a list shows the page that was asked for last', { skip }, async (t) => {
  const app = await openApp(t)
  const { page } = await openPage(t, app.origin, { serviceWorkers: 'block' })
  await setUp(page)
  const device = await connected(t, app, { clientId: 'gardener' })
  for (let n = 10; n < 60; n++) await device.publishAsync(`garden/bed${n}`, 'dry', { qos: 1, retain: true })
  await page.goto(`${app.origin}/system`)
  const retained = page.getByRole('region', { name: 'Retained messages' })
  await retained.getByText('garden/bed10', { exact: true }).waitFor()
  const second = await hold(page, /\/broker\/retained\?page=2/)
  await retained.getByRole('button', { name: 'Next page' }).click()
  await until(() => second.waiting.length > 0, 'the second page is asked for')
  await retained.getByRole('button', { name: 'Next page' }).click()
  await page.waitForTimeout(500)
  second.letGo()
  await retained.getByText('garden/bed59', { exact: true }).waitFor()
  await page.waitForTimeout(300)
  t.equal(await retained.getByText('garden/bed59', { exact: true }).count(), 1)
})

t.test('a device page asks when something is new, and leaves a form alone', { skip }, async (t) => {
  const app = await openApp(t, { demo: true })
  const { page } = await openPage(t, app.origin, { serviceWorkers: 'block' })
  await setUp(page)
  await page.goto(`${app.origin}/devices/MOCK_NORTH`)
  const place = page.getByRole('region', { name: 'Place' })
  const health = counted(page, /\/health$/)
  const marks = counted(page, /\/series\/marks$/)
  await place.getByRole('button', { name: 'Add a subzone' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Id of the subzone').fill('bench_1')
  await dialog.getByLabel('GPIOs').fill('first')
  await dialog.getByRole('button', { name: 'Save' }).click()
  const refusal = dialog.locator('[aria-invalid=true]').or(dialog.getByRole('alert'))
  await refusal.first().waitFor()
  await page.waitForTimeout(8000)
  t.ok(await refusal.count(), 'what is wrong with a form stands until it is sent again')
  t.ok(health.count <= 2, `vital signs were read ${health.count} times in eight seconds`)
  t.ok(marks.count <= 2, `connections were read ${marks.count} times in eight seconds`)
})

t.test('a device is not blamed for what was said of the one before it', { skip }, async (t) => {
  const app = await openApp(t)
  const { page } = await openPage(t, app.origin, { serviceWorkers: 'block' })
  await setUp(page)
  let refuse = (): void => {}
  await page.route(/ESP_0DD00001\/arrival/, async (route) => {
    await new Promise<void>((go) => {
      refuse = go
    })
    const json = { detail: 'Nothing is known of it', code: 'internal_error' }
    await route.fulfill({ status: 500, json })
  })
  await page.goto(`${app.origin}/connect?device=ESP_0DD00001`)
  await page.getByRole('button', { name: 'Another device' }).click()
  await page.getByLabel('Id of the device').waitFor()
  refuse()
  await page.waitForTimeout(500)
  t.equal(await page.getByText('Nothing is known of it').count(), 0)
})

t.test('what nobody heard stands in the log at the time of the box', { skip }, async (t) => {
  const app = await openApp(t)
  const { page } = await openPage(t, app.origin, { serviceWorkers: 'block' })
  await setUp(page)
  await page.getByRole('heading', { name: 'Connect the first device' }).waitFor()
  await page.addInitScript('{ const real = Date.now; Date.now = () => real() + 3 * 3_600_000 }')
  await page.reload()
  await page.getByText('The clock of this browser is').waitFor()
  await lamp(page, 'live')
  await page.getByRole('link', { name: 'MQTT log' }).click()
  await page.getByLabel('Connection').selectOption('mqtt')
  const gap = page.locator('.gap').first()
  await gap.waitFor()
  const secondsOf = (text: string): number[] =>
    [...text.matchAll(/(\d\d):(\d\d):(\d\d)/g)].map(
      ([, h, m, s]) => Number(h) * 3600 + Number(m) * 60 + Number(s),
    )
  const times = secondsOf(await gap.innerText())
  const [now] = secondsOf(new Date().toTimeString())
  t.ok(times.length > 0)
  for (const at of times)
    t.ok(Math.abs(at - now!) < 60 || Math.abs(at - now!) > 86_340, `${at} is about ${now}`)
})
