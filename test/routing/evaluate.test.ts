import SQLite from 'better-sqlite3'
import t from 'tap'
import { createEvaluation } from '../../routing/evaluate.js'
import type { Reading } from '../../storage/readings.js'
import { reading as measured } from '../storage/open.js'
import { openApp } from '../support/app.js'
import { connectMqtt, publishAcknowledged } from '../support/client.js'
import { DEVICE, seedMock } from '../support/samples.js'

const reading = measured()

t.test('a rule that throws and a rule that rejects are reported, and the others are asked', async (t) => {
  const failures: string[] = []
  const heard: Reading[] = []
  const evaluation = createEvaluation(
    () => performance.now(),
    (error) => void failures.push((error as Error).message),
  )
  evaluation.listen(() => {
    throw new Error('thrown')
  })
  evaluation.listen(async () => {
    throw new Error('rejected')
  })
  const asked = new Promise<void>((resolve) =>
    evaluation.listen((one) => {
      heard.push(one)
      resolve()
    }),
  )
  evaluation.evaluate(reading)
  t.strictSame(heard, [], 'nobody is asked in the same turn')
  await asked
  await new Promise(setImmediate)
  t.strictSame(failures, ['thrown', 'rejected'])
  t.strictSame(heard, [reading])
})

t.test('a slow rule is reported; readings that wait for it are bounded', async (t) => {
  const failures: string[] = []
  let clock = 0
  const evaluation = createEvaluation(
    () => clock,
    (error) => void failures.push((error as Error).message),
  )
  evaluation.listen(() => {
    clock += 80
  })
  evaluation.evaluate(reading)
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  t.match(failures, [/took 80 ms/])
  for (let n = 0; n < 10_001; n++) evaluation.evaluate(reading)
  t.match(failures.at(-1), /5000 readings were not evaluated/)
})

t.test(
  'rules run after the commit: one that throws and one that is slow leave row, event and acknowledgement alone',
  async (t) => {
    const app = await openApp(t)
    let seen: number | undefined
    app.evaluation.listen(() => {
      throw new Error('a bad rule')
    })
    app.evaluation.listen(() => {
      const until = performance.now() + 70
      while (performance.now() < until);
      seen = app.store.readings.count()
    })
    const client = await connectMqtt(t, app.mqttPort)
    const payload = { ...seedMock, ts: Date.now(), esp_id: DEVICE }
    await publishAcknowledged(client, `kaiser/god/esp/${DEVICE}/sensor/4/data`, JSON.stringify(payload))
    while (seen === undefined) await new Promise(setImmediate)
    t.equal(seen, 1, 'the row is there when the rule is asked')
    t.equal(app.stats.codes().rule_failed, 2, 'one threw, one was slow')
    t.match(app.logged.filter(({ code }) => code === 'rule_failed')[0], { level: 50 })
  },
)

t.test('a reading that was shown while storage failed is put to the rules when it is stored', async (t) => {
  const app = await openApp(t)
  const client = await connectMqtt(t, app.mqttPort)
  const say = (gpio: number, ts: number) =>
    publishAcknowledged(
      client,
      `kaiser/god/esp/${DEVICE}/sensor/${gpio}/data`,
      JSON.stringify({ ...seedMock, ts, esp_id: DEVICE, gpio }),
    )
  await say(1, Date.now())
  const asked: number[] = []
  app.evaluation.listen(({ gpio }) => void asked.push(gpio))

  const outsider = new SQLite(`${app.dir}/kaiser.db`)
  t.teardown(() => outsider.close())
  outsider.exec('BEGIN IMMEDIATE')
  const waiting = [say(2, Date.now()), say(3, Date.now() - 3_600_000)]
  while (app.store.group.state === 'ok') await new Promise((resolve) => setTimeout(resolve, 10))
  t.strictSame(asked, [], 'not while it is not stored')
  outsider.exec('ROLLBACK')
  await Promise.all(waiting)
  while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  t.strictSame(asked, [2], 'and an old one never')
})
