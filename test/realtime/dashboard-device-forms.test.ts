/** The seldom fields of a device's forms, and what a device makes of what it is told: a real Chromium in front of it. */
import t, { type Test } from 'tap'
import { type OpenApp, openApp } from '../support/app.js'
import { lamp, openPage, setUp, skip } from '../support/dashboard.js'
import { request } from '../support/http.js'
import { looksWell } from '../support/looks.js'
import { connected } from '../support/mqtt.js'
import { until } from '../support/until.js'

t.setTimeout(120_000)

const TOKEN = `localStorage.getItem('kaiser_access_token')`

/** The demo, an administrator who looks at it, and what they ask with. */
async function greenhouse(t: Test) {
  const app = await openApp(t, { demo: true })
  const { page } = await openPage(t, app.origin)
  await setUp(page)
  return { app, page, token: String(await page.evaluate(TOKEN)) }
}

t.test(
  'an actuator has its values, its wiring and the sensor that proves it under More',
  { skip },
  async (t) => {
    const { app, page, token } = await greenhouse(t)
    await page.goto(`${app.origin}/devices/MOCK_NORTH`)
    await lamp(page, 'live')
    const dialog = page.getByRole('dialog')
    await page.getByText('sht31_temp, gpio 21').waitFor()
    await page.getByRole('button', { name: 'Add an actuator' }).click()
    await dialog.getByLabel('GPIO', { exact: true }).fill('25')
    await dialog.getByLabel('Kind').selectOption('fan')
    t.notOk(await dialog.getByLabel('Safe value, %').isVisible(), 'what is seldom is folded away')
    await dialog.getByText('More', { exact: true }).click()
    await dialog.getByLabel('Lowest value, %').fill('80')
    await dialog.getByLabel('Highest value, %').fill('60')
    await dialog.getByLabel('Safe value, %').fill('25,5')
    await dialog.getByLabel('Second pin').fill('27')
    await dialog.getByLabel('Inverted: low switches it on').check()
    const proof = dialog.getByRole('group', { name: 'Sensor that shows whether it works' })
    const warmth = proof.locator('option').filter({ hasText: /emperature.*gpio 21/ })
    await proof
      .getByLabel('Sensor', { exact: true })
      .selectOption(String(await warmth.first().getAttribute('value')))
    await dialog.getByLabel('What it must show').selectOption('level')
    await dialog.getByLabel(/^Changes by at least/).fill('much')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('A number is missing, or is none.').waitFor()
    await dialog.getByLabel(/^Changes by at least/).fill('0,5')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await until(
      async () => (await dialog.getByLabel('Lowest value, %').getAttribute('aria-invalid')) === 'true',
      'the range is refused at its field',
    )
    await looksWell(t, page, 'device-actuator-more')
    await dialog.getByLabel('Lowest value, %').fill('20')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The actuator on gpio 25 is saved.').waitFor()
    t.match((await request(app, 'GET', '/actuators/MOCK_NORTH/25', { token })).body, {
      ...{ min_value: 0.2, max_value: 0.6, safe_value: 0.255, aux_gpio: 27, inverted_logic: true },
      sanity: { kind: 'level', gpio: 21, sensor_type: 'sht31_temp', within_s: 30, change: 0.5 },
    })

    await page.getByLabel('Language').selectOption('de')
    await page.getByRole('button', { name: /^Ventilator an GPIO 25 ändern|GPIO 25 ändern/ }).click()
    t.ok(await dialog.getByLabel('Niedrigster Wert, %').isVisible(), 'open where something is set')
    t.equal(await dialog.getByLabel('Niedrigster Wert, %').inputValue(), '20')
    await dialog.getByLabel('Niedrigster Wert, %').fill('90')
    await dialog.getByRole('button', { name: 'Speichern' }).click()
    await dialog.getByText('Der niedrigste Wert darf nicht über dem höchsten liegen.').waitFor()
    await dialog.getByLabel('Niedrigster Wert, %').fill('20')
    await dialog.getByLabel('Zweiter Pin').fill('')
    await dialog.getByRole('button', { name: 'Speichern' }).click()
    await page.getByText('Der Aktor an GPIO 25 ist gespeichert.').waitFor()
    t.match((await request(app, 'GET', '/actuators/MOCK_NORTH/25', { token })).body, {
      ...{ min_value: 0.2, aux_gpio: null, inverted_logic: true, sanity: { change: 0.5 } },
    })
  },
)

