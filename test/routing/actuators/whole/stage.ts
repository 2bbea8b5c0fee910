/** Where sequences are played: a furnished database to begin from, in memory where there is a file system for that. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../../../storage/store.js'
import { NOON } from '../../../storage/open.js'
import type { Teardown } from '../../../support/app.js'
import { furnish } from './plan.js'
import { play } from './play.js'
import type { Sequence } from './steps.js'

/** Plays a sequence; resolves with the promise that was broken, or with nothing. */
export type Stage = (sequence: Sequence) => Promise<string | undefined>

export async function openStage(t: Teardown): Promise<Stage> {
  const base = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'kaiser-'))
  t.teardown(() => rmSync(base, { recursive: true, force: true }))
  const path = join(base, 'template.db')
  const open = () => openStore({ path, now: () => NOON, monotonic: () => performance.now() })
  const first = open()
  await first.group.run(() => furnish(first, NOON))
  await first.close()
  // Closed it has no log; the copies begin with one.
  const second = open()
  t.teardown(() => second.close())
  return async (sequence) => {
    const dir = mkdtempSync(join(base, 'play-'))
    try {
      return await play(sequence, path, dir)
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  }
}
