import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const suite = fileURLToPath(new URL('./abstract-suite.js', import.meta.url))

t.test('Aedes’ own suite for persistences', async (t) => {
  const child = spawn(process.execPath, ['--test-reporter=tap', suite], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (chunk) => (out += chunk))
  const code = await new Promise((resolve) => child.once('close', resolve))

  const results = [...out.matchAll(/^(not ok|ok) \d+ - (.+)$/gm)]
  for (const [, result, name] of results) t.equal(result, 'ok', name ?? '')
  t.ok(results.length >= 50, `it ran: ${results.length} tests`)
  t.equal(code, 0, out)
})
