/** A lasting session in a shared Redis is its owner's, has only what was granted, and makes room like one at home. */
import t from 'tap'
import { setUp } from '../support/administrator.js'
import { openApp } from '../support/app.js'
import { client, connected, hears, reading, tcp, topicOf } from '../support/mqtt.js'
import { CONNACK, connect, openWire, PUBLISH } from '../support/mqtt-wire.js'
import { needsRedis, startRedis } from '../support/redis.js'
import { until } from '../support/until.js'
import { lasting, openNode, redisIs } from './nodes.js'

t.jobs = 1
needsRedis(t)

t.test('somebody else with the client id gets nothing of a session', async (t) => {
  const redis = await startRedis(t)
  const app = await openNode(t, redis)
  const look = await redis.look()
  for (const lost of [false, true]) {
    const session = await connected(t, app, lasting('absent'))
    await session.subscribeAsync('lab/#', { qos: 1 })
    await session.endAsync()
    const sender = await connected(t, app)
    await sender.publishAsync('lab/a', '1', { qos: 1 })
    t.equal(await look.llen('queue:absent'), 1)
    t.equal(await look.hget('owners', 'absent'), 'anonymous anonymous')
    // Another node let somebody else take it up.
    await look.hset('owners', 'absent', 'user somebody')
    const second = await openNode(t, redis)
    if (lost) {
      await redis.kill()
      await redisIs(second, 'lost')
    }
    const thief = await openWire(t, second.mqttPort)
    thief.send(connect(lasting('absent')))
    const { body } = await thief.packet(CONNACK)
    t.equal(body[0], 0, 'no session is present')
    if (lost) {
      await redis.start()
      await redisIs(second, 'up')
    }
    const again = lost ? await redis.look() : look
    await until(async () => (await again.llen('queue:absent')) === 0, 'its queue to be gone')
    t.equal(await again.hget('owners', 'absent'), 'anonymous anonymous')
    t.equal(thief.arrived.filter(({ type }) => type === PUBLISH).length, 0)
    thief.socket.destroy()
    await second.close()
    await redisIs(app, 'up')
  }
})

t.test('a filter that is not granted any more leaves the session', async (t) => {
  const redis = await startRedis(t)
  const app = await openApp(t, { redis: redis.url })
  const session = await connected(t, app, lasting('absent'))
  await session.subscribeAsync(['lab/#', 'more/#'], { qos: 1 })
  await session.endAsync()
  const look = await redis.look()
  // As if it had been granted once.
  const stored = (await look.hgetBuffer('client:absent', 'more/#'))!
  await look.hdel('client:absent', 'more/#')
  await look.hset(
    'client:absent',
    '$SYS/#',
    Buffer.from(stored.toString('latin1').replace('more/#', '$$SYS/#'), 'latin1'),
  )
  await connected(t, app, lasting('absent'))
  await until(async () => (await look.hlen('client:absent')) === 1, 'the other filter to be gone')
  t.strictSame(await look.hkeys('client:absent'), ['lab/#'])
})

t.test('how much waits in Redis is said to be unknown, not to be nothing', async (t) => {
  const redis = await startRedis(t)
  const app = await openApp(t, { redis: redis.url })
  const { access_token } = await setUp(app.origin)
  await connected(t, app, lasting('absent'))
  const headers = { Authorization: `Bearer ${access_token}` }
  const response = await fetch(`${app.origin}/api/v1/broker/clients?client_id=absent`, { headers })
  t.match(await response.json(), { data: [{ client_id: 'absent', queue: null }] })
})

t.test('a full queue makes room: the oldest telemetry first, and telemetry for telemetry only', async (t) => {
  const redis = await startRedis(t)
  const app = await openApp(t, { redis: redis.url, bounds: { queued_messages: 4 } })
  const session = await connected(t, app, lasting('absent'))
  await session.subscribeAsync(['lab/#', 'kaiser/god/esp/#'], { qos: 1 })
  await session.endAsync()
  const sender = await connected(t, app, { clientId: 'ESP_12AB34CD' })
  const say = (topic: string, payload: string) => sender.publishAsync(topic, payload, { qos: 1 })
  await say('lab/a', '1')
  await say(topicOf(), reading(1))
  await say(topicOf(), reading(2))
  await say('lab/a', '2')
  await say(topicOf(), reading(3))
  t.equal(app.broker.counters().dropped.queue_full, 1, 'the oldest reading')
  for (const n of [3, 4, 5]) await say('lab/a', String(n))
  t.equal(app.broker.counters().dropped.queue_full, 4, 'both readings and the oldest of the rest')
  await say(topicOf(), reading(4))
  t.equal(app.broker.counters().dropped.queue_full, 5, 'telemetry finds no room')
  const look = await redis.look()
  t.equal(await look.exists('telemetry:absent'), 0)
  const back = client(t, tcp(app), lasting('absent'))
  const heard = hears(back)
  await until(() => heard.length >= 4, 'what waited')
  t.strictSame(heard, ['lab/a 2', 'lab/a 3', 'lab/a 4', 'lab/a 5'])
  await until(async () => (await look.exists('queue:absent', 'queued:absent')) === 0, 'nothing to be left')
})

t.test(
  'a session nobody took up for a week ends, and what waited for it; one that is there stays',
  async (t) => {
    const redis = await startRedis(t)
    let later = 0
    const app = await openNode(t, redis, { now: () => Date.now() + later })
    for (const clientId of ['absent', 'present']) {
      const session = await connected(t, app, lasting(clientId))
      await session.subscribeAsync('lab/#', { qos: 1 })
      if (clientId === 'absent') await session.endAsync()
    }
    const sender = await connected(t, app)
    await sender.publishAsync('lab/note', 'x', { qos: 1 })
    const look = await redis.look()
    const sessions = async () => (await look.smembers('clients')).sort()
    t.equal(await look.llen('queue:absent'), 1)

    for (const [days, left] of [
      [6, ['absent', 'present']],
      [8, ['present']],
    ] as const) {
      later = days * 86_400_000
      await redis.kill()
      await redisIs(app, 'lost')
      await redis.start()
      await redisIs(app, 'up')
      await until(
        async () => Number(await look.zscore('seen', 'present')) > Date.now() + later - 60_000,
        'a look',
      )
      await until(async () => (await sessions()).length === left.length, 'the sessions')
      t.strictSame(await sessions(), left)
    }
    await until(async () => (await look.llen('queue:absent')) === 0, 'its queue to be gone')
    t.strictSame(await look.zrange('seen', 0, -1), ['present'])
  },
)
