/** Every row of the table of refusals, through a real socket. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import Type from 'typebox'
import type { Effect } from '../../routing/effect.js'
import { handler } from '../../routing/handler.js'
import { type OpenApp, type OpenOptions, openApp } from '../support/app.js'
import { connected, counted, logged, reading, topicOf, witness } from '../support/mqtt.js'
import { ids, openWire, PUBACK, publish } from '../support/mqtt-wire.js'
import { until } from '../support/until.js'

const broken = handler({
  topic: 'kaiser/{kaiser_id}/esp/{esp_id}/test/broken',
  payload: Type.Object({}),
  knownDevice: false,
  handle(): readonly Effect[] {
    throw new Error('the handler has a bug')
  },
})

interface Row {
  code: string
  level: 'warn' | 'error'
  sentence: string
  topic: string
  payload: string | Buffer
  options?: OpenOptions
  /** Who the log line is about. */
  device?: string
}

const beside = (changes: object): string =>
  JSON.stringify({ ...(JSON.parse(reading(1)) as object), ...changes })

const ROWS: readonly Row[] = [
  {
    code: 'topic_unrouted',
    level: 'warn',
    sentence: 'No handler registered',
    topic: 'kaiser/god/esp/ESP_12AB34CD/sensor/4/dta',
    payload: reading(1),
    device: 'row',
  },
  {
    code: 'payload_too_large',
    level: 'warn',
    sentence: 'Invalid payload: over 16 KiB',
    topic: topicOf(),
    payload: beside({ padding: 'x'.repeat(16_384) }),
  },
  {
    code: 'payload_not_json',
    level: 'error',
    sentence: 'Invalid payload: not JSON',
    topic: topicOf(),
    payload: '{"ts":',
  },
  {
    code: 'payload_not_json',
    level: 'error',
    sentence: 'Invalid payload: not JSON',
    topic: topicOf(),
    payload: Buffer.from([0xff, 0xfe, 0, 1, 2]),
  },
  {
    code: 'payload_invalid',
    level: 'warn',
    sentence: 'Invalid payload: a field',
    topic: topicOf(),
    payload: beside({ gpio: true }),
  },
  {
    code: 'payload_invalid',
    level: 'warn',
    sentence: 'Invalid payload: a field',
    topic: topicOf(),
    payload: 'null',
  },
  {
    code: 'device_mismatch',
    level: 'warn',
    sentence: 'Invalid payload: it contradicts its topic',
    topic: topicOf(),
    payload: beside({ esp_id: 'ESP_OTHER' }),
  },
  {
    code: 'device_unknown',
    level: 'warn',
    sentence: 'Unknown ESP: register it',
    topic: topicOf('ESP_NOBODY'),
    payload: reading(1, 'ESP_NOBODY'),
    options: { discovery: 'off' },
    device: 'ESP_NOBODY',
  },
  {
    code: 'handler_failed',
    level: 'error',
    sentence: 'A handler failed',
    topic: 'kaiser/god/esp/ESP_12AB34CD/test/broken',
    payload: JSON.stringify({ long: 'x'.repeat(2_000) }),
    options: { extraHandlers: { broken } },
  },
]

const LEVEL = { warn: 40, error: 50 }

/** Refused means: acknowledged, counted, logged, kept, and forgotten by the next good message. */
async function isRefused(t: Test, app: OpenApp, row: Row, qos: 1 | 2): Promise<void> {
  const works = await witness(t, app)
  const rows = app.store.readings.count()
  const device = await connected(t, app, { clientId: 'row' })

  await device.publishAsync(row.topic, row.payload, { qos })

  t.equal(counted(app, row.code), 1, 'it is counted under its code')
  t.equal(app.stats.subscriber().messages_failed, 1, 'and as a message that failed')
  const [line, ...more] = logged(app, row.code)
  t.match(line, { level: LEVEL[row.level], topic: row.topic, device: row.device ?? 'ESP_12AB34CD' })
  t.ok(String(line?.msg).startsWith(row.sentence), String(line?.msg))
  t.strictSame(more, [], 'and logged once')
  if (row.code === 'handler_failed')
    t.match(line, { err: { message: 'the handler has a bug', stack: String } })

  const [kept] = app.store.rejects.list()
  const bytes = Buffer.from(row.payload as string)
  const excerpt = row.code === 'handler_failed' ? bytes : bytes.subarray(0, 512)
  t.match(kept, { code: row.code, topic: row.topic, client_id: 'row', qos, payload_bytes: bytes.length })
  t.ok(excerpt.equals(kept?.payload as Uint8Array), 'its payload is kept, as far as it should be')

  t.equal(app.store.readings.count(), rows, 'it left no row')
  t.ok(device.connected)
  await device.publishAsync('lab/note', 'x', { qos: 1 })
  await works()
}

