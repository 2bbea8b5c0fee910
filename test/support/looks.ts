/** What every page of the dashboard owes everybody: axe finds nothing, light or dark, and a phone shows all of it. */
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { axeFindings } from './axe.js'
import { picture } from './dashboard.js'

const PHONE = { width: 360, height: 740 }

/** Looks at the page as it stands, on a screen and on a phone, and leaves it as wide as it was. */
export async function looksWell(t: Test, page: Page, name: string): Promise<void> {
  const before = page.viewportSize()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    t.strictSame(await axeFindings(page), [], `${name}: axe finds nothing (${colorScheme})`)
  }
  await picture(page, `${name}-dark`)
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize(PHONE)
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), PHONE.width, `${name}: not sideways`)
  await picture(page, `${name}-phone`, true)
  if (before) await page.setViewportSize(before)
}
