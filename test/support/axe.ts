/**
 * What axe-core finds wrong with a page for people who use a keyboard or a screen reader: the rules of WCAG 2.0, 2.1
 * and 2.2, A and AA, as far as a machine can tell. https://github.com/dequelabs/axe-core
 */
import { readFileSync } from 'node:fs'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa']
const script = readFileSync('node_modules/axe-core/axe.min.js', 'utf8')

/** Serious and critical findings, one sentence for each element; empty when there are none. */
export async function axeFindings(page: Page): Promise<string[]> {
  // As an expression it is no script of the page, which its Content-Security-Policy would refuse.
  await page.evaluate(`(() => { ${script} })()`)
  const options = { runOnly: { type: 'tag', values: TAGS }, resultTypes: ['violations'] }
  const { violations } = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as AxeResults
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help} (${target.join(' ')})`))
}
