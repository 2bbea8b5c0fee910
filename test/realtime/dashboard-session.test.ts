/** Who may see what, and what becomes of a page whose session ends while somebody looks at it. */
import t from 'tap'
import { openApp } from '../support/app.js'
import { axeFindings } from '../support/axe.js'
import { ADA, lamp, openPage, PASSWORD, picture, setUp, skip } from '../support/dashboard.js'
import { person, request } from '../support/http.js'

t.test(
  'a session that was ended elsewhere leads to the login, with the reason, and back',
  { skip },
  async (t) => {
    const app = await openApp(t, { allowAnonymous: true })
    const { page } = await openPage(t, app.origin)
    await setUp(page)
    await page.getByRole('link', { name: 'MQTT log' }).click()
    await page.waitForURL('**/mqtt-log')

    const token = (await page.evaluate(`localStorage.getItem('kaiser_access_token')`)) as string
    await request(app, 'POST', '/auth/logout', { token, body: { all_devices: true } })
    await page.getByText('Your session has ended. Please log in again.').waitFor()
    t.equal(await page.getByRole('heading', { name: 'Log in' }).count(), 1)
    t.equal(await page.evaluate('localStorage.length'), 0, 'no token is left')

    await page.getByRole('button', { name: 'Deutsch' }).click()
    await page.getByText('Ihre Sitzung ist zu Ende.').waitFor()
    t.strictSame(await axeFindings(page), [])
    await picture(page, 'login-german')
    await page.getByLabel('Benutzername').fill(ADA.username)
    await page.getByLabel('Passwort', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Anmelden' }).click()
    await page.getByRole('button', { name: 'Abmelden' }).waitFor()
    await lamp(page, 'live')
    t.equal(new URL(page.url()).pathname, '/mqtt-log', 'on the page where it ended')
  },
)

t.test('an account that is deactivated hears that it is', { skip }, async (t) => {
  const app = await openApp(t, { allowAnonymous: true })
  const { page } = await openPage(t, app.origin)
  await setUp(page)
  const token = (await page.evaluate(`localStorage.getItem('kaiser_access_token')`)) as string
  await person(app, 'operator')
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByLabel('User name').fill('a-operator')
  await page.getByLabel('Password', { exact: true }).fill('Tomato-2026')
  await page.getByRole('button', { name: 'Log in' }).click()
  await lamp(page, 'live')
  const { body } = await request(app, 'POST', '/auth/login', {
    body: { username: 'ada', password: PASSWORD },
  })
  const admin = (body.tokens as { access_token: string }).access_token
  t.not(admin, token)
  const operator = app.store.users.find('a-operator')!
  await request(app, 'PATCH', `/users/${operator.id}`, { token: admin, body: { is_active: false } })
  await page.getByText(/Your session has ended|Your account is deactivated/).waitFor()
})

t.test('a viewer who opens the address of an operator is told whose it is', { skip }, async (t) => {
  const app = await openApp(t, { allowAnonymous: true })
  const { page, complaints } = await openPage(t, app.origin)
  await setUp(page)
  await person(app, 'viewer')
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByLabel('User name').fill('a-viewer')
  await page.getByLabel('Password', { exact: true }).fill('Tomato-2026')
  await page.getByRole('button', { name: 'Log in' }).click()
  await lamp(page, 'live')
  t.equal(await page.getByRole('link', { name: 'Connect a device' }).count(), 0, 'no way leads there')

  for (const path of ['/connect', '/setup']) {
    await page.goto(app.origin + path)
    await page.getByRole('heading', { name: 'Not for your account' }).waitFor()
  }
  await page.getByText('This page is for administrators. You are logged in as viewer.').waitFor()
  t.equal(await page.getByLabel('Id of the device').count(), 0)
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.locator('[data-theme=dark]').waitFor()
  t.strictSame(await axeFindings(page), [], 'a link can be read in the dark too')
  await page.getByRole('link', { name: 'Back to the overview' }).click()
  await page.waitForURL(`${app.origin}/`)
  t.strictSame(complaints, [])
})

t.test('who logs out in one tab is out in all', { skip }, async (t) => {
  const app = await openApp(t, { allowAnonymous: true })
  const { page } = await openPage(t, app.origin)
  await setUp(page)
  const other = await page.context().newPage()
  await other.goto(app.origin)
  await lamp(other, 'live')
  await page.getByRole('button', { name: 'Log out' }).click()
  await other.getByRole('heading', { name: 'Log in' }).waitFor()
  await other.getByLabel('User name').fill(ADA.username)
  t.pass()
})

t.test(
  'whoever logs in to a browser whose storage is full is in, for as long as the page',
  { skip },
  async (t) => {
    const app = await openApp(t, { allowAnonymous: false })
    const { page, complaints } = await openPage(t, app.origin)
    await page.addInitScript(`Storage.prototype.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError')
  }`)
    await page.reload()
    await setUp(page)
    await page.getByRole('link', { name: 'Devices', exact: true }).click()
    await page.getByRole('heading', { name: 'Devices' }).waitFor()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    t.strictSame(complaints, [])
  },
)
