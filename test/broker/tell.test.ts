/** What is told to a device reaches it now or never, and its life is known. */

import { duplexPair } from 'node:stream'
import t from 'tap'
import { counted } from '../support/mqtt.js'
import { heard, lines, settled } from '../support/mqtt-heard.js'
import { openSocket } from '../support/mqtt-socket.js'
import { connect, openWire, PUBLISH, puback, pubrec, subscribe } from '../support/mqtt-wire.js'
import { until } from '../support/until.js'
import { branch, COMMAND, DEVICE, follow, listening, tell, withDevice } from './telling.js'

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
  const [message] = heard(wire)
  t.match(message, { topic: COMMAND, payload: 'ON', qos: 1, retain: false, dup: false })
  await settled(wire)
  t.strictSame(life.lived, ['written'])
  wire.send(puback(message!.id))
  await settled(wire)
  t.strictSame(life.lived, ['written', 'acknowledged'])
  wire.send(puback(message!.id))
  await settled(wire)
  t.strictSame(life.lived, ['written', 'acknowledged'], 'once')
  t.equal(heard(wire).length, 1)
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
    t.strictSame(lines(back), [`${COMMAND} OFF`])
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
  t.strictSame(lines(back), [`${branch}/zone/assign Z`])
  for (const { id } of heard(first)) back.send(puback(id))
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
  const all = heard(wire)
  t.equal(new Set(all.map(({ id }) => id)).size, 90)
  const told = all.filter(({ payload }) => payload.startsWith('T'))
  t.strictSame(
    told.map(({ payload }) => payload),
    Array.from({ length: 60 }, (_, n) => `T${n}`),
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

t.test('the QoS a device asked for is respected', async (t) => {
  const [app, hello] = await withDevice(t)
  const zero = await listening(t, app, hello, [[`${branch}/#`, 0]])
  const life = follow()
  t.ok(tell(app, 'ON', life))
  await zero.packet(PUBLISH)
  t.match(heard(zero), [{ topic: COMMAND, payload: 'ON', qos: 0 }])
  zero.send(puback(1))
  await settled(zero)
  t.strictSame(life.lived, ['written'])

  for (const clean of [true, false]) {
    const two = await listening(t, app, { ...hello, clean }, [[`${branch}/#`, 2]])
    const life = follow()
    t.ok(tell(app, 'ON', life))
    await two.packet(PUBLISH)
    t.match(heard(two), [{ qos: 1 }], 'never higher than it was said')
    two.send(pubrec(heard(two)[0]!.id))
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
  wire.send(puback(heard(wire)[0]!.id))
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
    let got = Buffer.alloc(0)
    read((bytes) => {
      got = Buffer.concat([got, bytes])
      // It acknowledges in the same turn.
      const at = got.indexOf(COMMAND)
      if (at >= 0 && got.length >= at + COMMAND.length + 4) {
        write(puback(got.readUInt16BE(at + COMMAND.length)))
        got = Buffer.alloc(0)
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
