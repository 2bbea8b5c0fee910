import t from 'tap'
import { openApp } from '../support/app.js'
import { client, connected, hears, tcp } from '../support/mqtt.js'
import { openWire, SUBACK, subscribe } from '../support/mqtt-wire.js'
import { until } from '../support/until.js'

const lasting = { clientId: 'absent', clean: false } as const

/** A session that subscribed and went away. */
async function leaveSession(t: Parameters<typeof openApp>[0], app: Awaited<ReturnType<typeof openApp>>) {
  const before = app.broker.counters().connections
  const wire = await openWire(t, app.mqttPort, lasting)
  wire.send(subscribe('lab/#', 1))
  await wire.packet(SUBACK)
  wire.socket.destroy()
  await until(() => app.broker.counters().connections === before, 'it to be gone')
}

t.test('what waits for an absent session is bounded in number; the newest are kept', async (t) => {
  const app = await openApp(t, { bounds: { queued_messages: 5 } })
  await leaveSession(t, app)
  const sender = await connected(t, app)

  for (let n = 0; n < 8; n++) await sender.publishAsync('lab/note', String(n), { qos: 1 })
  t.equal(app.broker.counters().dropped.queue_full, 3)

  const back = client(t, tcp(app), lasting)
  const heard = hears(back)
  await until(() => heard.length >= 5, 'what waited')
  t.strictSame(
    heard,
    ['3', '4', '5', '6', '7'].map((n) => `lab/note ${n}`),
  )
})

t.test('what waits for an absent session is bounded in bytes, and room comes back', async (t) => {
  const app = await openApp(t, { bounds: { queued_bytes: 10_000 } })
  const sender = await connected(t, app)
  const big = 'x'.repeat(3_000)
  for (let round = 1; round <= 3; round++) {
    await leaveSession(t, app)
    for (let n = 0; n < 4; n++) await sender.publishAsync('lab/note', big, { qos: 1 })
    t.equal(app.broker.counters().dropped.queue_full, round)
    const back = client(t, tcp(app), lasting)
    const heard = hears(back)
    await until(() => heard.length >= 3, 'what waited')
    await back.endAsync()
    await until(() => app.broker.counters().connections === 1, 'it to be gone')
  }
})

t.test('QoS 2 gives the room of a session back like QoS 1 does', async (t) => {
  const app = await openApp(t, { bounds: { queued_bytes: 10_000 } })
  const reader = await connected(t, app, lasting)
  const heard = hears(reader)
  await reader.subscribeAsync('lab/#', { qos: 2 })
  const sender = await connected(t, app)
  for (let n = 0; n < 30; n++) {
    // Two at a time, so that the queue is hardly ever empty.
    await sender.publishAsync('lab/note', 'x'.repeat(2_000), { qos: 2 })
    await until(() => heard.length >= n, 'the one before')
  }
  await until(() => heard.length >= 30, 'all of them')
  t.equal(app.broker.counters().dropped.queue_full, undefined)
})

t.test('a lasting session that reads loses nothing of a burst over the bound of its queue', async (t) => {
  const app = await openApp(t, { bounds: { queued_messages: 20 } })
  const reader = await connected(t, app, lasting)
  const heard = hears(reader)
  await reader.subscribeAsync('lab/#', { qos: 1 })
  const senders = await Promise.all(Array.from({ length: 10 }, () => connected(t, app)))

  await Promise.all(
    senders.flatMap((sender, s) =>
      Array.from({ length: 100 }, (_, n) => sender.publishAsync(`lab/${s}`, String(n), { qos: 1 })),
    ),
  )

  await until(() => heard.length >= 1_000 || !reader.connected, 'the burst')
  t.ok(reader.connected)
  t.equal(new Set(heard).size, 1_000)
})

t.test('retained messages are bounded in number; known topics may still change', async (t) => {
  const app = await openApp(t, { bounds: { retained_messages: 2 } })
  const sender = await connected(t, app)
  const retain = (topic: string, payload: string) =>
    sender.publishAsync(topic, payload, { qos: 1, retain: true })
  await retain('lab/a', '1')
  await retain('lab/b', '1')
  await retain('lab/c', '1')
  await retain('lab/a', '2')
  t.equal(app.broker.counters().dropped.retained_full, 1)
  await retain('lab/b', '')
  await retain('lab/d', '1')

  const reader = await connected(t, app)
  const heard = hears(reader)
  await reader.subscribeAsync('lab/#')
  await until(() => heard.length >= 2, 'the retained messages')
  t.strictSame(heard.sort(), ['lab/a 2', 'lab/d 1'])
})
