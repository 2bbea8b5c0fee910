/** Devices as people meet them: a real Chromium in front of the whole house, and mock devices behind it. */
import t from 'tap'
import { openApp } from '../support/app.js'
import { lamp, openPage, setUp, skip } from '../support/dashboard.js'
import { request } from '../support/http.js'
import { looksWell } from '../support/looks.js'

t.setTimeout(180_000)

t.test('a device is found, configured, switched, placed, renamed and removed', { skip }, async (t) => {
  const app = await openApp(t, { demo: true })
  const { page, complaints, strangers } = await openPage(t, app.origin)
  await setUp(page)
  const token = String(await page.evaluate(`localStorage.getItem('kaiser_access_token')`))
  const panel = (name: string) => page.getByRole('region', { name })
  const dialog = page.getByRole('dialog')

  const heater = { actuator_type: 'heater' }
  t.equal((await request(app, 'POST', '/actuators/MOCK_NORTH/26', { token, body: heater })).status, 200)

  await page.getByRole('link', { name: 'Devices', exact: true }).click()
  await page.getByText('6 devices').waitFor()
  await page.getByLabel('Zone', { exact: true }).selectOption('north')
  await page.getByText('3 devices').waitFor()
  await page.getByLabel(/Find a device/).fill('north_bed')
  await page.getByText('One device').waitFor()
  await looksWell(t, page, 'devices')
  await page.getByLabel(/Find a device/).fill('mock_north')
  await page.getByRole('link', { name: 'MOCK_NORTH', exact: true }).click()

  const sensors = panel('Sensors')
  await sensors.getByText('sht31_temp, gpio 21').waitFor()
  await sensors.getByRole('button', { name: 'Add a sensor' }).click()
  await dialog.getByLabel('GPIO').fill('4')
  await dialog.getByLabel('Sensor type').selectOption('ds18b20')
  await dialog.getByLabel('Name').fill('Bed <b>4</b>')
  await dialog.getByLabel('Interval, seconds').fill('ten')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('This is no number.').waitFor()
  await looksWell(t, page, 'device-sensor-form')
  await dialog.getByLabel('Interval, seconds').fill('10')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByText('The sensor on gpio 4 is saved.').waitFor()
  await sensors.getByText('Bed <b>4</b>').waitFor()

  const actuators = panel('Actuators')
  await actuators.getByRole('button', { name: 'Add an actuator' }).click()
  await dialog.getByLabel('GPIO').fill('4')
  await dialog.getByText('Empty: the limit of its kind.').waitFor()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText(/GPIO 4 of MOCK_NORTH is read as ds18b20/).waitFor()
  t.equal(
    await dialog.getByLabel('GPIO').getAttribute('aria-invalid'),
    'true',
    'the conflict stands at the pin',
  )
  await dialog.getByLabel('GPIO').fill('25')
  await dialog.getByLabel('Kind').selectOption('fan')
  await dialog.getByLabel('Name').fill('Roof fan')
  await dialog.getByLabel('Longest time on, seconds').fill('120')
  await dialog.getByLabel('Rest between two runs, seconds').fill('2')
  await dialog.getByLabel('Other actuator').selectOption({ label: 'heater on gpio 26' })
  await dialog.getByRole('group', { name: 'Interlocks' }).getByRole('button', { name: 'Add' }).click()
  await dialog.getByText('never together with heater on gpio 26').waitFor()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByText('The actuator on gpio 25 is saved.').waitFor()
  const fan = actuators.getByRole('listitem').filter({ hasText: 'Roof fan' }).first()
  await fan.getByText('The device has taken its configuration.').waitFor()
  await fan.getByText('one interlock').waitFor()
  await fan.getByRole('button', { name: 'On', exact: true }).click()
  await fan.getByText('What was asked of it').click()
  await fan.getByText(/ON, done you/).waitFor()

  await panel('Place').getByRole('button', { name: 'Move to another zone' }).click()
  await dialog.getByRole('button', { name: 'Seedlings (south)' }).click()
  await dialog.getByRole('button', { name: 'Put into a zone' }).click()
  await panel('Place').getByText('The device has confirmed it.').waitFor()
  await panel('Place').getByText('Seedlings (south)').waitFor()

  await panel('Place').getByRole('button', { name: 'Add a subzone' }).click()
  await dialog.getByLabel('Id of the subzone').fill('bench_1')
  await dialog.getByLabel('GPIOs').fill('25, 26')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await panel('Place').getByText('GPIO 25, 26').waitFor()
  await panel('Place').getByRole('button', { name: 'Let its actuators rest' }).click()
  await panel('Place').getByText('rests', { exact: true }).waitFor()
  await panel('Place').getByRole('button', { name: 'Let its actuators work again' }).click()
  await panel('Place').getByText('rests', { exact: true }).waitFor({ state: 'detached' })

  await page.getByRole('button', { name: 'Rename' }).click()
  await dialog.getByLabel('Name').fill('عربي <i>')
  await dialog.getByRole('button', { name: 'Rename' }).click()
  await page.getByRole('heading', { name: 'عربي <i>' }).waitFor()
  await panel('Connection, last 7 days')
    .getByText(/^.*online, /)
    .first()
    .waitFor()
  await panel('Vital signs').getByText(/dBm/).first().waitFor()
  await sensors.getByRole('button', { name: 'Chart of CO₂ (SCD4x)' }).click()
  await sensors.locator('canvas').waitFor()
  await looksWell(t, page, 'device')

  await page.getByLabel('Language').selectOption('de')
  await page.getByRole('button', { name: 'Neues Passwort …' }).click()
  await dialog.getByText('Das alte Passwort gilt sofort nicht mehr.').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Entfernen …', exact: true }).last().click()
  await dialog.getByText(/1 Sensoren, 2 Aktoren/).waitFor()
  await dialog.getByRole('button', { name: 'Entfernen' }).click()
  await page.getByRole('heading', { name: 'Geräte' }).waitFor()
  t.equal((await request(app, 'GET', '/esp/devices/MOCK_NORTH', { token })).status, 404)
  t.strictSame(
    complaints.filter((text) => !/status of (404|409|422)/.test(text)),
    [],
  )
  t.strictSame(strangers, [])
})

