import t from 'tap'
import { isStuck, LEAST_READINGS, type Standing, stand } from '../../../routing/sensors/stuck.js'
import { typeOf } from './built-in.js'

const HOUR = 3_600_000
const sht31 = typeOf('sht31')

/** The standing after readings every `every` ms of what `raw` says, from `from` to `to`. */
const watched = (raw: (at: number) => number, every: number, to: number, type = sht31): Standing => {
  let standing: Standing | undefined
  for (let at = 0; at <= to; at += every) standing = stand(type, standing, raw(at), at)
  return standing!
}

t.test('a number that does not move for as long as its type never stands still is stuck', async (t) => {
  t.equal(
    isStuck(
      sht31,
      watched(() => 26_000, 30_000, 2 * HOUR),
    ),
    true,
  )
  t.equal(
    isStuck(
      sht31,
      watched(() => 26_000, 30_000, 2 * HOUR - 30_000),
    ),
    false,
  )
  t.equal(
    isStuck(
      sht31,
      watched((at) => 26_000 + (at === HOUR ? 1 : 0), 30_000, 2 * HOUR),
    ),
    false,
  )
})

t.test('the first reading that moves frees it', async (t) => {
  const standing = watched(() => 0, 30_000, 3 * HOUR)
  t.ok(isStuck(sht31, standing))
  t.notOk(isStuck(sht31, stand(sht31, standing, 1, 3 * HOUR + 30_000)))
})

t.test('few readings prove nothing, nor does a silence', async (t) => {
  const few = watched(() => 5, HOUR / 2, 4 * HOUR)
  t.equal(few.count, 9)
  t.ok(few.count < LEAST_READINGS)
  t.equal(isStuck(sht31, few), false)
  const before = watched(() => 5, 30_000, HOUR)
  const after = stand(sht31, before, 5, 3 * HOUR)
  t.strictSame(after, { raw: 5, since: 3 * HOUR, last: 3 * HOUR, count: 1 })
})

t.test('where standing still is normal nothing is stuck', async (t) => {
  for (const type of ['light', 'flow', 'digital', 'analog', 'sgp30', 'vpd']) {
    const entry = typeOf(type)
    t.equal(entry.stuck_ms, null)
    t.equal(
      isStuck(
        entry,
        watched(() => 0, 60_000, 48 * HOUR, entry),
      ),
      false,
    )
  }
})

t.test('a late reading from before changes nothing', async (t) => {
  const standing = watched(() => 5, 30_000, HOUR)
  t.equal(stand(sht31, standing, 7, HOUR - 1), standing)
})
