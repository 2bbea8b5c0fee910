/** Redis goes away and comes back: what is here is served all the while, and what waited is made up for. */
import t from 'tap'
import { setUp } from '../support/administrator.js'
import { directory, type OpenApp, type OpenOptions, openApp, type Teardown } from '../support/app.js'
import { startKaiser } from '../support/child.js'
import { client, connected, counted, hears, logged, reading, tcp, topicOf } from '../support/mqtt.js'
import {
  ids,
  openWire,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  puback,
  publish,
  pubrel,
  SUBACK,
  subscribe,
} from '../support/mqtt-wire.js'
import { type RedisServer, startRedis, withoutRedis } from '../support/redis.js'
import { listen } from '../support/socket.js'
import { until } from '../support/until.js'

if (withoutRedis) {
  t.plan(0, withoutRedis)
  process.exit(0)
}

const QUICK = [100, 500] as const
const open = (t: Teardown, redis: RedisServer, options: OpenOptions = {}): Promise<OpenApp> =>
  openApp(t, { redis: redis.url, redisBackoff: QUICK, ...options })
const is = (app: OpenApp, state: 'up' | 'lost'): Promise<void> =>
  until(() => app.broker.redis()!.state === state, `Redis to be ${state}`)
const meet = (...apps: OpenApp[]): Promise<void> =>
  until(() => apps.every((app) => app.broker.redis()!.nodes === apps.length - 1), 'the nodes to meet')
const lasting = (clientId: string) => ({ clientId, clean: false }) as const

t.test('while Redis is gone, clients of this node are served and people are told', async (t) => {
  const redis = await startRedis(t)
  const app = await open(t, redis)
  const { access_token } = await setUp(app.origin)
  const page = await listen(t, app, access_token)
  const told = () => page.frames.filter(({ type }) => type === 'system_event').map(({ data }) => data)
  const health = async () => {
    const headers = { Authorization: `Bearer ${access_token}` }
    return (await fetch(`${app.origin}/api/v1/health/detailed`, { headers })).json() as Promise<{
      status: string
      warnings: string[]
      redis: Record<string, unknown>
      components: object[]
    }>
  }
  t.match(await health(), { status: 'healthy', redis: { state: 'up', nodes: 0 } })
  const early = await connected(t, app, lasting('early'))
  const heard = hears(early)
  await early.subscribeAsync('#', { qos: 2 })

  await redis.kill()
  await is(app, 'lost')
  await until(() => told().some(({ event_type }) => event_type === 'redis_lost'), 'the event')
  t.match(await health(), {
    status: 'degraded',
    redis: { state: 'lost', url: redis.url, detail: /./ },
    warnings: [/^Redis is lost: /],
    components: [{}, {}, {}, { name: 'redis', status: 'unhealthy' }],
  })
  t.equal((await fetch(`${app.origin}/api/v1/health/ready`)).status, 200, 'it can do its work')
  t.equal(counted(app, 'redis_unavailable'), 1, 'counted once, not per attempt')
  t.equal(logged(app, 'redis_unavailable').length, 1)

  const device = await connected(t, app, { clientId: 'ESP_12AB34CD' })
  const command = 'kaiser/god/esp/ESP_12AB34CD/actuator/emergency'
  const obeyed = hears(device)
  await device.subscribeAsync(command, { qos: 1 })
  await device.publishAsync(topicOf(), reading(1), { qos: 1 })
  await device.publishAsync(topicOf(), reading(2), { qos: 2 })
  t.equal(app.store.readings.count(), 2)
  await app.broker.publish({ topic: command, payload: '{"command":"emergency_stop"}', qos: 1, retain: false })
  await until(() => obeyed.length > 0, 'the emergency stop')
  const of = (topic: string) => heard.filter((message) => message.startsWith(`${topic} `)).length
  await until(() => of(topicOf()) === 2 && of(command) === 1, 'what was published')

  await device.publishAsync('lab/kept', 'new', { qos: 1, retain: true })
  const late = await connected(t, app)
  const retained = hears(late)
  await late.subscribeAsync('lab/#')
  await until(() => retained.length > 0, 'what was retained meanwhile')

  await until(() => app.broker.redis()!.attempts >= 2, 'attempts')
  await redis.start()
  await is(app, 'up')
  await until(() => told().some(({ event_type }) => event_type === 'redis_back'), 'the event')
  t.match(await health(), { status: 'healthy', redis: { state: 'up', attempts: 0, buffered: 0 } })
  const look = await redis.look()
  t.strictSame(await look.hkeys('retained'), ['lab/kept'])
  t.ok(early.connected && device.connected, 'nobody had to connect again')
  t.equal(of(topicOf()), 2, 'and nobody hears anything twice')
})

