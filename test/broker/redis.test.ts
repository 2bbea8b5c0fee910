/** Two kaisers on one Redis are one broker: what is said to one is heard by the clients of the other. */

import type { MqttClient } from 'mqtt'
import t from 'tap'
import { directory, type OpenApp, openApp, type Teardown } from '../support/app.js'
import { startKaiser } from '../support/child.js'
import { client, connected, counted, hears, reading, tcp, topicOf } from '../support/mqtt.js'
import { needsRedis, startRedis } from '../support/redis.js'
import { until } from '../support/until.js'
import { lasting, openNode, twoNodes } from './nodes.js'

t.jobs = 1
needsRedis(t)

/** A lasting session that subscribed here and went away. */
async function leave(
  t: Teardown,
  app: OpenApp,
  clientId: string,
  filter: string,
  qos: 0 | 1 | 2,
): Promise<void> {
  const session = await connected(t, app, lasting(clientId))
  await session.subscribeAsync(filter, { qos })
  await session.endAsync()
}

/** Takes the session up and collects what it is given. */
function comeBack(t: Teardown, app: OpenApp, clientId: string): { back: MqttClient; heard: string[] } {
  const back = client(t, tcp(app), lasting(clientId))
  return { back, heard: hears(back) }
}

t.test('a message is heard on the other node, whatever its QoS, once and in order', async (t) => {
  const redis = await startRedis(t)
  const [one, two] = await twoNodes(t, redis)
  const sender = await connected(t, one)
  for (const qos of [0, 1, 2] as const) {
    const receiver = await connected(t, two)
    const heard = hears(receiver)
    await receiver.subscribeAsync([`lab/${qos}/#`, `lab/${qos}/+`], { qos })
    for (let n = 0; n < 20; n++) await sender.publishAsync(`lab/${qos}/note`, String(n), { qos })
    await until(() => heard.length >= 20, `QoS ${qos}`)
    t.strictSame(
      heard,
      Array.from({ length: 20 }, (_, n) => `lab/${qos}/note ${n}`),
    )
  }
})

t.test('a reading is stored by the node its device is connected to, and by no other', async (t) => {
  const redis = await startRedis(t)
  const [one, two] = await twoNodes(t, redis)
  const watcher = await connected(t, two)
  const heard = hears(watcher)
  await watcher.subscribeAsync(['kaiser/god/esp/#', 'kaiser/god/event/sensor_data'])
  const device = await connected(t, one, { clientId: 'ESP_12AB34CD' })
  await device.publishAsync(topicOf(), reading(1), { qos: 1 })
  await until(() => heard.length >= 2, 'the reading and its event on the other node')
  t.equal(one.store.readings.count(), 1)
  t.equal(two.store.readings.count(), 0)
  t.equal(two.stats.subscriber().messages_processed, 0)
})

t.test(
  'a retained message is given to those who subscribe on the other node, and is cleared there',
  async (t) => {
    const redis = await startRedis(t)
    const [one, two] = await twoNodes(t, redis)
    const sender = await connected(t, one)
    for (const topic of ['lab/a', 'lab/[b]*', '__proto__'])
      await sender.publishAsync(topic, topic, { qos: 1, retain: true })

    const given = async (count: number, ...filters: string[]): Promise<string[]> => {
      const reader = await connected(t, two)
      const heard = hears(reader)
      await reader.subscribeAsync(filters)
      await until(() => heard.length >= count, 'what is retained')
      await sender.publishAsync(filters[0]!.replace('#', 'end'), 'end', { qos: 1 })
      await until(() => heard.some((message) => message.endsWith(' end')), 'what comes after')
      return heard.filter((message) => !message.endsWith(' end')).sort()
    }
    t.strictSame(await given(3, 'lab/#', '__proto__'), [
      '__proto__ __proto__',
      'lab/[b]* lab/[b]*',
      'lab/a lab/a',
    ])
    t.strictSame(await given(1, 'lab/[b]*/#'), ['lab/[b]* lab/[b]*'], 'a letter is no pattern')
    await sender.publishAsync('lab/a', '', { qos: 1, retain: true })
    t.strictSame(await given(1, 'lab/#'), ['lab/[b]* lab/[b]*'])
  },
)

