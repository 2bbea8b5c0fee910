import t from 'tap'
import { setUp } from '../support/administrator.js'
import { openApp } from '../support/app.js'
import { connectMqtt } from '../support/client.js'
import { connected, reading, topicOf } from '../support/mqtt.js'
import { DEVICE, seedMock } from '../support/samples.js'
import { listen } from '../support/socket.js'
import { until } from '../support/until.js'

t.test('with "batch" what leaves together is one frame, within the same limit of frames', async (t) => {
  const app = await openApp(t, { wsRate: 10 })
  const page = await listen(t, app, (await setUp(app.origin)).access_token)
  page.socket.send('{"action":"subscribe","filters":{"types":["sensor_data"]},"batch":true}')
  const device = await connected(t, app)
  const answered = Array.from({ length: 60 }, (_, gpio) =>
    device.publishAsync(
      `kaiser/god/esp/${DEVICE}/sensor/${gpio}/data`,
      JSON.stringify({ ...seedMock, esp_id: DEVICE, gpio }),
      { qos: 1 },
    ),
  )
  await Promise.all(answered)

  const batches = () => page.frames as unknown as { type: string; events: { data: { gpio: number } }[] }[]
  const gpios = () => batches().flatMap(({ events }) => events.map(({ data }) => data.gpio))
  await until(() => gpios().length === 60, 'sixty events')
  t.ok(batches().every(({ type }) => type === 'batch'))
  t.ok(batches().length < 60, `${batches().length} frames`)
  t.strictSame(new Set(gpios()).size, 60, 'nothing is missing')
})

t.test('with "batch" everything that waited for the limit leaves in the next frame', async (t) => {
  const app = await openApp(t, { wsRate: 1 })
  const page = await listen(t, app, (await setUp(app.origin)).access_token)
  page.socket.send('{"action":"subscribe","filters":{"types":["sensor_data"]},"batch":true}')
  const device = await connected(t, app)
  const say = (gpio: number) =>
    device.publishAsync(
      `kaiser/god/esp/${DEVICE}/sensor/${gpio}/data`,
      JSON.stringify({ ...seedMock, esp_id: DEVICE, gpio }),
      { qos: 1 },
    )
  const batches = () => page.frames as unknown as { events: { data: { gpio: number } }[] }[]
  const events = () => batches().flatMap(({ events }) => events)
  const started = performance.now()
  await say(0)
  await until(() => events().length === 1, 'the only frame of this second')
  for (let gpio = 1; gpio <= 30; gpio++) await say(gpio)
  await until(() => events().length === 31, 'all that waited')
  const seconds = Math.ceil((performance.now() - started) / 1_000)
  t.ok(batches().length <= 1 + seconds, `${batches().length} frames in ${seconds} s`)
})

t.test('every event is also said on MQTT, where somebody subscribes, and not retained', async (t) => {
  const app = await openApp(t)
  const dashboard = await connectMqtt(t, app.mqttPort)
  const heard: [topic: string, event: { type: string; data: object }, retain: boolean][] = []
  dashboard.on(
    'message',
    (topic, payload, { retain }) => void heard.push([topic, JSON.parse(payload.toString()), retain]),
  )
  await dashboard.subscribeAsync('kaiser/god/event/#')
  const device = await connected(t, app)
  await device.publishAsync(topicOf(), reading(25), { qos: 1 })
  await until(() => heard.length > 0, 'an event on MQTT')
  t.match(heard, [
    ['kaiser/god/event/sensor_data', { type: 'sensor_data', data: { value: 22.5, topic: topicOf() } }, false],
  ])
})

t.test('a frame that is no frame of ours is counted and logged once a minute', async (t) => {
  const app = await openApp(t)
  const page = await listen(t, app, (await setUp(app.origin)).access_token)
  for (let n = 0; n < 3; n++) page.socket.send('{"action":"dance"}')
  await until(() => app.stats.codes().frame_invalid === 3, 'three refusals')
  t.match(
    app.logged.filter(({ code }) => code === 'frame_invalid'),
    [{ level: 40, detail: /action is subscribe, unsubscribe, snapshot, replay or renew/ }],
  )
})