for (const [n, row] of ROWS.entries())
  t.test(`${row.code} (${n + 1}): ${row.payload.toString().slice(0, 20)}`, async (t) => {
    const app = await openApp(t, { ...row.options })
    if (row.options?.discovery === 'off') {
      await app.store.group.run(() =>
        app.store.devices.insert('ESP_WITNESS', { hardware_type: 'ESP32', status: 'approved' }, Date.now()),
      )
    }
    await isRefused(t, app, row, n % 2 === 0 ? 1 : 2)
  })

t.test('kaiser_foreign: forwarded, not handled, logged once per id', async (t) => {
  const app = await openApp(t)
  const works = await witness(t, app)
  const device = await connected(t, app)
  for (let n = 0; n < 3; n++)
    await device.publishAsync('kaiser/other/esp/ESP_1/sensor/4/data', reading(n, 'ESP_1'), { qos: 1 })
  await device.publishAsync('kaiser/third/esp/ESP_1/sensor/4/data', reading(1, 'ESP_1'), { qos: 1 })

  t.equal(counted(app, 'kaiser_foreign'), 4)
  t.match(logged(app, 'kaiser_foreign'), [
    { level: 40, device: 'other' },
    { level: 40, device: 'third' },
  ])
  t.equal(app.store.readings.count(), 0)
  await works()
})

t.test('a refusal that repeats is counted each time and logged once', async (t) => {
  const app = await openApp(t)
  const wire = await openWire(t, app.mqttPort, { clientId: 'noisy' })
  for (let n = 1; n <= 50; n++) wire.send(publish(topicOf(), 'broken', 1, n))
  await wire.packet(PUBACK, 50)
  t.equal(counted(app, 'payload_not_json'), 50)
  t.equal(logged(app, 'payload_not_json').length, 1)
  t.equal(app.store.rejects.list().length, 50)
})

t.test('backlog_full: while storage fails and no more can wait, a message is not acknowledged', async (t) => {
  const app = await openApp(t, { backlog: 3 })
  const wire = await openWire(t, app.mqttPort, { clientId: 'crowd' })
  let giveBack = (): void => {}
  const lent = app.store.group.lend(() => new Promise<void>((resolve) => (giveBack = resolve)))
  t.teardown(() => giveBack())

  wire.send(...[1, 2, 3, 4, 5].map((n) => publish(topicOf(), reading(n), 1, n)))
  await wire.end()

  t.notOk(wire.arrived.some(({ type }) => type === PUBACK))
  t.ok(counted(app, 'backlog_full') >= 1)
  t.match(logged(app, 'backlog_full')[0], { level: 50, topic: topicOf() })
  giveBack()
  await lent
  await (await witness(t, app))()
})

t.test(
  'storage_unavailable: the acknowledgement is held, then withheld; the device sends again',
  async (t) => {
    const app = await openApp(t, { hold: 500 })
    const wire = await openWire(t, app.mqttPort, { clientId: 'patient' })
    wire.send(publish(topicOf(), reading(1), 1, 1))
    await wire.packet(PUBACK)
    const outsider = new Database(join(app.dir, 'kaiser.db'))
    t.teardown(() => outsider.close())
    outsider.exec('BEGIN IMMEDIATE')

    wire.send(publish(topicOf(), reading(2), 1, 2), publish(topicOf(), 'not JSON', 1, 3))
    await wire.end()
    t.strictSame(ids(wire, PUBACK), [1])
    t.ok(counted(app, 'storage_unavailable') >= 1)
    t.match(logged(app, 'storage_unavailable')[0], { level: 50 })

    outsider.exec('ROLLBACK')
    const again = await openWire(t, app.mqttPort, { clientId: 'patient' })
    again.send(publish(topicOf(), reading(2), 1, 2, true))
    await again.packet(PUBACK)
    t.equal(app.store.readings.count(), 2)
  },
)

t.test('rule_failed: a rule that throws changes neither row nor acknowledgement', async (t) => {
  const app = await openApp(t)
  const works = await witness(t, app)
  app.evaluation.listen(() => {
    throw new Error('the rule has a bug')
  })
  await works()
  await until(() => counted(app, 'rule_failed') === 1, 'the rule')
  t.match(logged(app, 'rule_failed'), [{ level: 50, device: 'ESP_WITNESS' }])
  t.equal(app.store.readings.count(), 1)
  await works()
})
