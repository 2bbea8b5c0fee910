/** The System page as people meet it: a real Chromium in front of the whole house. */
import t from 'tap'
import { openApp } from '../support/app.js'
import { lamp, openPage, PASSWORD, setUp, skip } from '../support/dashboard.js'
import { request } from '../support/http.js'
import { looksWell } from '../support/looks.js'
import { connected } from '../support/mqtt.js'
import { until } from '../support/until.js'

t.setTimeout(120_000)

t.test(
  'the box says how it is; a client is shown out, a message cleared, the site named',
  { skip },
  async (t) => {
    const app = await openApp(t)
    const { page, complaints, strangers } = await openPage(t, app.origin)
    await setUp(page)
    const lamp4 = await connected(t, app, { clientId: 'lamp <b>4</b>' })
    await lamp4.publishAsync('garden/lamp', 'on', { qos: 1, retain: true })
    await lamp4.publishAsync('garden/door', 'shut', { qos: 1, retain: true })

    await page.getByRole('link', { name: 'System', exact: true }).click()
    await page.getByText('All is well').waitFor()
    const panel = (name: string) => page.getByRole('region', { name })
    await panel('Versions').getByText(process.versions.node).waitFor()
    await panel('Disk and memory')
      .getByText(/MiB|KiB/)
      .first()
      .waitFor()
    await panel('Latencies').getByText('Onto the disk').waitFor()
    await panel('Bounds').getByText('No bound was hit.').waitFor()
    await panel('Bounds')
      .getByText(/bounds that were not hit/)
      .click()
    await panel('Bounds').getByText('Largest packet').waitFor()
    await page.getByText(/^Read (just now|\d s ago)$/).waitFor()
    await panel('Connections').getByText('Dashboards', { exact: true }).waitFor()

    const client = panel('MQTT clients').getByRole('listitem').filter({ hasText: 'lamp <b>4</b>' })
    await client.getByText(/2 received/).waitFor()
    const dialog = page.getByRole('dialog')
    await client.getByRole('button', { name: /Show out/ }).click()
    await page.keyboard.press('Escape')
    t.ok(lamp4.connected, 'Escape is a no')
    await client.getByRole('button', { name: /Show out/ }).click()
    await dialog.getByText('Its connection is closed.').waitFor()
    await dialog.getByRole('button', { name: 'Show out' }).click()
    await page.getByText('lamp <b>4</b> was shown out.').waitFor()
    await until(() => !lamp4.connected, 'the end of the connection')

    const retained = panel('Retained messages')
    await retained.getByLabel('Topic or filter').fill('garden/+')
    await retained.getByRole('button', { name: 'Find' }).click()
    await retained.getByText('2 messages').waitFor()
    await retained.getByRole('button', { name: 'Clear garden/lamp' }).click()
    await dialog.getByRole('button', { name: 'Clear' }).click()
    await retained.getByText('One message was cleared.').waitFor()
    await retained.getByText('garden/lamp').waitFor({ state: 'detached' })
    await retained.getByText('garden/door').waitFor()

    await panel('Site').getByLabel('Name of the site').fill('North house')
    await panel('Site').getByRole('button', { name: 'Save' }).click()
    await panel('Site').getByText('Saved.').waitFor()
    await looksWell(t, page, 'system')

    await page.getByLabel('Language').selectOption('de')
    await page.getByText('Alles in Ordnung').waitFor()
    await page.getByRole('region', { name: 'Grenzen' }).getByText('Größtes Paket').waitFor()
    t.strictSame(complaints, [])
    t.strictSame(strangers, [])

    await app.close()
    await page.getByText(/^Veraltet: gelesen/).waitFor()
  },
)

t.test('a viewer sees how the box is, and nothing to change', { skip }, async (t) => {
  const app = await openApp(t)
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
  await page.goto(`${app.origin}/system`)
  await page.getByText('All is well').waitFor()
  await page.getByRole('region', { name: 'What kaiser noticed' }).getByText('Nothing.').waitFor()
  for (const name of ['MQTT clients', 'Retained messages', 'Site'])
    t.equal(await page.getByRole('region', { name }).count(), 0, name)
})
