/**
 * The overview as people meet it: zones, values and where they are going, what needs a look, switching on for a time,
 * in both languages, on a phone, in the dark, with ten thousand devices, and with a browser whose clock is wrong.
 */
import type { Page } from 'playwright-core'
import t from 'tap'
import { actuatorDevice } from '../support/actuator-device.js'
import { type OpenApp, openApp } from '../support/app.js'
import { axeFindings } from '../support/axe.js'
import { ADA, lamp, openPage, PASSWORD, picture, setUp, skip } from '../support/dashboard.js'
import { request } from '../support/http.js'
import { connected } from '../support/mqtt.js'
import { until } from '../support/until.js'

const TOMATO = 'ESP_70AA7000'
const HEATING = 'ESP_4EA70001'
const MARKUP = '<img src=x onerror=alert(1)> طماطم'
const HOUR = 3_600_000

t.setTimeout(120_000)

const card = (page: Page, name: string) => page.getByRole('article', { name })

async function asker(app: OpenApp) {
  const body = { username: ADA.username, password: PASSWORD, remember_me: false }
  const login = await request(app, 'POST', '/auth/login', { body })
  const { access_token: token } = login.body.tokens as { access_token: string }
  return (method: string, path: string, body?: unknown) => request(app, method, path, { token, body })
}

t.test(
  'zones with their devices, where a value is going, what needs a look, ON for a time',
  { skip },
  async (t) => {
    const app = await openApp(t)
    const { page, complaints } = await openPage(t, app.origin)
    await setUp(page)
    const ask = await asker(app)
    await ask('POST', '/esp/devices', {
      device_id: TOMATO,
      name: MARKUP,
      zone_id: 'nord',
      zone_name: 'Nord <b>',
    })
    await ask('POST', '/esp/devices', {
      device_id: HEATING,
      name: 'Heating',
      zone_id: 'sued',
      zone_name: 'Süd',
    })
    await ask('POST', `/sensors/${TOMATO}/4`, {
      esp_id: TOMATO,
      gpio: 4,
      sensor_type: 'ds18b20',
      name: 'Root zone',
    })
    await ask('POST', `/sensors/${HEATING}/14`, { esp_id: HEATING, gpio: 14, sensor_type: 'sht31_temp' })
    const boiler = await ask('POST', `/actuators/${HEATING}/5`, {
      actuator_type: 'heater',
      name: 'Boiler',
      max_runtime_seconds: 1800,
      cooldown_seconds: 60,
      required_sensors: [{ esp_id: HEATING, gpio: 14, sensor_type: 'sht31_temp', max_age: 60 }],
    })
    t.equal(boiler.status, 200, JSON.stringify(boiler.body))
    await ask('POST', `/actuators/${HEATING}/18`, { actuator_type: 'pump', name: 'Pump' })
    const device = await connected(t, app, { clientId: TOMATO })
    const start = Date.now() - 50 * 60_000
    for (let n = 0; n <= 10; n++) {
      const reading = { esp_id: TOMATO, gpio: 4, sensor_type: 'DS18B20', raw_mode: false, unit: '°C' }
      const ts = Math.floor((start + n * 300_000) / 1000)
      const payload = JSON.stringify({ ...reading, value: 18.25 + n / 5, quality: 'good', ts })
      await device.publishAsync(`kaiser/god/esp/${TOMATO}/sensor/4/data`, payload, { qos: 1 })
    }
    const heating = await actuatorDevice(t, app, HEATING)
    await heating.is('off', 18, { actuator_type: 'pump' })
    await page.reload()

    const zone = page.getByRole('region', { name: 'Nord <b>' })
    const tomato = zone.getByRole('article', { name: MARKUP })
    await tomato.getByText('20.25').waitFor()
    await tomato.getByText('Root zone').waitFor()
    await tomato.getByText('rising').waitFor()
    await tomato.getByText('+2.4 °C/h').waitFor()
    await tomato.locator('svg.spark path').waitFor({ state: 'attached' })
    t.equal(await page.locator('img').count(), 0, 'a name is no markup')
    t.equal(await tomato.locator('h3').getAttribute('dir'), 'auto', 'a name is written from where it begins')

    const alarms = page.getByRole('region', { name: 'Needs a look' })
    await alarms.getByText('Boiler needs Temperature (Heating, gpio 14), and it was never heard').waitFor()
    await heating.says('actuator/18/alert', { gpio: 18, alert_type: 'hardware_error', message: 'dry' })
    await alarms.getByText('Pump: hardware error').waitFor()

    const pump = card(page, 'Heating').getByRole('listitem').filter({ hasText: 'Pump' })
    const howLong = pump.getByLabel('For how long Pump is on')
    t.match(await howLong.locator('option').allInnerTexts(), ['at most 1 h', 'for 1 min'])
    await howLong.selectOption('for 5 min')
    await pump.getByRole('button', { name: 'On', exact: true }).click()
    await pump.getByText(/Asked: ON, you/).waitFor()
    await until(() => heating.commands(18).length > 0, 'the command')
    t.match(heating.commands(18).at(-1), { command: 'ON', duration: 300 })
    await card(page, 'Heating').getByText('1 min pause between two runs').waitFor()

    await page.reload()
    await alarms.getByText('Pump: hardware error').waitFor()
    t.equal(await alarms.getByText('dry', { exact: true }).count(), 1, 'in the words of the device')
    await page.waitForTimeout(500)
    await picture(page, 'overview-light', true)
    t.strictSame(await axeFindings(page), [], 'axe finds nothing serious')
    await page.setViewportSize({ width: 360, height: 740 })
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.reload()
    await lamp(page, 'live')
    await alarms.getByText('Pump: hardware error').waitFor()
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByLabel('Language').selectOption('de')
    await page.getByRole('region', { name: 'Bitte ansehen' }).getByText('Pump: Hardwarefehler').waitFor()
    await page.getByRole('button', { name: 'Menü' }).click()
    await tomato.getByText('20,25').waitFor()
    await tomato.getByText('+2,4 °C/h').waitFor()
    await page.getByRole('button', { name: 'Not-Aus' }).waitFor()
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, 'nothing scrolls sideways')
    await picture(page, 'overview-phone-dark', true)
    t.strictSame(await axeFindings(page), [], 'neither in the dark on a phone')
    t.strictSame(complaints, [])
  },
)

