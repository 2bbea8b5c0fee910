/** What is told to a device reaches it now or never, and its life is known. */
import { duplexPair } from 'node:stream'
import t from 'tap'
import { createBroker } from '../../broker/broker.js'
import { listen } from '../../broker/listener.js'
import { overlaps } from '../../routing/contract/topics.js'
import { register } from '../../routing/registry.js'
import type { Life } from '../../routing/tell.js'
import { openStore } from '../../storage/store.js'
import { type OpenApp, type OpenOptions, openApp, type Teardown } from '../support/app.js'
import { connected, counted, hears } from '../support/mqtt.js'
import { openSocket } from '../support/mqtt-socket.js'
import {
  type Arrived,
  connect,
  type Hello,
  openWire,
  PINGREQ,
  PINGRESP,
  PUBLISH,
  packet,
  publish,
  SUBACK,
  subscribe,
  type Wire,
  word,
} from '../support/mqtt-wire.js'
import { until } from '../support/until.js'

const DEVICE = 'ESP_12AB34CD'
const branch = `kaiser/god/esp/${DEVICE}`
const COMMAND = `${branch}/actuator/5/command`
const puback = (id: number): Buffer => packet(0x40, word(id))
const pubrec = (id: number): Buffer => packet(0x50, word(id))

/** kaiser with a registered device, its credentials, and nobody anonymous. */
async function withDevice(t: Teardown, options: OpenOptions = {}): Promise<[OpenApp, Hello]> {
  const app = await openApp(t, { allowAnonymous: false, ...options })
  const { credentials } = await app.store.group.run(() => register(app.store, DEVICE, {}, 'test', Date.now()))
  return [app, { clientId: DEVICE, username: DEVICE, password: credentials.mqtt_password }]
}

/** A connection that subscribed. */
async function listening(
  t: Teardown,
  app: OpenApp,
  hello: Hello,
  filters: readonly [string, number][],
): Promise<Wire> {
  const wire = await openWire(t, app.mqttPort, hello)
  for (const [n, [filter, qos]] of filters.entries()) {
    wire.send(subscribe(filter, qos, n + 1))
    await wire.packet(SUBACK, n + 1)
  }
  return wire
}

/** Waits until everything that is on its way to it is there. */
async function settled(wire: Wire): Promise<void> {
  const pings = wire.arrived.filter(({ type }) => type === PINGRESP).length
  wire.send(PINGREQ)
  await wire.packet(PINGRESP, pings + 1)
}

const said = (wire: Wire): string[] =>
  wire.arrived
    .filter(({ type }) => type === PUBLISH)
    .map(read)
    .map(({ line }) => line)

/** A PUBLISH that arrived, as `topic payload`. */
function read({ first, body }: Arrived): {
  line: string
  qos: number
  id: number
  retain: boolean
  dup: boolean
} {
  const qos = (first >> 1) & 3
  const end = 2 + body.readUInt16BE(0)
  const topic = body.subarray(2, end).toString()
  const payload = body.subarray(end + (qos > 0 ? 2 : 0)).toString()
  const id = qos > 0 ? body.readUInt16BE(end) : 0
  return { line: `${topic} ${payload}`, qos, id, retain: (first & 1) === 1, dup: (first & 8) === 8 }
}

const published = (wire: Wire) => wire.arrived.filter(({ type }) => type === PUBLISH).map(read)

/** A life that writes down what becomes of it. */
function follow(name = '', lived: string[] = []): Life & { lived: string[] } {
  return {
    lived,
    written: () => void lived.push(`${name}written`),
    acknowledged: () => void lived.push(`${name}acknowledged`),
  }
}

const tell = (app: OpenApp, payload: string, life: Life = follow(), topic = COMMAND): boolean =>
  app.broker.tell(DEVICE, { topic, payload }, life)

t.test('a device is told at QoS 1, not retained, and its life is written, then acknowledged', async (t) => {
  const [app, hello] = await withDevice(t)
  const life = follow()
  t.notOk(tell(app, 'ON', life), 'nobody is there')
  t.notOk(app.broker.present(DEVICE))
  const wire = await listening(t, app, hello, [[`${branch}/#`, 1]])
  t.ok(app.broker.present(DEVICE))
  t.ok(tell(app, 'ON', life))
  t.strictSame(life.lived, [], 'nothing happens inside the call')
  await wire.packet(PUBLISH)
  await until(() => life.lived.length, 'the life')
  const [heard] = published(wire)
  t.match(heard, { line: `${COMMAND} ON`, qos: 1, retain: false, dup: false })
  await settled(wire)
  t.strictSame(life.lived, ['written'])
  wire.send(puback(heard!.id))
  await settled(wire)
  t.strictSame(life.lived, ['written', 'acknowledged'])
  wire.send(puback(heard!.id))
  await settled(wire)
  t.strictSame(life.lived, ['written', 'acknowledged'], 'once')
  t.equal(published(wire).length, 1)
})

