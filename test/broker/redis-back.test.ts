/** Redis is back, with what it knew or without: what waited for it is made up for. */
import t from 'tap'
import { directory } from '../support/app.js'
import { startKaiser } from '../support/child.js'
import { client, connected, hears, tcp } from '../support/mqtt.js'
import { openWire, PINGREQ, PINGRESP, PUBLISH, puback, SUBACK, subscribe } from '../support/mqtt-wire.js'
import { needsRedis, startRedis } from '../support/redis.js'
import { until } from '../support/until.js'
import { lasting, openNode, redisIs, twoNodes } from './nodes.js'

needsRedis(t)

t.test('what other nodes and absent sessions should have had reaches them when Redis is back', async (t) => {
  const redis = await startRedis(t)
  const [one, two] = await twoNodes(t, redis)
  const there = await connected(t, two)
  const heard = hears(there)
  await there.subscribeAsync('lab/#', { qos: 1 })
  const session = await connected(t, two, lasting('absent'))
  await session.subscribeAsync('lab/#', { qos: 2 })
  await session.endAsync()
  const sender = await connected(t, one)
  await sender.publishAsync('lab/note', 'before', { qos: 1 })
  await until(() => heard.length === 1, 'the first one')

  await redis.kill()
  await redisIs(one, 'lost')
  await sender.publishAsync('lab/note', 'unpromised', { qos: 0 })
  for (const qos of [1, 2] as const) await sender.publishAsync('lab/note', `during ${qos}`, { qos })
  await sender.publishAsync('lab/kept', 'r', { qos: 1, retain: true })
  t.ok(one.broker.redis()!.buffered >= 6)
  await redis.start()
  await redisIs(one, 'up')
  await redisIs(two, 'up')

  const during = ['lab/note during 1', 'lab/note during 2', 'lab/kept r']
  // The other node may have come back after they were sent: they wait in nobody's queue.
  const back = client(t, tcp(two), lasting('absent'))
  const queued = hears(back)
  await until(() => queued.length >= 4, 'what waited')
  t.strictSame(queued.sort(), ['lab/note before', ...during].sort())
  const reader = await connected(t, two)
  const retained = hears(reader)
  await reader.subscribeAsync('lab/#')
  await until(() => retained.length > 0, 'what was retained')
  t.strictSame(retained, ['lab/kept r'])
  t.equal(one.broker.redis()!.buffered, 0)
  t.ok(one.broker.redis()!.missed >= 1, 'what promised nothing is counted')
})

t.test('a Redis that comes back empty is told what the nodes know', async (t) => {
  const redis = await startRedis(t)
  const [one, two] = await twoNodes(t, redis)
  const will = { topic: 'lab/will', payload: Buffer.from('gone'), qos: 1 as const, retain: false }
  const present = await connected(t, one, { ...lasting('present'), will })
  await present.subscribeAsync('lab/present', { qos: 1 })
  const absent = await connected(t, one, lasting('absent'))
  await absent.subscribeAsync(['lab/absent', '__proto__'], { qos: 1 })
  await absent.endAsync()

  await redis.kill()
  await redisIs(one, 'lost')
  await redisIs(two, 'lost')
  await redis.start(true)
  await redisIs(one, 'up')
  await redisIs(two, 'up')

  const look = await redis.look()
  t.strictSame((await look.smembers('clients')).sort(), ['absent', 'present'])
  t.strictSame(await look.hkeys('client:present'), ['lab/present'])
  t.strictSame(await look.hkeys('wills'), ['present'])
  const sender = await connected(t, two)
  for (const topic of ['lab/absent', '__proto__']) await sender.publishAsync(topic, 'x', { qos: 1 })
  const back = client(t, tcp(two), lasting('absent'))
  const heard = hears(back)
  await until(() => heard.length >= 2, 'what waited')
  t.strictSame(heard, ['lab/absent x', '__proto__ x'])
})

t.test(
  'a session that moves while Redis is gone gets what waited for it, without connecting again',
  async (t) => {
    const redis = await startRedis(t)
    const [one, two] = await twoNodes(t, redis)
    const first = await connected(t, one, lasting('mover'))
    await first.subscribeAsync('lab/#', { qos: 2 })
    await first.endAsync()
    const sender = await connected(t, two)
    await sender.publishAsync('lab/note', '1', { qos: 1 })
    await sender.publishAsync('lab/note', '2', { qos: 2 })

    await redis.kill()
    await redisIs(one, 'lost')
    await redisIs(two, 'lost')
    const moved = client(t, tcp(two), lasting('mover'))
    const heard = hears(moved)
    await until(() => moved.connected, 'the session')
    await sender.publishAsync('lab/note', '3', { qos: 1 })
    await until(() => heard.length === 1, 'what is said here')
    await redis.start()
    await until(() => heard.length >= 3, 'what waited')
    t.strictSame(heard, ['lab/note 3', 'lab/note 1', 'lab/note 2'])
    await redisIs(two, 'up')
    const look = await redis.look()
    await until(async () => (await look.llen('queue:mover')) === 0, 'all of it to be acknowledged')
  },
)

