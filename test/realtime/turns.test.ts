/** A little at a time: devices are heard between the parts of what is due for a thousand clients. */
import t from 'tap'
import { createTurns } from '../../realtime/turns.js'
import { until } from '../support/until.js'

t.test('work is done in order, in several turns of the event loop, and others come in between', async (t) => {
  let now = 0
  const inTurn = createTurns(
    () => now,
    () => {},
  )
  const done: (number | string)[] = []
  for (let n = 1; n <= 6; n++)
    inTurn(() => {
      now += 1
      done.push(n)
      setImmediate(() => done.push('somebody else'))
    })
  await until(() => done.length === 12, 'all of it')
  t.strictSame(done.slice(0, 6), [1, 2, 'somebody else', 'somebody else', 3, 4])
})

t.test('work that throws is reported and keeps nothing from the rest', async (t) => {
  const failures: unknown[] = []
  const inTurn = createTurns(
    () => 0,
    (error) => void failures.push(error),
  )
  const done: number[] = []
  inTurn(() => {
    throw new Error('the first')
  })
  inTurn(() => void done.push(2))
  await until(() => done.length === 1, 'the second')
  t.strictSame(failures, [new Error('the first')])
  // When it has come to rest it is woken again.
  inTurn(() => void done.push(3))
  await until(() => done.length === 2, 'the third')
})