t.test('what other nodes and absent sessions should have had reaches them when Redis is back', async (t) => {
  const redis = await startRedis(t)
  const one = await open(t, redis)
  const two = await open(t, redis)
  await meet(one, two)
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
  await is(one, 'lost')
  await sender.publishAsync('lab/note', 'unpromised', { qos: 0 })
  for (const qos of [1, 2] as const) await sender.publishAsync('lab/note', `during ${qos}`, { qos })
  await sender.publishAsync('lab/kept', 'r', { qos: 1, retain: true })
  t.ok(one.broker.redis()!.buffered >= 6)
  await redis.start()
  await is(one, 'up')
  await is(two, 'up')

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
  const one = await open(t, redis)
  const two = await open(t, redis)
  await meet(one, two)
  const will = { topic: 'lab/will', payload: Buffer.from('gone'), qos: 1 as const, retain: false }
  const present = await connected(t, one, { ...lasting('present'), will })
  await present.subscribeAsync('lab/present', { qos: 1 })
  const absent = await connected(t, one, lasting('absent'))
  await absent.subscribeAsync(['lab/absent', '__proto__'], { qos: 1 })
  await absent.endAsync()

  await redis.kill()
  await is(one, 'lost')
  await is(two, 'lost')
  await redis.start(true)
  await is(one, 'up')
  await is(two, 'up')

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

t.test('a Redis that does not answer is lost; nobody waits for it longer than its time', async (t) => {
  const redis = await startRedis(t)
  const app = await open(t, redis)
  const session = await connected(t, app, lasting('absent'))
  await session.subscribeAsync('lab/#', { qos: 1 })
  await session.endAsync()
  const sender = await connected(t, app)
  const receiver = await connected(t, app)
  const heard = hears(receiver)
  await receiver.subscribeAsync('lab/#', { qos: 1 })

  redis.freeze()
  t.teardown(() => redis.thaw())
  await sender.publishAsync('lab/note', '1', { qos: 1 })
  await is(app, 'lost')
  await sender.publishAsync('lab/note', '2', { qos: 1 })
  await until(() => heard.length === 2, 'both')
  redis.thaw()
  await is(app, 'up')
  const back = client(t, tcp(app), lasting('absent'))
  const queued = hears(back)
  await until(() => queued.length >= 2, 'what waited')
  t.strictSame(queued, ['lab/note 1', 'lab/note 2'], 'once, although nobody knew whether Redis had taken it')
})

t.test('kaiser starts without Redis, serves, and joins when it is there', async (t) => {
  const redis = await startRedis(t)
  await redis.kill()
  const app = await open(t, redis)
  t.equal(app.broker.redis()!.state, 'lost')
  t.equal(counted(app, 'redis_unavailable'), 1)
  const device = await connected(t, app, lasting('ESP_12AB34CD'))
  await device.subscribeAsync('lab/#', { qos: 1 })
  await device.publishAsync(topicOf(), reading(1), { qos: 1 })
  t.equal(app.store.readings.count(), 1)
  await redis.start()
  await is(app, 'up')
  const look = await redis.look()
  t.strictSame(await look.smembers('clients'), ['ESP_12AB34CD'])
})

t.test(
  'a session that moves while Redis is gone gets what waited for it, without connecting again',
  async (t) => {
    const redis = await startRedis(t)
    const one = await open(t, redis)
    const two = await open(t, redis)
    await meet(one, two)
    const first = await connected(t, one, lasting('mover'))
    await first.subscribeAsync('lab/#', { qos: 2 })
    await first.endAsync()
    const sender = await connected(t, two)
    await sender.publishAsync('lab/note', '1', { qos: 1 })
    await sender.publishAsync('lab/note', '2', { qos: 2 })

    await redis.kill()
    await is(one, 'lost')
    await is(two, 'lost')
    const moved = client(t, tcp(two), lasting('mover'))
    const heard = hears(moved)
    await until(() => moved.connected, 'the session')
    await sender.publishAsync('lab/note', '3', { qos: 1 })
    await until(() => heard.length === 1, 'what is said here')
    await redis.start()
    await until(() => heard.length >= 3, 'what waited')
    t.strictSame(heard, ['lab/note 3', 'lab/note 1', 'lab/note 2'])
    await is(two, 'up')
    const look = await redis.look()
    await until(async () => (await look.llen('queue:mover')) === 0, 'all of it to be acknowledged')
  },
)

t.test('when nodes meet again, the older connection of a client gives way', async (t) => {
  const redis = await startRedis(t)
  const one = await open(t, redis)
  const two = await open(t, redis)
  await meet(one, two)
  const older = await connected(t, one, { clientId: 'twin' })
  await redis.kill()
  await is(one, 'lost')
  await is(two, 'lost')
  const newer = await connected(t, two, { clientId: 'twin' })
  await new Promise((resolve) => setTimeout(resolve, 100))
  t.ok(older.connected && newer.connected, 'neither node can know')
  await redis.start()
  await until(() => !older.connected, 'the older one to be closed')
  t.ok(newer.connected)
  t.equal(one.stats.codes().session_taken_over, 1)
})

t.test('QoS 2 is once, also when Redis goes between its packets [MQTT-4.3.3-2]', async (t) => {
  const redis = await startRedis(t)
  const app = await open(t, redis)
  const receiver = await connected(t, app, lasting('receiver'))
  const heard = hears(receiver)
  await receiver.subscribeAsync('lab/#', { qos: 2 })
  const wire = await openWire(t, app.mqttPort, lasting('sender'))
  wire.send(publish('lab/note', 'x', 2, 7))
  await wire.packet(PUBREC)
  await redis.kill()
  await is(app, 'lost')
  wire.send(publish('lab/note', 'x', 2, 7, true))
  await wire.packet(PUBREC, 2)
  wire.send(pubrel(7))
  await wire.packet(PUBCOMP)
  wire.send(publish('lab/note', 'y', 2, 7))
  await wire.packet(PUBREC, 3)
  await redis.start()
  await is(app, 'up')
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

t.test('what is acknowledged while Redis is gone is not sent again when it is back', async (t) => {
  const redis = await startRedis(t)
  const app = await open(t, redis)
  const sender = await connected(t, app)
  const wire = await openWire(t, app.mqttPort, lasting('reader'))
  wire.send(subscribe('lab/#', 1))
  await wire.packet(SUBACK)
  for (const words of ['read', 'unread']) await sender.publishAsync('lab/note', words, { qos: 1 })
  const { body } = await wire.packet(PUBLISH)
  const id = body.readUInt16BE(2 + 'lab/note'.length)
  await wire.packet(PUBLISH, 2)
  await redis.kill()
  await is(app, 'lost')
  wire.send(puback(id), PINGREQ)
  await wire.packet(PINGRESP)
  t.equal(app.broker.redis()!.buffered, 1)
  await redis.start()
  await is(app, 'up')
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
  'a session nobody took up for a week ends, and what waited for it; one that is there stays',
  async (t) => {
    const redis = await startRedis(t)
    let later = 0
    const app = await open(t, redis, { now: () => Date.now() + later })
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
      await is(app, 'lost')
      await redis.start()
      await is(app, 'up')
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

t.test(
  'what was acknowledged while Redis was gone is kept by a kaiser that is killed before it is back',
  async (t) => {
    const redis = await startRedis(t)
    const dir = directory(t)
    const other = await open(t, redis)
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
    await is(other, 'up')
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

t.test('strangers who publish on the same Redis harm nobody', async (t) => {
  const redis = await startRedis(t)
  const app = await open(t, redis)
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
