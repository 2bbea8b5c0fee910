/** Who hears what a device is told: one connection obeys, and others may listen. */
import t from 'tap'
import { openApp } from '../support/app.js'
import { openBroker } from '../support/broker.js'
import { connected, hears } from '../support/mqtt.js'
import { heard, lines, settled } from '../support/mqtt-heard.js'
import {
  openWire,
  PUBLISH,
  packet,
  puback,
  publish,
  subscribe,
  type Wire,
  word,
} from '../support/mqtt-wire.js'
import { until } from '../support/until.js'
import { branch, COMMAND, DEVICE, follow, listening, tell, withDevice } from './telling.js'

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
  t.strictSame(lines(wire), [`${COMMAND} ON`])
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
  t.strictSame(lines(device), all)
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

t.test('of several connections of a device the newest that hears it is told', async (t) => {
  const [app, hello] = await withDevice(t)
  const old = await listening(t, app, { ...hello, clientId: 'old' }, [[`${branch}/#`, 1]])
  const newer = await listening(t, app, { ...hello, clientId: 'newer' }, [[`${branch}/actuator/#`, 1]])
  const deaf = await openWire(t, app.mqttPort, { ...hello, clientId: 'deaf' })
  const life = follow()
  t.ok(tell(app, 'ON', life))
  await Promise.all([old.packet(PUBLISH), newer.packet(PUBLISH)])
  await settled(deaf)
  old.send(puback(heard(old)[0]!.id))
  await settled(old)
  t.strictSame(life.lived, ['written'])
  newer.send(puback(heard(newer)[0]!.id))
  await settled(newer)
  t.strictSame(life.lived, ['written', 'acknowledged'])
  t.strictSame(lines(deaf), [])
  newer.socket.destroy()
  await until(() => app.broker.clients().length === 2, 'its end')
  t.ok(app.broker.present(DEVICE), 'the older one still hears')
})

t.test('in a lab: the connection that speaks for the device, then the one that names it', async (t) => {
  const app = await openApp(t)
  const by = async (wire: Wire, others: Wire[], why: string): Promise<void> => {
    const life = follow()
    const before = heard(wire).length
    t.ok(tell(app, 'ON', life))
    await wire.packet(PUBLISH, before + 1)
    for (const one of others) {
      await settled(one)
      const last = heard(one).at(-1)
      if (last?.id) one.send(puback(last.id))
      await settled(one)
    }
    t.strictSame(life.lived, ['written'], why)
    wire.send(puback(heard(wire).at(-1)!.id))
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

t.test('kaiser hears when a device begins to hear its commands', async (t) => {
  const heard: string[] = []
  const { broker, port } = await openBroker(t, {
    identify: ({ username }, settle) =>
      settle(username === undefined ? { kind: 'anonymous' } : { kind: 'device', esp_id: username }),
    heard: (esp_id) => void heard.push(esp_id),
  })
  const own = { clientId: 'own', username: DEVICE, password: 'x', clean: false }
  const first = await openWire(t, port, own)
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
  const again = await openWire(t, port, own)
  await settled(again)
  t.strictSame(heard, [DEVICE], 'it is back with its subscriptions')

  const lab = await openWire(t, port, { clientId: 'lab' })
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
