/** Several kaisers on one Redis: a device is told wherever it is connected, now or never, and nothing is queued. */
import t from 'tap'
import { type OpenApp, openApp } from '../support/app.js'
import { connected, hears } from '../support/mqtt.js'
import {
  openWire,
  PINGREQ,
  PINGRESP,
  PUBLISH,
  puback,
  SUBACK,
  subscribe,
  type Wire,
} from '../support/mqtt-wire.js'
import { needsRedis, startRedis } from '../support/redis.js'
import { until } from '../support/until.js'
import { twoNodes } from './nodes.js'
import { branch, COMMAND, DEVICE, follow, tell } from './telling.js'

t.jobs = 1
needsRedis(t)

const isUp = (app: OpenApp): boolean => app.broker.redis()!.state === 'up'

t.test('a device on another node is told there, and its life comes back', async (t) => {
  const redis = await startRedis(t)
  const [one, two] = await twoNodes(t, redis)
  t.notOk(tell(one, 'ON'), 'nobody is there')
  const device = await connected(t, two, { clientId: 'device', clean: false })
  const heard = hears(device)
  await device.subscribeAsync(`${branch}/#`, { qos: 1 })
  await until(() => one.broker.present(DEVICE), 'word of it')
  const observers = await Promise.all(
    [one, two].map((app, n) => connected(t, app, { clientId: `observer ${n}` })),
  )
  const observed = observers.map(hears)
  for (const one of observers) await one.subscribeAsync(['kaiser/#', 'kaiser/+/esp/#'], { qos: 2 })
  const away = await connected(t, one, { clientId: 'away', clean: false })
  await away.subscribeAsync('kaiser/#', { qos: 2 })
  await away.endAsync()

  const lives = Array.from({ length: 50 }, () => follow())
  for (const [n, life] of lives.entries()) t.ok(tell(one, String(n), life))
  t.strictSame(lives[0]!.lived, [])
  await until(() => lives.every(({ lived }) => lived.length === 2), 'every life')
  for (const { lived } of lives) t.strictSame(lived, ['written', 'acknowledged'])
  const all = Array.from({ length: 50 }, (_, n) => `${COMMAND} ${n}`)
  t.strictSame(heard, all, 'in the order of the calls')
  await until(() => observed.every(({ length }) => length >= 50), 'the observers')
  for (const lines of observed) t.strictSame(lines, all, 'each once')
  const look = await redis.look()
  t.equal(await look.exists('queue:device', 'queue:away'), 0, 'nothing is queued')

  const here = follow()
  t.ok(tell(two, 'here', here))
  await until(
    () => observed.every(({ length }) => length > 50) && here.lived.length === 2,
    'what the other one told',
  )
  t.equal(heard.length, 51)

  await device.endAsync()
  await until(() => !one.broker.present(DEVICE), 'word that it is gone')
  t.ok(tell(one, 'late'), 'the observers are there')
  const back = await connected(t, one, { clientId: 'device', clean: false })
  const late = hears(back)
  await back.subscribeAsync(`${branch}/#`, { qos: 1 })
  await until(() => two.broker.present(DEVICE), 'word of it on the other side')
  t.ok(tell(two, 'again'))
  await until(() => late.length > 0, 'what it is told now')
  t.strictSame(late, [`${COMMAND} again`])
  await one.close()
  await until(() => !two.broker.present(DEVICE), 'the end of its node')
})

t.test('a node hears which devices are there when it comes later', async (t) => {
  const redis = await startRedis(t)
  const one = await openApp(t, { redis: redis.url })
  const device = await connected(t, one, { clientId: 'device' })
  await device.subscribeAsync(`${branch}/config`, { qos: 1 })
  const heard = hears(device)
  const two = await openApp(t, { redis: redis.url })
  await until(() => tell(two, '{}', follow(), `${branch}/config`), 'word of it')
  t.notOk(two.broker.present(DEVICE), 'it hears no commands')
  await until(() => heard.length > 0, 'its configuration')
})

t.test('while Redis is lost only this node is there, and nothing is told late', async (t) => {
  const redis = await startRedis(t)
  const [one, two] = await twoNodes(t, redis)
  const device = await connected(t, two, { clientId: 'device', clean: false })
  const heard = hears(device)
  await device.subscribeAsync(`${branch}/#`, { qos: 1 })
  await until(() => one.broker.present(DEVICE), 'word of it')
  const life = follow()
  redis.freeze()
  t.ok(tell(one, 'into the ice', life), 'nobody knows yet')
  await until(() => !isUp(one) && !isUp(two), 'the loss of Redis')
  t.notOk(one.broker.present(DEVICE))
  t.notOk(tell(one, 'lost', life))
  const own = follow()
  t.ok(tell(two, 'own', own))
  await until(() => own.lived.length === 2, 'its own device all the same')
  redis.thaw()
  await until(() => isUp(one) && isUp(two) && one.broker.present(DEVICE), 'Redis')
  const last = follow()
  t.ok(tell(one, 'last', last))
  await until(() => last.lived.length === 2, 'what is told now')
  t.strictSame(heard, [`${COMMAND} own`, `${COMMAND} last`])
  t.strictSame(life.lived, [])
})

t.test(
  'Packet Identifiers of a lasting session never collide, and what was told does not come again',
  async (t) => {
    const redis = await startRedis(t)
    const app = await openApp(t, { redis: redis.url })
    const hello = { clientId: 'device', clean: false }
    const first = await openWire(t, app.mqttPort, hello)
    first.send(subscribe(`${branch}/#`, 1))
    await first.packet(SUBACK)
    const lives = Array.from({ length: 20 }, () => follow())
    const lines = async (wire: Wire, count: number): Promise<[id: number, payload: string][]> => {
      await wire.packet(PUBLISH, count)
      wire.send(PINGREQ)
      await wire.packet(PINGRESP)
      const at = 2 + COMMAND.length
      return wire.arrived
        .filter(({ type }) => type === PUBLISH)
        .map(({ body }) => [body.readUInt16BE(at), body.subarray(at + 2).toString()])
    }
    for (const [n, life] of lives.entries()) {
      t.ok(tell(app, `T${n}`, life))
      await app.broker.publish({ topic: COMMAND, payload: `P${n}`, qos: 1, retain: false })
    }
    const heard = await lines(first, 40)
    t.equal(heard.length, 40)
    t.equal(new Set(heard.map(([id]) => id)).size, 40)
    for (const [id, payload] of heard) if (Number(payload.slice(1)) < 10) first.send(puback(id))
    await until(() => lives.slice(0, 10).every(({ lived }) => lived.length === 2), 'what was acknowledged')
    const look = await redis.look()
    await until(async () => (await look.llen('queue:device')) === 10, 'the queue')
    t.strictSame(lives[10]!.lived, ['written'])
    first.socket.destroy()
    await until(() => app.broker.clients().length === 0, 'its end')
    const back = await openWire(t, app.mqttPort, hello)
    await back.packet(PUBLISH, 10)
    t.ok(tell(app, 'again'))
    const again = await lines(back, 11)
    t.strictSame(
      again.map(([, payload]) => payload).sort(),
      [...Array.from({ length: 10 }, (_, n) => `P${n + 10}`), 'again'].sort(),
    )
    t.equal(new Set(again.map(([id]) => id)).size, 11)
  },
)
