/** The first run: from the first account to a greenhouse in which something moves. */
import t from 'tap'
import { openApp } from '../support/app.js'
import { axeFindings } from '../support/axe.js'
import { ADA, comesTrue, lamp, openPage, picture, skip } from '../support/dashboard.js'

t.test('the first run leads from the account over the site to demo devices', { skip }, async (t) => {
  const app = await openApp(t, { allowAnonymous: false })
  const { page, complaints } = await openPage(t, app.origin)
  await page.getByLabel('User name').fill(ADA.username)
  await page.getByLabel('E-mail').fill(ADA.email)
  await page.getByLabel('Password', { exact: true }).fill(ADA.password)
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByRole('heading', { name: 'Setting up' }).waitFor()
  await lamp(page, 'live')

  await page.getByLabel('Name of the site').fill('Greenhouse <north>')
  await page.getByLabel('Time zone').selectOption('Europe/Vienna')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  await page.getByRole('banner').getByText('Greenhouse <north>').waitFor()
  await page.getByRole('button', { name: 'Make two demo devices' }).click()
  await page.getByText('Two demo devices run').waitFor()
  await picture(page, 'setup-light', true)
  t.strictSame(await axeFindings(page), [])
  await page.getByRole('button', { name: 'Done, to the overview' }).click()
  await page.getByText('MOCK_DEMO_BED').first().waitFor()
  t.equal(new URL(page.url()).pathname, '/')
  t.strictSame(complaints, [])

  await page.goto(`${app.origin}/setup`)
  await comesTrue(page, `document.querySelector('[name=site_name]')?.value === 'Greenhouse <north>'`)
})

t.test('the first run on a phone, in German and in the dark', { skip }, async (t) => {
  const app = await openApp(t, { allowAnonymous: false })
  const phone = { locale: 'de-DE', colorScheme: 'dark', viewport: { width: 360, height: 740 } } as const
  const { page } = await openPage(t, app.origin, phone)
  await page.getByRole('heading', { name: 'Willkommen' }).waitFor()
  t.strictSame(await axeFindings(page), [])
  const complaint = (name: string) =>
    page.evaluate(`document.querySelector('[name=${name}]').validationMessage`)
  await page.getByRole('button', { name: 'Konto anlegen' }).click()
  t.equal(await complaint('username'), 'Bitte ausfüllen.', 'in the words of the page, not of the browser')
  await page.getByLabel('Benutzername').fill(ADA.username)
  await page.getByLabel('E-Mail').fill('ada')
  await page.getByLabel('Passwort', { exact: true }).fill('password')
  await page.getByRole('button', { name: 'Konto anlegen' }).click()
  t.equal(await complaint('email'), 'Hier fehlt eine E-Mail-Adresse: name@example.org.')
  await page.getByLabel('E-Mail').fill(ADA.email)
  await page.getByRole('button', { name: 'Konto anlegen' }).click()
  await page.getByText('Noch nötig: ein Großbuchstabe, eine Ziffer').waitFor()
  await page.getByLabel('Passwort', { exact: true }).fill(ADA.password)
  await page.getByRole('button', { name: 'Konto anlegen' }).click()
  await page.getByRole('heading', { name: 'Einrichten' }).waitFor()
  await page.getByLabel('Zeitzone').waitFor()
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, 'nothing scrolls sideways')
  t.strictSame(await axeFindings(page), [])
  await picture(page, 'setup-dark-phone', true)
  await page.getByRole('button', { name: 'Später' }).click()
  await page.waitForURL(`${app.origin}/`)
})