t.test('what waits for an absent session is given to it on the other node, in order', async (t) => {
  const redis = await startRedis(t)
  const [one, two] = await twoNodes(t, redis)
  for (const clientId of ['absent', '__proto__', 'a:b/c%'])
    for (const qos of [1, 2] as const) {
      await leave(t, one, clientId, 'lab/#', qos)
      const sender = await connected(t, one)
      for (let n = 0; n < 10; n++) await sender.publishAsync('lab/note', String(n), { qos })
      const { heard, back } = comeBack(t, two, clientId)
      await until(() => heard.length >= 10, 'what waited')
      t.strictSame(
        heard,
        Array.from({ length: 10 }, (_, n) => `lab/note ${n}`),
      )
      await back.endAsync()
      const again = comeBack(t, one, clientId)
      await until(() => again.back.connected, 'the session')
      await sender.publishAsync('lab/note', 'last', { qos: 1 })
      await until(() => again.heard.length >= 1, 'the last one')
      t.strictSame(again.heard, ['lab/note last'], 'what was acknowledged is gone')
      await again.back.endAsync()
    }
})

t.test('what is said while a session catches up follows what waited, in order and once', async (t) => {
  const redis = await startRedis(t)
  const [one, two] = await twoNodes(t, redis)
  const sender = await connected(t, one)
  for (let round = 0; round < 5; round++) {
    await leave(t, one, 'absent', 'lab/#', 2)
    for (let n = 0; n < 50; n++) await sender.publishAsync('lab/note', String(n), { qos: 2 })
    const { heard, back } = comeBack(t, round % 2 ? one : two, 'absent')
    for (let n = 50; n < 150; n++) await sender.publishAsync('lab/note', String(n), { qos: 2 })
    await until(() => heard.length >= 150, 'all of them')
    await sender.publishAsync('lab/note', 'end', { qos: 2 })
    await until(() => heard.at(-1) === 'lab/note end', 'the end')
    t.strictSame(
      heard,
      [...Array.from({ length: 150 }, (_, n) => `lab/note ${n}`), 'lab/note end'],
      `round ${round}`,
    )
    await back.endAsync()
    const look = await redis.look()
    t.equal(await look.llen('queue:absent'), 0)
  }
})

t.test('a session hears at the QoS it asked for, and nothing is kept for QoS 0', async (t) => {
  const redis = await startRedis(t)
  const [one, two] = await twoNodes(t, redis)
  await leave(t, one, 'low', 'lab/#', 0)
  await leave(t, one, 'middle', 'lab/#', 1)
  const sender = await connected(t, two)
  await sender.publishAsync('lab/note', 'x', { qos: 2 })
  const look = await redis.look()
  t.equal(await look.llen('queue:low'), 0)
  const back = client(t, tcp(two), lasting('middle'))
  const heard: string[] = []
  back.on('message', (topic, _payload, { qos, dup }) => heard.push(`${topic} ${qos} ${dup}`))
  await until(() => heard.length > 0, 'what waited')
  t.strictSame(heard, ['lab/note 1 false'])
})

t.test('the queue of a session is bounded, and what does not fit is counted', async (t) => {
  const redis = await startRedis(t)
  const [one, two] = await twoNodes(t, redis, { bounds: { queued_messages: 5 } })
  await leave(t, one, 'absent', 'lab/#', 1)
  const sender = await connected(t, two)
  for (let n = 0; n < 8; n++) await sender.publishAsync('lab/note', String(n), { qos: 1 })
  t.equal(two.broker.counters().dropped.queue_full, 3)
  const { heard } = comeBack(t, one, 'absent')
  await until(() => heard.length >= 5, 'what waited')
  t.equal(heard.length, 5)
})

t.test('a client id is in one place: whoever connects takes it from the other node', async (t) => {
  const redis = await startRedis(t)
  const [one, two] = await twoNodes(t, redis)
  for (const clientId of ['roamer', '__proto__']) {
    const first = await connected(t, one, { clientId })
    const second = await connected(t, two, { clientId })
    await until(() => !first.connected, 'the older connection to be closed')
    t.ok(second.connected)
    t.equal(one.stats.codes().session_taken_over, clientId === 'roamer' ? 1 : 2)
  }
})

