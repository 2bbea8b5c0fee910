/** Events that cost too much to be told to everybody reach only those who name them. */
import t from 'tap'
import { createHub } from '../../realtime/hub.js'
import type { Event } from '../../routing/contract/events.js'
import { setUp } from '../support/administrator.js'
import { openApp } from '../support/app.js'
import { connectMqtt } from '../support/client.js'
import { network } from '../support/network.js'
import { listen } from '../support/socket.js'
import { until } from '../support/until.js'

const message = (): Event =>
  ({ type: 'mqtt_message', data: { topic: 'kaiser/god/x', bytes: 3 } }) as unknown as Event
const system = (): Event => ({
  type: 'system_event',
  data: { event_type: 'start', message: 'x', details: {} },
})

t.test('who asks for everything does not hear what must be named; who names it hears it', async (t) => {
  const app = await openApp(t)
  const { access_token } = await setUp(app.origin)
  const all = await listen(t, app, access_token, 'all')
  const curious = await listen(t, app, access_token, 'curious')
  const dashboard = await connectMqtt(t, app.mqttPort)
  const topics: string[] = []
  dashboard.on('message', (topic) => void topics.push(topic))
  await dashboard.subscribeAsync('kaiser/god/event/#')
  t.notOk(app.hub.wanted('mqtt_message'))

  await curious.filter({ types: ['mqtt_message', 'system_event'] })
  t.ok(app.hub.wanted('mqtt_message'))
  app.hub.emit(message())
  app.hub.emit(system())
  await curious.frame(2)
  await all.frame(1)
  await until(() => topics.length > 0, 'MQTT')
  t.strictSame(
    [curious, all].map(({ frames }) => frames.map(({ type }) => type)),
    [['mqtt_message', 'system_event'], ['system_event']],
  )
  t.strictSame(topics, ['kaiser/god/event/system_event'])

  await curious.filter(null, 'unsubscribe')
  t.notOk(app.hub.wanted('mqtt_message'), 'nobody names it any more')
})

t.test('the hub knows at once whether anybody wants a type, whoever comes, goes or asks anew', async (t) => {
  const hub = createHub({
    now: Date.now,
    monotonic: () => performance.now(),
    failed: (error) => void t.fail(String(error)),
  })
  t.teardown(() => hub.close())
  const { subscriber } = network(0)
  const wanted = (): boolean[] => ['mqtt_message', 'esp_health'].map((type) => hub.wanted(type))
  t.strictSame(wanted(), [false, false])
  hub.join('page', subscriber)
  t.strictSame(wanted(), [false, true])
  subscriber.subscribe({ types: ['mqtt_message'] })
  t.strictSame(wanted(), [true, false])
  subscriber.unsubscribe({ types: ['mqtt_message'] })
  t.strictSame(wanted(), [false, true], 'an emptied list asks for all')
  subscriber.subscribe({ types: ['mqtt_message'] })
  hub.leave('page', subscriber)
  t.strictSame(wanted(), [false, false])
  const stop = hub.reflect({ wants: (type) => type === 'mqtt_message', take() {} })
  t.strictSame(wanted(), [true, false])
  stop()
  t.strictSame(wanted(), [false, false])
})