t.test('a sensor is calibrated, and the calibration taken back', { skip }, async (t) => {
  const app = await openApp(t, { demo: true })
  const { page } = await openPage(t, app.origin)
  await setUp(page)
  const token = String(await page.evaluate(`localStorage.getItem('kaiser_access_token')`))
  const body = { sensor_type: 'ph', name: 'Acidity', interval_ms: 1000 }
  t.equal((await request(app, 'POST', '/sensors/MOCK_TANK/36', { token, body })).status, 200)
  await page.goto(`${app.origin}/devices/MOCK_TANK`)
  await lamp(page, 'live')
  await page.getByRole('button', { name: 'Calibrate Acidity' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText(/^Now \S+, /).waitFor()
  await dialog.getByText(/steady|still moving/).waitFor()
  await dialog.getByRole('button', { name: 'Calibrate' }).click()
  await dialog.getByText('Take at least one point first.').waitFor()
  await dialog.getByLabel(/What it really is/).fill('7,01')
  await dialog.getByRole('button', { name: 'Take this point' }).click()
  await dialog.getByText(/ is 7.01/).waitFor()
  await looksWell(t, page, 'device-calibrate')
  await dialog.getByRole('button', { name: 'Calibrate' }).click()
  await dialog.getByText('One calibration so far').click()
  await dialog.getByText('applies', { exact: true }).waitFor()
  await dialog.getByRole('button', { name: 'Take it back' }).click()
  await dialog.getByText('taken back', { exact: true }).waitFor()
})
