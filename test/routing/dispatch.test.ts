import t from 'tap'
import Type from 'typebox'
import type { SensorData } from '../../routing/contract/payloads.js'
import { emit } from '../../routing/effect.js'
import { type Context, type Handler, handler } from '../../routing/handler.js'
import { handlers } from '../../routing/handlers/index.js'
import { sensorData } from '../../routing/handlers/sensor-data.js'
import { inStore } from '../support/in-store.js'
import { DEVICE, good, sample, seedMock } from '../support/samples.js'

const reading = (gpio: number, change: object = {}) => ({
  topic: `kaiser/god/esp/${DEVICE}/sensor/${gpio}/data`,
  payload: JSON.stringify({ ...seedMock, esp_id: DEVICE, gpio, ...change }),
})

/** The sensor handler, broken for one gpio after it has written its row. */
const brokenFor = (gpio: number): Record<string, Handler> => ({
  ...handlers,
  sensorData: {
    ...sensorData,
    handle: (context: Context, message: never) => {
      const effects = sensorData.handle(context, message)
      if ((message as { payload: SensorData }).payload.gpio === gpio)
        throw new Error('this handler has a bug')
      return effects
    },
  },
})

t.test('a handler that throws leaves the others’ rows alone, and its message is kept whole', async (t) => {
  const { receive, rows, logged, stats } = await inStore(t, { handlers: brokenFor(5) })
  const poison = reading(5, { pad: 'x'.repeat(2000) })

  const results = await Promise.all([receive(reading(4)), receive(poison), receive(reading(6))])

  t.strictSame(
    results.map(({ error }) => error),
    [undefined, undefined, undefined],
    'all are acknowledged',
  )
  t.strictSame(rows('SELECT gpio FROM sensor_data ORDER BY gpio'), [{ gpio: 4 }, { gpio: 6 }])
  const [kept] = rows('SELECT code, payload FROM rejects') as [{ code: string; payload: Buffer }]
  t.equal(kept.code, 'handler_failed')
  t.equal(kept.payload.toString(), poison.payload)
  t.match(
    logged.find(({ code }) => code === 'handler_failed'),
    { level: 50, err: { message: 'this handler has a bug' } },
  )
  t.match(stats.subscriber(), {
    messages_processed: 2,
    messages_failed: 1,
    success_rate: 66.67,
    codes: { handler_failed: 1 },
  })
})

t.test(
  'a reading that a failed handler took back can be handed in again and is not taken for a redelivery',
  async (t) => {
    const dir = t.testdir()
    const broken = await inStore(t, { handlers: brokenFor(4), dir })
    await broken.receive(reading(4))
    await broken.store.close()
    const mended = await inStore(t, { dir })
    t.equal((await mended.receive(reading(4))).code, 'processed')
    t.equal(mended.stats.subscriber().duplicates, 0)
    t.equal(mended.rows('SELECT * FROM sensor_data').length, 1)
  },
)

t.test('a row that cannot be written is a bug of its handler and of nobody else', async (t) => {
  const impossible = handler({
    topic: 'kaiser/{kaiser_id}/esp/{esp_id}/impossible',
    payload: Type.Object({}),
    knownDevice: true,
    handle({ store }) {
      store.group.write(
        {
          write: () => {
            throw Object.assign(new Error('CHECK constraint failed'), { code: 'SQLITE_CONSTRAINT_CHECK' })
          },
        },
        {},
      )
      return [emit('system_event', { event_type: 'start', message: 'never said', details: {} })]
    },
  })
  const { receive, rows } = await inStore(t, { handlers: { ...handlers, impossible } })
  const results = await Promise.all([
    receive(reading(4)),
    receive({ topic: `kaiser/god/esp/${DEVICE}/impossible`, payload: '{}' }),
    receive(reading(6)),
  ])
  t.strictSame(
    results.map(({ error }) => error),
    [undefined, undefined, undefined],
  )
  t.strictSame(rows('SELECT gpio FROM sensor_data ORDER BY gpio'), [{ gpio: 4 }, { gpio: 6 }])
  t.match(rows('SELECT code FROM rejects'), [{ code: 'handler_failed' }])
})

t.test('topics to devices are known, topics of others are not ours, and neither is refused', async (t) => {
  const { receive, rows, stats, logged } = await inStore(t)
  for (const topic of [
    `kaiser/god/esp/${DEVICE}/actuator/5/command`,
    `kaiser/god/esp/${DEVICE}/config`,
    'kaiser/broadcast/emergency',
    'kaiser/god/server/status',
    'home/light',
  ])
    t.equal((await receive({ topic, payload: '{}' })).code, 'passed', topic)
  for (let n = 0; n < 3; n++)
    t.equal(
      (await receive({ topic: `kaiser/other/esp/${DEVICE}/sensor/4/data`, payload: '{}' })).code,
      'passed',
    )
  t.strictSame(rows('SELECT * FROM rejects'), [])
  t.match(stats.subscriber(), { messages_failed: 0, codes: { kaiser_foreign: 3 } })
  t.equal(
    logged.filter(({ code }) => code === 'kaiser_foreign').length,
    1,
    'one warning for each foreign kaiser',
  )
})

t.test('an empty payload clears a retained message and is none itself', async (t) => {
  const { receive, stats } = await inStore(t)
  t.equal((await receive({ topic: sample('a zero').topic, payload: '' })).code, 'passed')
  t.match(stats.subscriber(), { messages_processed: 0, messages_failed: 0 })
})

t.test(
  'the log begins with the seed’s words, says the first refusal at once and counts its repeats',
  async (t) => {
    const { receive, logged } = await inStore(t)
    for (let n = 0; n < 5; n++) await receive(sample('no gpio'))
    await receive(sample('a topic nobody handles'))
    await receive(sample('a stranger'))
    await receive(sample('half an object'))
    t.match(
      logged.map(({ level, msg }) => [level, msg]),
      [
        [40, /^Invalid payload/],
        [40, /^No handler registered/],
        [40, /^Unknown ESP: register it/],
        [50, /^Invalid payload: not JSON/],
      ],
    )
  },
)

t.test(
  'the reject list keeps the last 1,000 refusals, 512 bytes each, and what failed handlers left beside them',
  async (t) => {
    const { receive, store, rows } = await inStore(t, { handlers: brokenFor(5) })
    await receive(reading(5))
    const long = { topic: sample('no gpio').topic, payload: JSON.stringify({ pad: 'x'.repeat(3000) }) }
    await Promise.all(Array.from({ length: 1100 }, () => receive(long)))
    t.equal(store.rejects.list().length, 1001)
    t.match(rows('SELECT count(*) AS n, max(length(payload)) AS bytes FROM rejects WHERE slot < 1000'), [
      { n: 1000, bytes: 512 },
    ])
    t.match(rows(`SELECT code FROM rejects WHERE slot >= 1000`), [{ code: 'handler_failed' }])
  },
)

t.test('every outcome has one shape', async (t) => {
  const { receive } = await inStore(t)
  for (const { topic, payload } of good)
    t.strictSame(Object.keys(await receive({ topic, payload })), ['code', 'effects', 'error'])
})
