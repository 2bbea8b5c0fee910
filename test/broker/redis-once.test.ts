/** QoS 2 over a shared Redis is once: over restarts, deaths and long outages of Redis. [MQTT-4.3.3-2] */
import { EventEmitter } from 'node:events'
import t from 'tap'
import { createCluster } from '../../broker/redis/cluster.js'
import { parseRedisUrl } from '../../broker/redis/url.js'
import { openStore } from '../../storage/store.js'
import { openApp, type Teardown } from '../support/app.js'
import { connected, hears } from '../support/mqtt.js'
import {
  CONNACK,
  connect,
  ids,
  openWire,
  PUBACK,
  PUBCOMP,
  PUBREC,
  publish,
  pubrel,
} from '../support/mqtt-wire.js'
import { needsRedis, type RedisServer, startRedis } from '../support/redis.js'
import { until } from '../support/until.js'
import { lasting, openNode, redisIs } from './nodes.js'

t.jobs = 1
needsRedis(t)

/** A node without clients: what Aedes asks of it is asked by the test. */
async function node(t: Teardown, redis: RedisServer, id: string, mostChanges?: number) {
  const store = openStore({ path: ':memory:', now: Date.now, monotonic: () => performance.now() })
  const failures: Error[] = []
  const cluster = createCluster({
    place: parseRedisUrl(redis.url),
    store: store.mqttState,
    concurrency: 0,
    bounds: { queued_messages: 1_000, queued_bytes: 1_000_000, retained_messages: 10_000 },
    full: () => {},
    changed: () => {},
    movedAway: () => {},
    failed: (error) => void failures.push(error),
    now: Date.now,
    sessionExpiry: 0,
    monotonic: () => performance.now(),
    backoff: [100, 500],
    ...(mostChanges && { mostChanges }),
  })
  t.teardown(async () => {
    await cluster.close()
    await store.close()
  })
  await cluster.persistence.setup(Object.assign(new EventEmitter(), { id, counter: 0, clients: {} }) as never)
  return cluster
}

const message = (messageId: number) => ({
  cmd: 'publish',
  topic: 'lab/note',
  payload: Buffer.from('x'),
  qos: 2,
  retain: false,
  messageId,
})

t.test('a client that repeats itself behind its CONNECT on another node is known', async (t) => {
  const redis = await startRedis(t)
  const one = await openApp(t, { redis: redis.url })
  const two = await openApp(t, { redis: redis.url })
  const reader = await connected(t, two)
  const heard = hears(reader)
  await reader.subscribeAsync('lab/#', { qos: 2 })
  await until(() => one.broker.redis()!.nodes === 1, 'the nodes to meet')
  const before = await openWire(t, one.mqttPort, lasting('sender'))
  before.send(publish('lab/note', 'x', 2, 7))
  await before.packet(PUBREC)
  before.socket.destroy()
  await until(() => heard.length === 1, 'the message')

  const after = await openWire(t, two.mqttPort)
  after.send(connect(lasting('sender')), publish('lab/note', 'x', 2, 7, true))
  await after.packet(CONNACK)
  await after.packet(PUBREC)
  after.send(pubrel(7))
  await after.packet(PUBCOMP)
  // The same place again, with the older connection still there.
  after.send(publish('lab/note', 'y', 2, 8))
  await after.packet(PUBREC, 2)
  const again = await openWire(t, two.mqttPort)
  again.send(connect(lasting('sender')), publish('lab/note', 'y', 2, 8, true))
  await again.packet(PUBREC)
  again.send(pubrel(8), publish('lab/note', 'end', 2, 9))
  await until(() => heard.includes('lab/note end'), 'the end')
  t.strictSame(heard, ['lab/note x', 'lab/note y', 'lab/note end'])
})

t.test(
  'a message is queued together with its receipt: a kill between the two does not double it',
  async (t) => {
    const redis = await startRedis(t)
    const one = await node(t, redis, 'one')
    await one.persistence.addSubscriptions({ id: 'absent' }, [{ topic: 'lab/#', qos: 2 }])
    const sender = { id: 'sender', clean: false }
    await one.precede(sender, message(7))
    // One is killed here: nothing else of it reaches Redis.
    const look = await redis.look()
    t.equal(await look.llen('queue:absent'), 1)

    const two = await node(t, redis, 'two')
    const back = { id: 'sender', clean: false }
    await two.persistence.subscriptionsByClient({ id: 'sender' })
    t.equal(two.precede(back, message(7)), undefined, 'it is the same message')
    t.match(await two.persistence.incomingGetPacket(back, { messageId: 7 }), { messageId: 7 })
    t.equal(await look.llen('queue:absent'), 1)
    await t.rejects(
      one.persistence.incomingGetPacket(sender, { messageId: 7 }),
      'whoever took it still has to hand it over',
    )
  },
)