t.test('what is told while the device is away is not said, nor later', async (t) => {
  for (const clean of [true, false]) {
    const [app, hello] = await withDevice(t)
    const first = await listening(t, app, { ...hello, clean }, [[`${branch}/#`, 1]])
    first.socket.destroy()
    await until(() => app.broker.clients().length === 0, 'its end')
    const life = follow()
    t.notOk(tell(app, 'ON', life), 'its session hears the topic, but nobody is there')
    const back = await listening(t, app, { ...hello, clean }, [[`${branch}/#`, 1]])
    t.ok(tell(app, 'OFF'))
    await back.packet(PUBLISH)
    t.strictSame(said(back), [`${COMMAND} OFF`])
    t.strictSame(life.lived, [])
  }
})

t.test('what a lasting session was told and did not acknowledge does not come again', async (t) => {
  const [app, hello] = await withDevice(t)
  const lasting = { ...hello, clean: false }
  const first = await listening(t, app, lasting, [[`${branch}/#`, 1]])
  const life = follow()
  t.ok(tell(app, 'ON', life))
  await app.broker.publish({ topic: `${branch}/zone/assign`, payload: 'Z', qos: 1, retain: false })
  await first.packet(PUBLISH, 2)
  t.equal(app.broker.clients()[0]!.queue!.messages, 1, 'only the other one is kept')
  first.socket.destroy()
  await until(() => app.broker.clients().length === 0, 'its end')
  const back = await openWire(t, app.mqttPort, lasting)
  await back.packet(PUBLISH)
  await settled(back)
  t.strictSame(said(back), [`${branch}/zone/assign Z`])
  for (const { id } of published(first)) back.send(puback(id))
  await settled(back)
  t.strictSame(life.lived, ['written'], 'an acknowledgement of an earlier connection means nothing')
})

t.test('Packet Identifiers of what is told and of what is kept never collide', async (t) => {
  const [app, hello] = await withDevice(t)
  const wire = await listening(t, app, { ...hello, clean: false }, [[`${branch}/#`, 1]])
  const lived: string[] = []
  for (let n = 0; n < 60; n++) {
    t.ok(tell(app, `T${n}`, follow(`T${n} `, lived)))
    if (n % 2) await app.broker.publish({ topic: COMMAND, payload: `P${n}`, qos: 1, retain: false })
  }
  await wire.packet(PUBLISH, 90)
  const all = published(wire)
  t.equal(new Set(all.map(({ id }) => id)).size, 90)
  const told = all.filter(({ line }) => line.startsWith(`${COMMAND} T`))
  t.strictSame(
    told.map(({ line }) => line),
    Array.from({ length: 60 }, (_, n) => `${COMMAND} T${n}`),
    'in the order of the calls',
  )
  t.equal(app.broker.clients()[0]!.queue!.messages, 30)
  for (const { id } of told) wire.send(puback(id))
  await settled(wire)
  t.equal(lived.filter((line) => line.endsWith('acknowledged')).length, 60)
  t.equal(app.broker.clients()[0]!.queue!.messages, 30, 'what is kept is still kept')
  for (const { id } of all) wire.send(puback(id))
  await settled(wire)
  t.equal(app.broker.clients()[0]!.queue!.messages, 0)
  t.equal(app.broker.clients()[0]!.unacknowledged, 0)
})

t.test('a device hears it once, however many of its filters match', async (t) => {
  const [app, hello] = await withDevice(t)
  const wire = await listening(t, app, hello, [
    [`${branch}/actuator/+/command`, 1],
    [`${branch}/#`, 1],
    [COMMAND, 0],
  ])
  t.ok(tell(app, 'ON'))
  await wire.packet(PUBLISH)
  await settled(wire)
  t.strictSame(said(wire), [`${COMMAND} ON`])
})

