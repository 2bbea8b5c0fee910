/** The event loop never waits for the disk: after the store is open, no sync happens on the main thread. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { directory } from '../support/app.js'
import { faultyDisk } from '../support/disk.js'

const disk = faultyDisk(t)
const skip = 'reason' in disk && disk.reason

t.test('nothing is synced on the event loop, also when the log starts anew', { skip }, async (t) => {
  if ('reason' in disk) return
  const script = fileURLToPath(new URL('busy-store.js', import.meta.url))
  const dir = directory(t)
  const run = spawnSync(process.execPath, [script, dir], {
    env: { ...process.env, ...disk.env },
    encoding: 'utf8',
    timeout: 100_000,
  })
  t.equal(run.stderr, '')
  const [open, done] = run.stdout.split('\n').map((line) => Number(line.split(' ')[1]))
  t.ok(open! > 0, 'the shim sees syncs: opening the store makes some')
  t.equal(done, open, 'and after it there is none')
})