t.test('ten thousand devices are there, and only those in view cost anything', { skip }, async (t) => {
  const app = await openApp(t)
  await app.store.group.run(() => {
    for (let n = 0; n < 10_000; n++) {
      const zone_id = `z${n % 20}`
      const device_id = `ESP_${String(n).padStart(8, '0')}`
      const more = { status: 'online', name: `Bed ${n}`, zone_id, zone_name: `Zone ${n % 20}` } as const
      app.store.devices.insert(device_id, { ...more, last_seen: Date.now() }, Date.now())
    }
  })
  const { page, complaints } = await openPage(t, app.origin)
  await setUp(page)
  await page.getByText('10,000 of 10,000 online').waitFor({ timeout: 60_000 })
  const elements = Number(await page.evaluate('document.querySelectorAll("*").length'))
  t.ok(elements < 3_000, `${elements} elements`)

  await page.getByRole('searchbox').fill('zone 7 bed 9987')
  await card(page, 'Bed 9987').waitFor()
  t.equal(await page.getByRole('article').count(), 1)
  await page.getByRole('searchbox').fill('no such bed')
  await page.getByText('No device is like that.').waitFor()
  await page.getByRole('searchbox').fill('')
  await page.keyboard.press('End')
  await page
    .getByText(/^Bed (62|81|101)\d*$/)
    .first()
    .waitFor({ state: 'attached' })
  t.strictSame(complaints, [])
})

t.test(
  'a browser whose clock is wrong shows ages by the clock of the box and says so; what nobody knows is listed',
  { skip },
  async (t) => {
    const app = await openApp(t)
    const { page, complaints } = await openPage(t, app.origin)
    await setUp(page)
    await page.addInitScript(`{ const real = Date.now; Date.now = () => real() + 3 * ${HOUR}; }`)
    await page.routeWebSocket(/\/ws\/realtime\//, (socket) => {
      socket.connectToServer()
      const data = { colour: 'green' }
      setTimeout(
        () => socket.send(JSON.stringify({ type: 'brand_new', timestamp: Date.now() / 1000, data })),
        1000,
      )
      setTimeout(() => socket.send('{"type":'), 1000)
    })
    const device = await connected(t, app, { clientId: TOMATO })
    const reading = {
      esp_id: TOMATO,
      gpio: 4,
      sensor_type: 'DS18B20',
      raw_mode: false,
      value: 21,
      unit: '°C',
    }
    const payload = JSON.stringify({ ...reading, ts: Math.floor(Date.now() / 1000) })
    await device.publishAsync(`kaiser/god/esp/${TOMATO}/sensor/4/data`, payload, { qos: 1 })
    await page.reload()
    await card(page, TOMATO).getByText('21', { exact: true }).waitFor()
    await page
      .getByText('The clock of this browser is 3 h 0 min ahead of the box.')
      .or(page.getByText('The clock of this browser is 2 h 59 min ahead of the box.'))
      .waitFor()
    t.match(await card(page, TOMATO).locator('.age').innerText(), /^(just now|\d+ s ago)$/)
    await page.getByRole('link', { name: 'MQTT log' }).click()
    await page.locator('.event').filter({ hasText: 'brand_new' }).getByText('colour green').waitFor()
    t.strictSame(complaints, [])
  },
)