t.test('others who are connected hear it too, and who is away never does', async (t) => {
  const app = await openApp(t)
  const device = await listening(t, app, { clientId: 'device' }, [[`${branch}/#`, 1]])
  const clean = await connected(t, app, { clientId: 'clean' })
  const lasting = await connected(t, app, { clientId: 'lasting', clean: false })
  const away = await connected(t, app, { clientId: 'away', clean: false })
  for (const one of [clean, lasting, away])
    await one.subscribeAsync(['kaiser/+/esp/+/actuator/#', '#'], { qos: 2 })
  await away.endAsync()
  const [heard, kept] = [hears(clean), hears(lasting)]
  const life = follow()
  for (let n = 0; n < 10; n++) t.ok(tell(app, String(n), life))
  await until(() => heard.length >= 10 && kept.length >= 10, 'what was told')
  await device.packet(PUBLISH, 10)
  const all = Array.from({ length: 10 }, (_, n) => `${COMMAND} ${n}`)
  t.strictSame(heard, all)
  t.strictSame(kept, all)
  t.strictSame(said(device), all)
  const back = await connected(t, app, { clientId: 'away', clean: false })
  const late = hears(back)
  t.ok(tell(app, 'last'))
  await until(() => late.length > 0, 'the last one')
  t.strictSame(late, [`${COMMAND} last`])
  await until(() => app.broker.clients().every(({ queue }) => queue!.messages === 0), 'empty queues')
  t.equal(life.lived.filter((line) => line === 'acknowledged').length, 0, 'others acknowledge for nobody')
})

t.test('what only others hear is written, and never acknowledged', async (t) => {
  const [app, hello] = await withDevice(t)
  const wire = await listening(t, app, hello, [[`${branch}/config`, 1]])
  t.notOk(app.broker.present(DEVICE), 'it does not hear commands')
  t.notOk(tell(app, 'ON'), 'the device hears another topic')
  t.ok(tell(app, '{}', follow(), `${branch}/config`))
  await wire.packet(PUBLISH)
  const lab = await openApp(t)
  const observer = await connected(t, lab, { clientId: 'observer' })
  const heard = hears(observer)
  await observer.subscribeAsync('#', { qos: 1 })
  const life = follow()
  t.ok(tell(lab, 'ON', life))
  t.strictSame(life.lived, [])
  await until(() => heard.length > 0, 'what was told')
  t.strictSame(life.lived, ['written'])
  t.notOk(lab.broker.present(DEVICE))
})

t.test('the QoS a device asked for is respected', async (t) => {
  const [app, hello] = await withDevice(t)
  const zero = await listening(t, app, hello, [[`${branch}/#`, 0]])
  const life = follow()
  t.ok(tell(app, 'ON', life))
  await zero.packet(PUBLISH)
  t.match(published(zero), [{ line: `${COMMAND} ON`, qos: 0 }])
  zero.send(puback(1))
  await settled(zero)
  t.strictSame(life.lived, ['written'])

  for (const clean of [true, false]) {
    const two = await listening(t, app, { ...hello, clean }, [[`${branch}/#`, 2]])
    const life = follow()
    t.ok(tell(app, 'ON', life))
    await two.packet(PUBLISH)
    t.match(published(two), [{ qos: 1 }], 'never higher than it was said')
    two.send(pubrec(published(two)[0]!.id))
    await two.end()
    t.strictSame(life.lived, ['written'])
  }
  t.equal(counted(app, 'protocol_violation'), 2, 'PUBREC is no answer to QoS 1')
})

t.test('a life that fails is reported and disturbs nobody', async (t) => {
  const [app, hello] = await withDevice(t)
  const wire = await listening(t, app, hello, [[`${branch}/#`, 1]])
  const fail = (): never => {
    throw new Error('a bug')
  }
  t.ok(tell(app, 'ON', { written: fail, acknowledged: fail }))
  await wire.packet(PUBLISH)
  wire.send(puback(published(wire)[0]!.id))
  await settled(wire)
  t.equal(counted(app, 'internal_error'), 2)
  t.ok(tell(app, 'OFF'))
  await wire.packet(PUBLISH, 2)
})

t.test('a connection that ends in the same turn was told nothing', async (t) => {
  const [app, hello] = await withDevice(t)
  const wire = await listening(t, app, hello, [[`${branch}/#`, 1]])
  const life = follow()
  t.ok(tell(app, 'ON', life))
  app.broker.disconnect(() => true)
  t.notOk(tell(app, 'ON', life))
  await wire.end()
  t.strictSame(life.lived, [])
})