t.test('retained and queued messages survive the death of the node that took them', async (t) => {
  const redis = await startRedis(t)
  const dying = await startKaiser(t, directory(t), { KAISER_REDIS: redis.url })
  const living = await openApp(t, { redis: redis.url })
  await leave(t, living, 'absent', 'lab/#', 1)
  await until(() => living.broker.redis()!.nodes === 1, 'the nodes to meet')

  const sender = client(t, `mqtt://127.0.0.1:${dying.mqttPort}`)
  await until(() => sender.connected, 'the connection')
  await sender.publishAsync('lab/kept', 'r', { qos: 1, retain: true })
  await sender.publishAsync('lab/note', '1', { qos: 1 })
  await sender.publishAsync('lab/note', '2', { qos: 2 })
  await dying.end('SIGKILL')

  const { heard } = comeBack(t, living, 'absent')
  await until(() => heard.length >= 3, 'what waited')
  t.strictSame(heard, ['lab/kept r', 'lab/note 1', 'lab/note 2'])
  const reader = await connected(t, living)
  const retained = hears(reader)
  await reader.subscribeAsync('lab/#')
  await until(() => retained.length > 0, 'the retained message')
  t.strictSame(retained, ['lab/kept r'])
})

t.test('an acknowledged message is in Redis although its node is killed at that very moment', async (t) => {
  const redis = await startRedis(t)
  const look = await redis.look()
  for (const qos of [1, 2] as const) {
    await look.flushall()
    const dir = directory(t)
    const node = await startKaiser(t, dir, { KAISER_REDIS: redis.url })
    const url = `mqtt://127.0.0.1:${node.mqttPort}`
    const session = client(t, url, lasting('absent'))
    await until(() => session.connected, 'the session')
    await session.subscribeAsync('lab/#', { qos })
    await session.endAsync()

    const sender = client(t, url)
    await until(() => sender.connected, 'the connection')
    let acknowledged = 0
    let dead: Promise<unknown> | undefined
    sender.on('packetreceive', ({ cmd }) => {
      if (cmd !== 'puback' && cmd !== 'pubrec') return
      acknowledged++
      if (acknowledged === 20) dead = node.end('SIGKILL')
    })
    for (let n = 0; n < 200; n++) sender.publish('lab/note', String(n), { qos })
    await until(() => dead, 'the acknowledgements')
    await dead
    const kept = await look.llen('queue:absent')
    t.ok(kept >= acknowledged, `${kept} are kept of ${acknowledged} that were acknowledged`)
  }
})

t.test('events and counters know of Redis', async (t) => {
  const redis = await startRedis(t)
  const app = await openApp(t, { redis: redis.url })
  t.match(app.broker.redis(), { state: 'up', attempts: 0, buffered: 0, missed: 0, url: redis.url })
  t.equal(counted(app, 'redis_unavailable'), 0)
})

t.test('strangers who publish on the same Redis harm nobody', async (t) => {
  const redis = await startRedis(t)
  const app = await openNode(t, redis)
  const receiver = await connected(t, app)
  const heard = hears(receiver)
  await receiver.subscribeAsync('#')
  const look = await redis.look()
  for (const channel of [
    'kaiser/0/x/m/lab',
    'kaiser/0/x/w/hello',
    'kaiser/0/x',
    'kaiser/0/',
    'kaiser/0/x/w/session',
  ])
    for (const junk of [
      Buffer.from([0xc1]),
      Buffer.from('{}'),
      Buffer.alloc(0),
      Buffer.from([0x81, 0xa1, 0x61]),
    ])
      await look.publish(channel, junk)
  const sender = await connected(t, app)
  await sender.publishAsync('lab/note', 'x', { qos: 1 })
  await until(() => heard.length > 0, 'the message')
  t.strictSame(heard, ['lab/note x'])
  t.equal(app.broker.redis()!.state, 'up')
})