t.test(
  'a sensor has the options of its conversion and the number of its probe under More',
  { skip },
  async (t) => {
    const { app, page, token } = await greenhouse(t)
    const body = { sensor_type: 'ec', name: 'Salt', params: { kept: 1, slope: 5000 } }
    t.equal((await request(app, 'POST', '/sensors/MOCK_TANK/34', { token, body })).status, 200)
    await page.goto(`${app.origin}/devices/MOCK_TANK`)
    await lamp(page, 'live')
    await page.getByRole('button', { name: 'Change Salt' }).click()
    const dialog = page.getByRole('dialog')
    t.equal(await dialog.getByLabel('Slope while not calibrated').inputValue(), '5000')
    await dialog.getByLabel('Number of the probe').fill('A-17')
    await dialog.getByLabel('Converter').selectOption('16bit')
    await dialog.getByLabel('Stated for, °C').fill('99')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await until(
      async () => (await dialog.getByLabel('Stated for, °C').getAttribute('aria-invalid')) === 'true',
      'out of its range',
    )
    await dialog.getByLabel('Stated for, °C').fill('20')
    await dialog.getByLabel('Slope while not calibrated').fill('')
    await looksWell(t, page, 'device-sensor-more')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The sensor on gpio 34 is saved.').waitFor()
    const config = (await request(app, 'GET', '/sensors/MOCK_TANK/34', { token })).body
    t.equal(config.probe_serial, 'A-17')
    t.strictSame(config.params, { kept: 1, adc_type: '16bit', ec_reference: 20 })
  },
)

/** A device that was let in, is online, and answers nothing by itself. */
async function played(t: Parameters<typeof openApp>[0], app: OpenApp, token: string, beats: object = {}) {
  const esp_id = 'ESP_0A0B0C0D'
  const made = await request(app, 'POST', '/esp/devices', { token, body: { device_id: esp_id } })
  const { mqtt_username: username, mqtt_password: password } = made.body as Record<string, string>
  const client = await connected(t, app, { clientId: esp_id, username: username!, password: password! })
  const branch = `kaiser/god/esp/${esp_id}`
  const heard: { what: string; payload: Record<string, unknown> }[] = []
  client.on('message', (topic, bytes) => {
    heard.push({ what: topic.slice(branch.length + 1), payload: JSON.parse(String(bytes)) })
  })
  await client.subscribeAsync(`${branch}/#`, { qos: 1 })
  const says = (what: string, payload: object) =>
    client.publishAsync(`${branch}/${what}`, JSON.stringify({ esp_id, ts: Date.now() / 1000, ...payload }), {
      qos: 1,
    })
  await says('system/heartbeat', { uptime: 5, heap_free: 100_000, wifi_rssi: -50, ...beats })
  const told = async (what: string, fits: (payload: Record<string, unknown>) => boolean = () => true) => {
    const found = () => heard.find((one) => one.what === what && fits(one.payload))
    await until(() => found() !== undefined, what)
    return found()!.payload
  }
  return { esp_id, says, told }
}

