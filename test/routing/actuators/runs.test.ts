/** Runs: counted by a clock that does not jump, taken up from rows, bounded. */
import t from 'tap'
import {
  createRuns,
  lastEnd,
  type Run,
  runningFor,
  startsWithin,
  untilUsedLess,
  usedWithin,
} from '../../../routing/actuators/runs.js'
import { type ActuatorRun, MOST_RUNS } from '../../../storage/actuator-runs.js'
import { NOON } from '../../storage/open.js'
import { at, createWorld, ESP } from './world.js'

const place = at(5)
const start = { now: NOON, monotonic: 0 }
const restored = (rows: Partial<ActuatorRun>[], lasted?: () => number | undefined) =>
  createRuns({
    rows: {
      list: () => rows.map((row) => ({ esp_id: ESP, gpio: 5, ended_at: null, ...row }) as ActuatorRun),
    },
    places: [place],
    at: start,
    ...(lasted && { lasted }),
  }).list(place)

t.test('rows of before the start have times before it', async (t) => {
  t.strictSame(restored([{ started_at: NOON - 90, ended_at: NOON - 60 }, { started_at: NOON - 30 }]), [
    { started: -90, ended: -60 },
    { started: -30, ended: null },
  ])
})

t.test('a row of the future is of now, and as long as it was', async (t) => {
  t.strictSame(restored([{ started_at: NOON + 50, ended_at: NOON + 80 }, { started_at: NOON + 100 }]), [
    { started: -30, ended: 0 },
    { started: 0, ended: null },
  ])
})

t.test('how long a run has lasted is believed to whoever knows better', async (t) => {
  t.strictSame(
    restored([{ started_at: NOON - 9_000 }], () => 70),
    [{ started: -70, ended: null }],
  )
  t.strictSame(
    restored([{ started_at: NOON - 9_000 }], () => undefined),
    [{ started: -9_000, ended: null }],
  )
})

t.test('a run begins and ends once, however often it is said', async (t) => {
  const runs = createRuns({ rows: { list: () => [] }, places: [], at: start })
  const follow = (on: boolean, monotonic: number) => runs.follow(place, on, { now: 0, monotonic })
  t.strictSame(
    [follow(false, 1), follow(true, 2), follow(true, 3), follow(false, 5), follow(false, 6)],
    [undefined, 'started', undefined, 'ended', undefined],
  )
  t.strictSame(runs.list(place), [{ started: 2, ended: 5 }])
  runs.sweep((key) => key !== `${ESP} 5`)
  t.equal(runs.list(place).length, 1)
  runs.sweep((key) => key === `${ESP} 5`)
  t.strictSame(runs.list(place), [])
})

t.test('an actuator that flutters takes no more room, and nothing of its time is lost', async (t) => {
  const runs = createRuns({ rows: { list: () => [] }, places: [], at: start })
  for (let index = 0; index < 2_000; index++)
    runs.follow(place, index % 2 === 0, { now: 0, monotonic: index * 10 })
  t.ok(runs.list(place).length <= MOST_RUNS)
  t.equal(usedWithin(runs.list(place), 20_000, 86_400_000), 10_000)
})

const list: Run[] = [
  { started: 0, ended: 10 },
  { started: 50, ended: 80 },
  { started: 95, ended: null },
]

t.test('what is asked of runs', async (t) => {
  t.equal(runningFor(list, 100), 5)
  t.equal(runningFor(list.slice(0, 2), 100), undefined)
  t.equal(lastEnd(list, list[2]), 80)
  t.equal(lastEnd([], undefined), undefined)
  t.strictSame(startsWithin(list, 100, 100), [50, 95], 'a hundred ago is over')
  t.strictSame(startsWithin(list, 60, 100), [0, 50])
  t.equal(usedWithin(list, 100, 1_000), 45)
  t.equal(usedWithin(list, 100, 40), 25)
  t.equal(untilUsedLess(list, 100, 1_000, 45), 0)
  t.equal(untilUsedLess(list, 100, 100, 40), 5, 'half of the first has to be over')
  t.equal(untilUsedLess(list, 100, 100, 20), 65, 'all of the first and half of the second')
})

t.test('a clock that jumps in the middle of a run changes nothing of what it counts for', async (t) => {
  for (const jump of [-7_200, 7_200]) {
    const world = createWorld()
    t.teardown(world.close)
    world.configure(5, 'pump', { daily_quota: 600 })
    world.report(5, 1)
    world.pass(100)
    world.jump(jump)
    world.pass(100)
    world.report(5, 0)
    world.restart(5)
    t.match(world.command(5, { command: 'ON' }), { passes: true, duration: 400 }, `${jump} s`)
  }
})