t.test('what cannot be remembered for Redis is not acknowledged, and is not forgotten', async (t) => {
  const redis = await startRedis(t)
  const app = await node(t, redis, 'one', 2)
  const { persistence } = app
  const reader = { id: 'reader', clean: false }
  await persistence.addSubscriptions(reader, [{ topic: 'lab/#', qos: 1 }])
  const sender = Object.assign(new EventEmitter(), { id: 'sender', clean: false })
  const errors: { code?: string }[] = []
  sender.on('error', (error) => errors.push(error))
  await persistence.incomingStorePacket(sender as never, message(7))
  for (const id of [1, 2, 3]) {
    const queued = { ...message(id), brokerId: 'one', brokerCounter: id }
    await persistence.outgoingEnqueue({ clientId: 'reader', qos: 1 }, queued)
    await persistence.outgoingUpdate(reader, queued)
  }
  await redis.kill()
  await until(async () => {
    await persistence.getWill(reader)
    return app.status().state === 'lost'
  }, 'Redis to be lost')

  await persistence.outgoingClearMessageId(reader, { messageId: 1 })
  await persistence.outgoingClearMessageId(reader, { messageId: 2 })
  const full = { code: 'redis_backlog_full' }
  await t.rejects(persistence.outgoingClearMessageId(reader, { messageId: 3 }), full)
  await t.rejects(persistence.incomingStorePacket(sender as never, message(8)), full)
  await t.rejects(persistence.incomingDelPacket(sender as never, { messageId: 7 }), full)
  t.match(errors, [full], 'the connection is closed, because Aedes would answer')
  await persistence.cleanSubscriptions({ id: 'somebody', clean: true })
  t.ok(await persistence.incomingGetPacket(sender as never, { messageId: 7 }), 'it is not released')
  await t.rejects(persistence.incomingGetPacket(sender as never, { messageId: 8 }), 'it was not taken')

  await redis.start()
  await until(() => app.status().state === 'up', 'Redis to be back')
  await persistence.outgoingClearMessageId(reader, { messageId: 3 })
  const look = await redis.look()
  t.equal(await look.llen('queue:reader'), 0)
})

t.test('QoS 2 is once, also when Redis goes between its packets [MQTT-4.3.3-2]', async (t) => {
  const redis = await startRedis(t)
  const app = await openNode(t, redis)
  const receiver = await connected(t, app, lasting('receiver'))
  const heard = hears(receiver)
  await receiver.subscribeAsync('lab/#', { qos: 2 })
  const wire = await openWire(t, app.mqttPort, lasting('sender'))
  wire.send(publish('lab/note', 'x', 2, 7))
  await wire.packet(PUBREC)
  await redis.kill()
  await redisIs(app, 'lost')
  wire.send(publish('lab/note', 'x', 2, 7, true))
  await wire.packet(PUBREC, 2)
  wire.send(pubrel(7))
  await wire.packet(PUBCOMP)
  wire.send(publish('lab/note', 'y', 2, 7))
  await wire.packet(PUBREC, 3)
  await redis.start()
  await redisIs(app, 'up')
  wire.send(publish('lab/note', 'y', 2, 7, true))
  await wire.packet(PUBREC, 4)
  wire.send(pubrel(7))
  await wire.packet(PUBCOMP, 2)
  wire.send(publish('lab/note', 'z', 1, 8))
  await wire.packet(PUBACK)
  await until(() => heard.length >= 3, 'all of them')
  // A QoS 2 message is handed over when it is released, which may be after a younger one.
  t.strictSame(heard.sort(), ['lab/note x', 'lab/note y', 'lab/note z'])
  t.strictSame(ids(wire, PUBCOMP), [7, 7])
  const look = await redis.look()
  await until(async () => (await look.llen('queue:receiver')) === 0, 'nothing to be left')
  t.strictSame(await look.keys('kaiser:received:*'), [])
})
