/** Who may come in, who may act, and what a page of a device says when there is nothing: a real Chromium in front of it. */
import t from 'tap'
import { openApp } from '../support/app.js'
import { lamp, openPage, PASSWORD, setUp, skip } from '../support/dashboard.js'
import { request } from '../support/http.js'
import { connected } from '../support/mqtt.js'

t.setTimeout(120_000)

t.test('a device that waits is let in, gets a new password once, and is shut out', { skip }, async (t) => {
  const app = await openApp(t, { discovery: 'pending' })
  const { page } = await openPage(t, app.origin)
  await setUp(page)
  const esp_id = 'ESP_0A0B0C0D'
  const client = await connected(t, app, { clientId: esp_id })
  const beat = { esp_id, ts: Date.now() / 1000, uptime: 5, heap_free: 100_000, wifi_rssi: -50 }
  await client.publishAsync(`kaiser/god/esp/${esp_id}/system/heartbeat`, JSON.stringify(beat), { qos: 1 })

  await page.goto(`${app.origin}/devices`)
  await page.getByRole('link', { name: esp_id }).click()
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Approve' }).click()
  await dialog.getByText('These credentials are shown once.').waitFor()
  const first = await dialog.locator('input[name="mqtt_password"]').inputValue()
  await dialog.getByRole('button', { name: 'I have saved them' }).click()
  await page.getByRole('region', { name: 'The device as a whole' }).waitFor()

  await page.getByRole('button', { name: 'New password …' }).click()
  await dialog.getByText('The old password ends at once.').waitFor()
  await dialog.getByRole('button', { name: 'New password' }).click()
  await dialog.getByText('These credentials are shown once.').waitFor()
  t.not(await dialog.locator('input[name="mqtt_password"]').inputValue(), first)
  await dialog.getByRole('button', { name: 'I have saved them' }).click()
  t.equal(await page.locator('input[name="mqtt_password"]').count(), 0, 'the password is gone from the page')

  await page.getByRole('button', { name: 'Shut out …' }).click()
  await dialog.getByLabel('Reason for rejecting it').fill('not ours')
  await dialog.getByRole('button', { name: 'Shut out' }).click()
  await page.getByText('It is shut out.').waitFor()
  await page.getByRole('button', { name: 'Approve' }).waitFor()
})

t.test(
  'a viewer sees a device and no act; a device that is not there is said to be none',
  { skip },
  async (t) => {
    const app = await openApp(t, { demo: true })
    const { page } = await openPage(t, app.origin)
    await setUp(page)
    const admin = String(await page.evaluate(`localStorage.getItem('kaiser_access_token')`))
    const vera = { username: 'vera', email: 'vera@example.org', password: PASSWORD, role: 'viewer' }
    t.equal((await request(app, 'POST', '/users', { token: admin, body: vera })).status, 201)
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByLabel('User name').fill('vera')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Log in' }).click()
    await lamp(page, 'live')
    await page.goto(`${app.origin}/devices/MOCK_NORTH`)
    await page.getByText('You may look here; operators and administrators may act.').waitFor()
    await page.getByText('sht31_temp, gpio 21').waitFor()
    for (const name of [/^Add/, /^Remove/, /^Configure/, /^Restart/, /^On$/, /^Move/])
      t.equal(await page.getByRole('button', { name }).count(), 0, String(name))
    await page.goto(`${app.origin}/devices/ESP_FFFFFFFF`)
    await page.getByText('There is no device ESP_FFFFFFFF.').waitFor()
  },
)