t.test('when nodes meet again, the older connection of a client gives way', async (t) => {
  const redis = await startRedis(t)
  const [one, two] = await twoNodes(t, redis)
  const older = await connected(t, one, { clientId: 'twin' })
  await redis.kill()
  await redisIs(one, 'lost')
  await redisIs(two, 'lost')
  const newer = await connected(t, two, { clientId: 'twin' })
  await new Promise((resolve) => setTimeout(resolve, 100))
  t.ok(older.connected && newer.connected, 'neither node can know')
  await redis.start()
  await until(() => !older.connected, 'the older one to be closed')
  t.ok(newer.connected)
  t.equal(one.stats.codes().session_taken_over, 1)
})

t.test('what is acknowledged while Redis is gone is not sent again when it is back', async (t) => {
  const redis = await startRedis(t)
  const app = await openNode(t, redis)
  const sender = await connected(t, app)
  const wire = await openWire(t, app.mqttPort, lasting('reader'))
  wire.send(subscribe('lab/#', 1))
  await wire.packet(SUBACK)
  for (const words of ['read', 'unread']) await sender.publishAsync('lab/note', words, { qos: 1 })
  const { body } = await wire.packet(PUBLISH)
  const id = body.readUInt16BE(2 + 'lab/note'.length)
  await wire.packet(PUBLISH, 2)
  await redis.kill()
  await redisIs(app, 'lost')
  wire.send(puback(id), PINGREQ)
  await wire.packet(PINGRESP)
  t.equal(app.broker.redis()!.buffered, 1)
  await redis.start()
  await redisIs(app, 'up')
  wire.socket.destroy()
  const back = client(t, tcp(app), lasting('reader'))
  const heard: string[] = []
  back.on('message', (_topic, payload, { dup }) => heard.push(`${payload} ${dup}`))
  await until(() => heard.length > 0, 'the other one')
  await sender.publishAsync('lab/note', 'end', { qos: 1 })
  await until(() => heard.length > 1, 'the end')
  t.strictSame(heard, ['unread true', 'end false'])
})

t.test(
  'what was acknowledged while Redis was gone is kept by a kaiser that is killed before it is back',
  async (t) => {
    const redis = await startRedis(t)
    const dir = directory(t)
    const other = await openNode(t, redis)
    const session = await connected(t, other, lasting('absent'))
    await session.subscribeAsync(['lab/#', 'kaiser/god/esp/ESP_1/actuator/5/command'], { qos: 1 })
    await session.endAsync()
    const node = await startKaiser(t, dir, { KAISER_REDIS: redis.url })
    await until(() => other.broker.redis()!.nodes === 1, 'the nodes to meet')
    const sender = client(t, `mqtt://127.0.0.1:${node.mqttPort}`)
    await until(() => sender.connected, 'the connection')
    await sender.publishAsync('lab/note', 'before', { qos: 1 })

    await redis.kill()
    let acknowledged = 0
    let dead: Promise<unknown> | undefined
    sender.on('packetreceive', ({ cmd }) => {
      if (cmd !== 'puback') return
      acknowledged++
      if (acknowledged === 51) dead = node.end('SIGKILL')
    })
    sender.publish('lab/kept', 'r', { qos: 1, retain: true })
    for (let n = 0; n < 200; n++) sender.publish('lab/note', String(n), { qos: 1 })
    await until(() => dead, 'the acknowledgements')
    await dead

    await redis.start()
    await redisIs(other, 'up')
    const again = await startKaiser(t, dir, { KAISER_REDIS: redis.url })
    const look = await redis.look()
    await until(async () => (await look.hexists('retained', 'lab/kept')) === 1, 'what was retained')
    const expected = [
      'lab/note before',
      'lab/kept r',
      ...Array.from({ length: acknowledged - 1 }, (_, n) => `lab/note ${n}`),
    ]
    const back = client(t, `mqtt://127.0.0.1:${again.mqttPort}`, lasting('absent'))
    const heard = hears(back)
    await until(() => heard.length >= expected.length, 'what was acknowledged')
    t.strictSame(heard.slice(0, expected.length), expected)
  },
)
