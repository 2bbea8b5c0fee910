/**
 * The dashboard in a real Chromium: pages of a fresh profile, the first account, and pictures of what people see.
 * The built files are needed (`npx vite build`); without them, or without a Chromium, tests are skipped and say why.
 */
import { existsSync, mkdirSync } from 'node:fs'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { launchBrowser } from './browser.js'
import { until } from './until.js'

export const PASSWORD = 'Tomato-7-bench'
export const ADA = { username: 'ada', email: 'ada@example.org', password: PASSWORD }
const PICTURES = '.artifacts'
const WAIT = 20_000

const launched = await launchBrowser()
const built = existsSync('dist/dashboard/index.html')
export const skip = launched.reason ?? (built ? false : 'dist/dashboard is not built; run `npx vite build`')
mkdirSync(PICTURES, { recursive: true })
t.teardown(() => launched.browser?.close())

export const picture = (page: Page, name: string, fullPage = false) =>
  page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage })

export interface Watched {
  page: Page
  complaints: string[]
  strangers: string[]
}

/** A page of a fresh profile, with everything it complains about and every request that leaves the host. */
export async function openPage(
  t: Test,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await (launched.browser as Browser).newContext(options)
  t.teardown(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(WAIT)
  const complaints: string[] = []
  const strangers: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) strangers.push(request.url())
  })
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== new URL(origin).host) strangers.push(socket.url())
  })
  await page.goto(origin)
  return { page, complaints, strangers }
}

export async function setUp(page: Page): Promise<void> {
  await page.getByLabel('User name').fill(ADA.username)
  await page.getByLabel('E-mail').fill(ADA.email)
  await page.getByLabel('Password', { exact: true }).fill(ADA.password)
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByRole('button', { name: 'Later' }).click()
  await lamp(page, 'live')
}

export const lamp = (page: Page, state: string) =>
  page.locator('.lamp').getByText(state, { exact: true }).waitFor()

/** Waits until an expression is true on the page; asked from outside, as its own CSP lets nothing be evaluated later. */
export const comesTrue = (page: Page, expression: string): Promise<void> =>
  until(() => page.evaluate(expression), expression)