t.test('of several connections of a device the newest that hears it is told', async (t) => {
  const [app, hello] = await withDevice(t)
  const old = await listening(t, app, { ...hello, clientId: 'old' }, [[`${branch}/#`, 1]])
  const newer = await listening(t, app, { ...hello, clientId: 'newer' }, [[`${branch}/actuator/#`, 1]])
  const deaf = await openWire(t, app.mqttPort, { ...hello, clientId: 'deaf' })
  const life = follow()
  t.ok(tell(app, 'ON', life))
  await Promise.all([old.packet(PUBLISH), newer.packet(PUBLISH)])
  await settled(deaf)
  old.send(puback(published(old)[0]!.id))
  await settled(old)
  t.strictSame(life.lived, ['written'])
  newer.send(puback(published(newer)[0]!.id))
  await settled(newer)
  t.strictSame(life.lived, ['written', 'acknowledged'])
  t.strictSame(said(deaf), [])
  newer.socket.destroy()
  await until(() => app.broker.clients().length === 2, 'its end')
  t.ok(app.broker.present(DEVICE), 'the older one still hears')
})

t.test('in a lab: the connection that speaks for the device, then the one that names it', async (t) => {
  const app = await openApp(t)
  const by = async (wire: Wire, others: Wire[], why: string): Promise<void> => {
    const life = follow()
    const before = published(wire).length
    t.ok(tell(app, 'ON', life))
    await wire.packet(PUBLISH, before + 1)
    for (const one of others) {
      await settled(one)
      const last = published(one).at(-1)
      if (last?.id) one.send(puback(last.id))
      await settled(one)
    }
    t.strictSame(life.lived, ['written'], why)
    wire.send(puback(published(wire).at(-1)!.id))
    await settled(wire)
    t.strictSame(life.lived, ['written', 'acknowledged'], why)
  }
  const wide = await listening(t, app, { clientId: 'wide' }, [['kaiser/#', 1]])
  t.notOk(app.broker.present(DEVICE))
  const names = await listening(t, app, { clientId: 'names' }, [[`kaiser/+/esp/${DEVICE}/+/+/command`, 1]])
  t.ok(app.broker.present(DEVICE))
  await by(names, [wide], 'it names the device')
  wide.send(publish(`${branch}/actuator/5/command`, 'ON', 0))
  await settled(wide)
  await by(names, [wide], 'whoever says what devices are told is not the device')
  wide.send(publish(`${branch}/system/heartbeat`, '{}', 0))
  await settled(wide)
  await by(wide, [names], 'it speaks for the device')
  names.send(publish(`${branch}/system/heartbeat`, '{}', 0))
  await settled(names)
  await by(names, [wide], 'it spoke last')
  names.socket.destroy()
  await until(() => app.broker.clients().length === 1, 'its end')
  await by(wide, [], 'the other one spoke before')
  wide.send(packet(0xa2, Buffer.concat([word(9), word(8), Buffer.from('kaiser/#')])))
  await wide.packet(11)
  t.notOk(app.broker.present(DEVICE))
  t.notOk(tell(app, 'ON'))
})

t.test('it is the same over a WebSocket and inside the process', async (t) => {
  const [app, hello] = await withDevice(t)
  const socket = await openSocket(t, app)
  const [ours, theirs] = duplexPair()
  for (const [name, write, read] of [
    [
      'WebSocket',
      (bytes: Buffer) => socket.send(bytes),
      (take: (bytes: Buffer) => void) => socket.on('message', take),
    ],
    [
      'inside',
      (bytes: Buffer) => ours.write(bytes),
      (take: (bytes: Buffer) => void) => ours.on('data', take),
    ],
  ] as const) {
    let heard = Buffer.alloc(0)
    read((bytes) => {
      heard = Buffer.concat([heard, bytes])
      // It acknowledges in the same turn.
      const at = heard.indexOf(`${COMMAND}`)
      if (at >= 0 && heard.length >= at + COMMAND.length + 4) {
        write(puback(heard.readUInt16BE(at + COMMAND.length)))
        heard = Buffer.alloc(0)
      }
    })
    if (name === 'inside')
      app.broker.attach(theirs, { address: null, identity: { kind: 'device', esp_id: DEVICE } })
    write(Buffer.concat([connect({ ...hello, clientId: name }), subscribe(COMMAND, 1)]))
    await until(() => app.broker.present(DEVICE), name)
    const life = follow()
    t.ok(tell(app, 'ON', life))
    t.strictSame(life.lived, [])
    await until(() => life.lived.length === 2, name)
    t.strictSame(life.lived, ['written', 'acknowledged'], name)
    app.broker.kick(name)
    await until(() => !app.broker.present(DEVICE), 'its end')
  }
})

