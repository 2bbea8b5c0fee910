/** Looks at a store between the steps of a move. */
import type { Teardown } from '../support/app.js'
import { type Opened, outsider } from './open.js'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Runs `look` between the steps of a round, with how many rows are in the history; nobody writes meanwhile. */
export async function between(
  t: Teardown,
  opened: Opened,
  look: (moved: number) => Promise<void> | void,
): Promise<void> {
  const moved = outsider(t, opened.path).prepare<[], number>('SELECT count(*) FROM readings_history').pluck()
  let done = false
  const round = opened.store.maintenance!.round(true).then(() => {
    done = true
  })
  while (!done) {
    await opened.store.group.lend(async () => look(moved.get()!))
    await turn()
  }
  await round
}
