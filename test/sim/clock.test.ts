/** Time in the simulator: real, faster, or moved by hand. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createClock } from '../../sim/clock.js'
import { createSteppedClock } from '../../sim/stepped-clock.js'

t.test('at speed n the time runs n times as fast from its start on, and timers with it', async (t) => {
  let real = 1_000
  const clock = createClock(() => real, 100)
  t.equal(clock.now(), 1_000)
  real += 10
  t.equal(clock.now(), 2_000)
  const began = performance.now()
  await new Promise<void>((resolve) => {
    const keep = setTimeout(() => {}, 60_000)
    clock.after(6_000, () => {
      clearTimeout(keep)
      resolve()
    })
  })
  t.ok(performance.now() - began >= 59, 'a minute of a hundred times as fast is not over before 60 ms')
})

t.test('a timer that is stopped does not fire', async (t) => {
  const clock = createClock(Date.now)
  let fired = 0
  clock.after(1, () => fired++).stop()
  const again = clock.every(1, () => fired++)
  again.stop()
  again.stop()
  await sleep(20)
  t.equal(fired, 0)
})

t.test('a wait longer than a timer of Node can be is not over at once', async (t) => {
  const clock = createClock(Date.now)
  let fired = false
  const timer = clock.after(40 * 86_400_000, () => {
    fired = true
  })
  await sleep(20)
  timer.stop()
  t.equal(fired, false)
})

t.test('a clock moved by hand runs what is due, in the order of time, then of asking', async (t) => {
  const clock = createSteppedClock(1_000)
  const seen: string[] = []
  const see = (name: string) => () => seen.push(`${name} ${clock.now()}`)
  clock.after(30, see('c'))
  const tick = clock.every(10, see('tick'))
  clock.after(10, see('a'))
  clock.after(10, () => clock.after(5, see('b')))
  const never = clock.after(20, see('never'))
  never.stop()
  t.equal(clock.next(), 1_010)
  clock.step(30)
  t.strictSame(seen, ['tick 1010', 'a 1010', 'b 1015', 'tick 1020', 'c 1030', 'tick 1030'])
  tick.stop()
  never.stop()
  clock.moveTo(2_000)
  t.equal(seen.length, 6)
  t.equal(clock.next(), undefined)
  clock.moveTo(1_500)
  t.equal(clock.now(), 2_000, 'and it does not go back')
})

t.test('a thing that stops itself, or another that is due at the same moment, stays stopped', async (t) => {
  const clock = createSteppedClock(0)
  let ticks = 0
  const tick = clock.every(10, () => {
    if (++ticks === 2) tick.stop()
    other.stop()
  })
  const other = clock.after(10, () => t.fail('was stopped'))
  clock.step(100)
  t.equal(ticks, 2)
  for (let i = 0; i < 500; i++) clock.after((i * 7919) % 1000, () => {})
  let last = clock.now()
  for (let at = clock.next(); at !== undefined; at = clock.next()) {
    t.ok(at >= last)
    last = at
    clock.moveTo(at)
  }
})
