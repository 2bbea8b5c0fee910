/** `$SYS/broker/…` as tools for Mosquitto read it. */
import t, { type Test } from 'tap'
import { LoadAverage } from '../../broker/load-average.js'
import { sysLoads, sysTopics } from '../../broker/sys-topics.js'
import { ADMINISTRATOR, setUp } from '../support/administrator.js'
import { type OpenApp, type OpenOptions, openApp } from '../support/app.js'
import { client, connected, tcp } from '../support/mqtt.js'
import { openWire, SUBACK, subscribe } from '../support/mqtt-wire.js'
import { until } from '../support/until.js'

const { username, password } = ADMINISTRATOR

async function withAdministrator(t: Test, options: OpenOptions = {}): Promise<OpenApp> {
  const app = await openApp(t, options)
  await setUp(app.origin)
  return app
}

/** An administrator on MQTT, and what it was last told by topic, below `$SYS/broker/`. */
async function administrator(t: Test, app: OpenApp, clientId = 'admin') {
  const opened = client(t, tcp(app), { clientId, username, password })
  const told = new Map<string, string>()
  const fresh: string[] = []
  opened.on('message', (topic, payload, { retain }) => {
    if (!topic.startsWith('$SYS/broker/')) return
    told.set(topic.replace('$SYS/broker/', ''), String(payload))
    if (!retain) fresh.push(topic)
  })
  await until(() => opened.connected, 'the administrator')
  return { opened, told, fresh }
}

t.test('who subscribes has every value at once, as Mosquitto names them', async (t) => {
  const app = await withAdministrator(t)
  const said = app.broker.counters().messages_published
  const device = await connected(t, app, { clientId: 'device' })
  await device.publishAsync('lab/x', '12345', { qos: 1, retain: true })
  const absent = await openWire(t, app.mqttPort, { clientId: 'absent', clean: false })
  absent.send(subscribe('lab/#', 1))
  await absent.packet(SUBACK)
  absent.socket.destroy()
  await until(() => app.broker.counters().connections === 1, 'it to be gone')
  await device.publishAsync('lab/y', '1234567', { qos: 1 })

  const { opened, told } = await administrator(t, app)
  await opened.subscribeAsync('$SYS/broker/#')
  const expected = [
    ...Object.keys(sysTopics),
    ...Object.keys(sysLoads).flatMap((name) =>
      ['1min', '5min', '15min'].map((span) => `load/${name}/${span}`),
    ),
  ]
  await until(() => told.size === expected.length, 'all of them')

  t.strictSame([...told.keys()].sort(), expected.sort())
  t.match(told.get('version'), /^kaiser version \d/)
  t.match(told.get('uptime'), /^\d+ seconds$/)
  t.match(told.get('load/messages/received/1min'), /^\d+\.\d\d$/)
  t.match(
    Object.fromEntries(told),
    {
      'clients/total': '3',
      'clients/connected': '2',
      'clients/disconnected': '1',
      'clients/maximum': '2',
      'publish/messages/received': '2',
      'publish/bytes/received': '12',
      'publish/messages/sent': '1',
      'publish/bytes/sent': '5',
      'retained messages/count': '1',
      'messages/stored': '2',
    },
    'what it was sent are the values of that moment',
  )
  t.equal(app.broker.counters().messages_published, said)
  t.equal((await app.broker.retained('$SYS/#')).length, 0, 'nothing of it is kept')
})

t.test('afterwards what changed is said at every interval, to whom it concerns', async (t) => {
  const app = await withAdministrator(t, { sysInterval: 1 })
  const one = await administrator(t, app, 'one')
  await one.opened.subscribeAsync([
    '$SYS/broker/uptime',
    '$SYS/broker/version',
    '$SYS/broker/load/+/received/1min',
  ])
  const other = await administrator(t, app, 'other')
  await other.opened.subscribeAsync('#')
  await until(() => one.fresh.filter((topic) => topic.endsWith('/uptime')).length >= 2, 'two intervals')
  t.ok(Number(one.told.get('load/bytes/received/1min')) > 0)
  t.ok(
    one.fresh.filter((topic) => topic.endsWith('/version')).length <= 1,
    'what stays the same is not said again',
  )
  t.strictSame(other.fresh, [], '# is not about $SYS [MQTT-4.7.2-1]')
})

t.test('nobody but administrators sees it, and 0 turns it off', async (t) => {
  const app = await withAdministrator(t, { sysInterval: 0 })
  const stranger = await openWire(t, app.mqttPort, { clientId: 'stranger' })
  stranger.send(subscribe('$SYS/#'))
  t.equal((await stranger.packet(SUBACK)).body[2], 0x80)
  const { opened, told } = await administrator(t, app)
  await opened.subscribeAsync('$SYS/#')
  await opened.publishAsync('lab/x', 'x', { qos: 1 })
  t.equal(told.has('version'), false)
})

t.test('load averages follow what happens, the longer the span the slower', async (t) => {
  const load = new LoadAverage()
  let count = 0
  for (let seconds = 0; seconds < 600; seconds += 10) {
    count += 100
    load.add(count, 10_000)
  }
  t.ok(Math.abs(load.over('1min') - 600) < 0.1, '600 per minute for ten minutes')
  t.ok(load.over('5min') > 500 && load.over('5min') < 550)
  t.ok(load.over('15min') > 270 && load.over('15min') < 310)
  for (let seconds = 0; seconds < 60; seconds += 10) load.add(count, 10_000)
  t.ok(Math.abs(load.over('1min') - 600 / Math.E) < 1, 'a quiet minute')
  load.add(count, 0)
  t.ok(load.over('1min') > 0)
})
