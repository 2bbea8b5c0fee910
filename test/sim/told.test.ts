/** The page of the simulator names every pattern and every fault there is. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { FAULT_NAMES, faults } from '../../sim/faults/index.js'
import { readScript } from '../../sim/faults/script.js'
import { PATTERN_NAMES, patterns } from '../../sim/patterns/index.js'

const page = readFileSync(new URL('../../../sim/README.md', import.meta.url), 'utf8')

t.test('patterns and faults are on the page of the simulator, and each says what it does', async (t) => {
  for (const name of [...PATTERN_NAMES, ...FAULT_NAMES]) t.ok(page.includes(`\`${name}\``), name)
  for (const { name, summary } of [...patterns, ...faults]) t.ok(summary.length > 10, name)
})

t.test('the script of the page can be read', async (t) => {
  const [, script] = /`(\[\{"at".*?\}\])`/.exec(page) ?? []
  t.equal(readScript(script ?? '').length, 1)
})
