/** Acknowledgements of one client keep their order, and what fails fails only the message it belongs to. */
import t from 'tap'
import { InOrder } from '../../broker/in-order.js'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

t.test('what fails before the disk answers fails its message, and nothing else', async (t) => {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  t.teardown(() => process.off('unhandledRejection', note))
  const order = new InOrder()
  const answers: (string | undefined)[] = []
  const answer = (error?: Error | null): void => void answers.push(error?.message)
  const first = order.after(Promise.reject(new Error('WRONGTYPE')), answer)
  const second = order.after(undefined, answer)
  for (let n = 0; n < 5; n++) await turn()
  second()
  first()
  for (let n = 0; n < 5; n++) await turn()
  t.strictSame(unhandled, [])
  t.strictSame(answers, ['WRONGTYPE', undefined], 'and those behind it are answered')
  t.equal(order.waiting, false)
})