t.test('what a device refuses of its configuration stands at what was refused', { skip }, async (t) => {
  const app = await openApp(t)
  const { page } = await openPage(t, app.origin)
  await setUp(page)
  const token = String(await page.evaluate(TOKEN))
  const { esp_id, says, told } = await played(t, app, token, { config_buffer_size: 900 })
  await page.goto(`${app.origin}/devices/${esp_id}`)
  await lamp(page, 'live')
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Add a sensor' }).click()
  await dialog.getByLabel('GPIO', { exact: true }).fill('4')
  await dialog.getByLabel('Name').fill('€'.repeat(100))
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog
    .getByRole('alert')
    .getByText(/buffer holds 900/)
    .waitFor()
  await dialog.getByLabel('Name').fill('Bed')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByText('The sensor on gpio 4 is saved.').waitFor()
  const { correlation_id } = await told(
    'config',
    ({ sensors }) => Array.isArray(sensors) && sensors.length > 0,
  )
  await says('config_response', {
    ...{ status: 'error', type: 'sensor', count: 0, failed_count: 1, correlation_id },
    failures: [
      { type: 'sensor', gpio: 4, error_code: 1002, error: 'GPIO_CONFLICT', detail: 'pin is the LED' },
    ],
  })
  const sensors = page.getByRole('region', { name: 'Sensors' })
  await sensors.getByText('The device refused it: GPIO_CONFLICT: pin is the LED').waitFor()
  await page.getByLabel('Language').selectOption('de')
  await page.getByText('Das Gerät hat einen Teil seiner Konfiguration abgelehnt.').waitFor()
  t.equal(await page.getByText('The device refused a part').count(), 0)
})

t.test(
  'a device is set, told to measure, restarted and reset; what it answers is shown',
  { skip },
  async (t) => {
    const app = await openApp(t)
    const { page } = await openPage(t, app.origin)
    await setUp(page)
    const token = String(await page.evaluate(TOKEN))
    const { esp_id, says, told } = await played(t, app, token)
    await says('sensor/4/data', { gpio: 4, sensor_type: 'ds18b20', value: 21.5, raw_mode: false, unit: '°C' })
    await page.goto(`${app.origin}/devices/${esp_id}`)
    await lamp(page, 'live')
    const dialog = page.getByRole('dialog')

    await page.getByRole('button', { name: 'Measure now' }).click()
    await page.getByText('It was told to measure.').waitFor()
    t.match(await told('sensor/4/command'), { command: 'measure' })

    await page.getByRole('button', { name: 'Settings …' }).click()
    await dialog.getByRole('button', { name: 'Send' }).click()
    await dialog.getByText('Fill in at least one field.').waitFor()
    await dialog.getByLabel('Heartbeat every, seconds').fill('5')
    await dialog.getByRole('button', { name: 'Send' }).click()
    await until(
      async () =>
        (await dialog.getByLabel('Heartbeat every, seconds').getAttribute('aria-invalid')) === 'true',
      'refused at its field',
    )
    await dialog.getByLabel('Heartbeat every, seconds').fill('20')
    await looksWell(t, page, 'device-settings')
    await dialog.getByRole('button', { name: 'Send' }).click()
    await dialog.getByText('Sent; the device has not answered yet.').waitFor()
    const first = await told('config', ({ heartbeat_interval_ms }) => heartbeat_interval_ms === 20_000)
    await says('config_response', {
      ...{ status: 'error', type: 'system', correlation_id: first.correlation_id, message: 'flash is full' },
    })
    await dialog.getByText('The device did not take them. flash is full').waitFor()
    await dialog.getByRole('button', { name: 'Send' }).click()
    const again = await told(
      'config',
      ({ correlation_id, heartbeat_interval_ms }) =>
        heartbeat_interval_ms === 20_000 && correlation_id !== first.correlation_id,
    )
    await says('config_response', { status: 'success', type: 'system', correlation_id: again.correlation_id })
    await dialog.getByText('The device has taken its settings.').waitFor()
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: 'Restart …' }).click()
    await dialog.getByText('Its actuators go off meanwhile.').waitFor()
    await dialog.getByRole('button', { name: 'Restart' }).click()
    await page.getByText('The restart was sent.').waitFor()
    t.match(await told('system/command'), { command: 'REBOOT' })

    await page.getByRole('button', { name: 'Factory reset …' }).click()
    await dialog.getByText('This cannot be taken back.').waitFor()
    await dialog.getByLabel('It keeps its Wi-Fi, so that it comes back').uncheck()
    await dialog.getByRole('button', { name: 'Factory reset' }).click()
    await page.getByText('The factory reset was sent.').waitFor()
    t.match(await told('system/command', ({ command }) => command === 'FACTORY_RESET'), {
      params: { confirm: true, preserve_wifi: false },
    })
  },
)