t.test('a device that reads nothing is told until it is closed, and delays nobody', async (t) => {
  const [app, hello] = await withDevice(t, { bounds: { drain_timeout: 200 } })
  const wire = await listening(t, app, hello, [[`${branch}/#`, 1]])
  wire.socket.pause()
  const life = follow()
  const started = performance.now()
  while (app.broker.present(DEVICE) && performance.now() - started < 20_000) {
    tell(app, 'x'.repeat(60_000), life)
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.notOk(app.broker.present(DEVICE))
  t.notOk(tell(app, 'OFF'))
  t.ok(life.lived.length > 1)
  t.notOk(life.lived.includes('acknowledged'))
})

t.test('when kaiser has closed nothing is told any more', async (t) => {
  const [app, hello] = await withDevice(t)
  await listening(t, app, hello, [[`${branch}/#`, 1]])
  const closing = app.close()
  await until(() => !app.broker.present(DEVICE), 'the end')
  t.notOk(tell(app, 'ON'))
  await closing
  t.notOk(tell(app, 'ON'))
})

t.test('kaiser hears when a device begins to hear its commands', async (t) => {
  const heard: string[] = []
  const store = openStore({ path: ':memory:', now: Date.now, monotonic: () => performance.now() })
  const broker = await createBroker({
    receive: (_message, _sender, settle) => settle(),
    report: (code) => t.fail(code),
    kaiser_id: 'god',
    identify: ({ username }, settle) =>
      settle(username === undefined ? { kind: 'anonymous' } : { kind: 'device', esp_id: username }),
    gate: () => undefined,
    heard: (esp_id) => void heard.push(esp_id),
    now: Date.now,
    store: store.mqttState,
    sessionExpiry: 0,
  })
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    accept: (socket) => broker.attach(socket, { address: socket.remoteAddress ?? null }),
    failed: t.fail,
  })
  t.teardown(async () => {
    await listener.close()
    await broker.close()
    await store.close()
  })
  const own = { clientId: 'own', username: DEVICE, password: 'x', clean: false }
  const first = await openWire(t, listener.port, own)
  const expect = async (wire: Wire, packets: Buffer, because: string, ...names: string[]): Promise<void> => {
    heard.length = 0
    wire.send(packets)
    await settled(wire)
    t.strictSame(heard, names, because)
  }
  await expect(first, subscribe(`${branch}/config`, 1), 'other things')
  t.notOk(broker.present(DEVICE))
  await expect(first, subscribe(`${branch}/actuator/5/command`, 1), 'a command', DEVICE)
  t.ok(broker.present(DEVICE))
  await expect(first, subscribe(`${branch}/#`, 1), 'it hears them already')
  heard.length = 0
  const again = await openWire(t, listener.port, own)
  await settled(again)
  t.strictSame(heard, [DEVICE], 'it is back with its subscriptions')

  const lab = await openWire(t, listener.port, { clientId: 'lab' })
  await expect(lab, subscribe('kaiser/god/esp/ESP_2/actuator/+/command'), 'it names it', 'ESP_2')
  await expect(lab, subscribe('lab/a/b/ESP_2'), 'that is something else')
  await expect(lab, publish('kaiser/god/esp/ESP_3/system/heartbeat', '{}'), 'it does not hear them')
  t.notOk(broker.present('ESP_3'))
  await expect(lab, subscribe('kaiser/+/esp/+/actuator/#', 0, 3), 'it spoke for that one', 'ESP_3')
  t.ok(broker.present('ESP_3'))
  await expect(lab, publish('kaiser/god/esp/ESP_4/status', '{}'), 'for the first time', 'ESP_4')
  await expect(lab, publish('kaiser/god/esp/ESP_4/status', '{}'), 'for the second time')
  await expect(lab, publish('kaiser/other/esp/ESP_5/status', '{}'), 'no device of ours')
  await expect(lab, publish('kaiser/god/esp/ESP_6/config', '{}'), 'it is no device')
  lab.socket.destroy()
  await until(() => broker.clients().length === 1, 'its end')
  for (const esp_id of ['ESP_2', 'ESP_3', 'ESP_4']) t.notOk(broker.present(esp_id))
})

t.test('filters that overlap', async (t) => {
  for (const [one, other, expected] of [
    ['a/b', 'a/b', true],
    ['a/+', 'a/b', true],
    ['a/+/c', '+/b/+', true],
    ['#', 'a/b', true],
    ['a/b/#', 'a/b', true],
    ['a/b', 'a/b/#', true],
    ['a/b', 'a', false],
    ['a/+', 'a', false],
    ['a/b/#', 'a/c/#', false],
    ['a/b/c', 'a/+', false],
  ] as const) {
    t.equal(overlaps(one, other), expected, `${one} and ${other}`)
    t.equal(overlaps(other, one), expected)
  }
})
