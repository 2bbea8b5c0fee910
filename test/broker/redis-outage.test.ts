/** Redis is away, or does not answer: who is here is served all the while. */
import t from 'tap'
import { setUp } from '../support/administrator.js'
import { client, connected, counted, hears, logged, reading, tcp, topicOf } from '../support/mqtt.js'
import { needsRedis, startRedis } from '../support/redis.js'
import { listen } from '../support/socket.js'
import { until } from '../support/until.js'
import { lasting, openNode, redisIs } from './nodes.js'

needsRedis(t)

t.test('while Redis is gone, clients of this node are served and people are told', async (t) => {
  const redis = await startRedis(t)
  const app = await openNode(t, redis)
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
  await redisIs(app, 'lost')
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
  await redisIs(app, 'up')
  await until(() => told().some(({ event_type }) => event_type === 'redis_back'), 'the event')
  t.match(await health(), { status: 'healthy', redis: { state: 'up', attempts: 0, buffered: 0 } })
  const look = await redis.look()
  t.strictSame(await look.hkeys('retained'), ['lab/kept'])
  t.ok(early.connected && device.connected, 'nobody had to connect again')
  t.equal(of(topicOf()), 2, 'and nobody hears anything twice')
})

t.test('a Redis that does not answer is lost; nobody waits for it longer than its time', async (t) => {
  const redis = await startRedis(t)
  const app = await openNode(t, redis)
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
  await redisIs(app, 'lost')
  await sender.publishAsync('lab/note', '2', { qos: 1 })
  await until(() => heard.length === 2, 'both')
  redis.thaw()
  await redisIs(app, 'up')
  const back = client(t, tcp(app), lasting('absent'))
  const queued = hears(back)
  await until(() => queued.length >= 2, 'what waited')
  t.strictSame(queued, ['lab/note 1', 'lab/note 2'], 'once, although nobody knew whether Redis had taken it')
})

t.test('kaiser starts without Redis, serves, and joins when it is there', async (t) => {
  const redis = await startRedis(t)
  await redis.kill()
  const app = await openNode(t, redis)
  t.equal(app.broker.redis()!.state, 'lost')
  t.equal(counted(app, 'redis_unavailable'), 1)
  const device = await connected(t, app, lasting('ESP_12AB34CD'))
  await device.subscribeAsync('lab/#', { qos: 1 })
  await device.publishAsync(topicOf(), reading(1), { qos: 1 })
  t.equal(app.store.readings.count(), 1)
  await redis.start()
  await redisIs(app, 'up')
  const look = await redis.look()
  t.strictSame(await look.smembers('clients'), ['ESP_12AB34CD'])
})
