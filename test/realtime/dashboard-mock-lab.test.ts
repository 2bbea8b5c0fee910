/** The mock lab as an administrator meets it: a real Chromium in front of the whole house, with real mocks. */
import t from 'tap'
import { FAULT_NAMES } from '../../sim/faults/index.js'
import { PATTERN_NAMES } from '../../sim/patterns/index.js'
import { openApp } from '../support/app.js'
import { openPage, setUp, skip } from '../support/dashboard.js'
import { looksWell } from '../support/looks.js'
import { until } from '../support/until.js'

const ID = 'ESP_MOCK_A1B2C3'

t.setTimeout(120_000)

t.test('a tomato bed is made, told things, made ill, healed and let go', { skip }, async (t) => {
  const app = await openApp(t)
  const { page, complaints, strangers } = await openPage(t, app.origin)
  await setUp(page)
  await page.goto(`${app.origin}/mock-lab`)
  await page.getByText('There is no mock device yet.').waitFor()
  const { mocks } = app

  await page.getByRole('button', { name: 'Make a mock device' }).click()
  await page.getByLabel('Begin with').selectOption({ label: 'A tomato bed' })
  t.match(await page.getByLabel('Device id').inputValue(), /^ESP_MOCK_[0-9A-F]{6}$/)
  await page.getByRole('button', { name: 'Add a sensor' }).click()
  const pins = (await page.evaluate(
    `[...document.querySelectorAll('form [name=gpio]')].map(({ value }) => value)`,
  )) as string[]
  t.equal(new Set(pins).size, pins.length, 'another sensor is offered a free pin')
  await page.getByText(/^Sensor \d: ds18b20/).click()
  await page.getByRole('button', { name: /^Remove Sensor/ }).click()
  await page.getByLabel('Device id').fill('no id')
  await page.getByLabel('Zone').fill('Haus Süd')
  await page.getByText('Sensor 1: Soil moisture, front').click()
  await looksWell(t, page, 'mock-lab-new')
  await page.getByRole('button', { name: 'Make a mock device' }).click()
  await page.getByLabel('Device id').and(page.locator('[aria-invalid=true]')).waitFor()
  await page.getByLabel('Device id').fill(ID)
  await page.getByRole('button', { name: 'Make a mock device' }).click()
  const mock = page.getByRole('listitem', { name: ID })
  await mock.getByText('running', { exact: true }).waitFor()
  t.match(mocks.find(ID), { running: true, sensors: { length: 4 }, config: { zone_id: 'haus_sued' } })

  const dialog = page.getByRole('dialog')
  await mock.getByRole('button', { name: 'Set a value Soil temperature' }).click()
  await dialog.getByLabel(/^Value/).fill('31.5')
  await dialog.getByLabel('Quality').selectOption('suspect')
  await dialog.getByRole('button', { name: 'Set a value' }).click()
  const soil = mock.getByRole('listitem').filter({ hasText: 'Soil temperature' })
  await soil.getByText('held', { exact: true }).waitFor()
  t.match(await soil.textContent(), '31.5')
  await until(() => app.store.readings.latest().some(({ raw_value }) => raw_value === 31.5), 'the reading')
  await soil.getByRole('button', { name: /Let go/ }).click()
  await soil.getByText('held', { exact: true }).waitFor({ state: 'detached' })

  await soil.getByRole('button', { name: /Change/ }).click()
  const choices = await dialog.getByLabel('Pattern').locator('option').count()
  t.equal(choices, PATTERN_NAMES.length)
  await dialog.getByLabel('Pattern').selectOption('step')
  await dialog.getByLabel('Values, separated by spaces').fill('18 24.5')
  await dialog.getByLabel('Each holds, s').fill('30')
  await dialog.getByRole('button', { name: 'Change' }).click()
  await soil.getByText(/step/).waitFor()
  t.match(
    mocks.find(ID).sensors.find(({ sensor_type }) => sensor_type === 'soil_temperature'),
    { variation_pattern: 'step', parameters: { values: [18, 24.5], hold_seconds: 30 } },
  )

  const lamp = mock.getByRole('listitem').filter({ hasText: 'Grow light' })
  await lamp.getByRole('button', { name: /Switch on by hand/ }).click()
  await lamp.getByText('on', { exact: true }).waitFor()
  await mock.getByRole('button', { name: 'Emergency stop of this device' }).click()
  await dialog.getByRole('button', { name: 'Emergency stop of this device' }).click()
  await lamp.getByText('stopped by emergency').waitFor()
  await lamp.getByRole('button', { name: /Switch on by hand/ }).click()
  await mock.getByRole('alert').waitFor()
  await mock.getByRole('button', { name: 'Clear its stop' }).click()
  await lamp.getByText('stopped by emergency').waitFor({ state: 'detached' })

  const fault = mock.getByLabel('Fault', { exact: true })
  t.equal(await fault.locator('option').count(), FAULT_NAMES.length + 1, 'every fault of the server')
  await fault.selectOption('drop')
  await mock.getByLabel('Share, 0 to 1').fill('0.25')
  await mock.getByLabel('Of', { exact: true }).selectOption('system')
  await mock.getByRole('button', { name: 'Let it happen' }).click()
  await mock.getByText('one fault', { exact: true }).waitFor()
  t.match(mocks.find(ID).afflictions, [{ fault: 'drop', parameters: { share: 0.25, of: 'system' } }])
  await looksWell(t, page, 'mock-lab')
  await mock.getByRole('button', { name: 'Heal drop' }).click()
  await mock.getByText('Nothing is wrong with it.').waitFor()

  await mock.getByRole('button', { name: 'Heartbeat now' }).click()
  await mock.getByText('It said that it is alive.').waitFor()
  await mock.getByText('What it said and heard last').click()
  await mock
    .getByText(/system\/heartbeat$/)
    .first()
    .waitFor()
  await mock.getByLabel('State of its firmware').selectOption('SAFE_MODE')
  await mock.getByRole('button', { name: 'Set', exact: true }).click()
  await mock.getByRole('heading').getByText('SAFE_MODE').waitFor()
  await mock.getByRole('button', { name: `Stop ${ID}` }).click()
  await mock.getByText('stopped', { exact: true }).waitFor()
  await mock.getByRole('button', { name: `Start ${ID}` }).click()
  await mock.getByText('running', { exact: true }).waitFor()

  await page.getByLabel('Language').selectOption('de')
  await mock.getByRole('button', { name: `Löschen ${ID}` }).click()
  t.ok(await page.locator('#content').evaluate((main) => main.closest('[inert]') !== null), 'the rest waits')
  await page.getByRole('button', { name: 'Not-Aus', exact: true }).click()
  await page.getByRole('button', { name: /noch einmal|bestätigen|erneut/i }).waitFor()
  await page.keyboard.press('Escape')
  t.ok(await dialog.isVisible(), 'the emergency stop is in reach while a question is open')
  await dialog.getByLabel('Seine Messwerte').selectOption('delete')
  await dialog.getByRole('button', { name: 'Löschen' }).click()
  await page.getByText('Es gibt noch kein Mock-Gerät.').waitFor()
  t.strictSame(mocks.list(), [])
  t.strictSame(
    complaints.filter((text) => !/status of 422/.test(text)),
    [],
  )
  t.strictSame(strangers, [])
})
