/** The README names every pattern and every fault there is. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { FAULT_NAMES, faults } from '../../sim/faults/index.js'
import { readScript } from '../../sim/faults/script.js'
import { PATTERN_NAMES, patterns } from '../../sim/patterns/index.js'

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')

t.test('patterns and faults are in the README, and each says what it does', async (t) => {
  for (const name of [...PATTERN_NAMES, ...FAULT_NAMES]) t.ok(readme.includes(`\`${name}\``), name)
  for (const { name, summary } of [...patterns, ...faults]) t.ok(summary.length > 10, name)
})

t.test('the script of the README can be read', async (t) => {
  const [, script] = /`(\[\{"at".*?\}\])`/.exec(readme) ?? []
  t.equal(readScript(script ?? '').length, 1)
})
