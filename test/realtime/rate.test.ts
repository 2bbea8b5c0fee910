import t from 'tap'
import { createHub } from '../../realtime/hub.js'
import type { Event } from '../../routing/contract/events.js'
import { setUp } from '../support/administrator.js'
import { openApp } from '../support/app.js'
import { people } from '../support/http.js'
import { connected, reading, topicOf } from '../support/mqtt.js'
import { network } from '../support/network.js'
import { listen } from '../support/socket.js'
import { until } from '../support/until.js'

const health = (n: number): Event =>
  ({ type: 'esp_health', data: { esp_id: 'ESP_1', uptime: n } }) as unknown as Event
const value = (n: number, gpio = 4): Event =>
  ({
    type: 'sensor_data',
    data: { esp_id: 'ESP_1', gpio, sensor_type: 'ds18b20', address: null, value: n },
  }) as unknown as Event
const system = (): Event => ({
  type: 'system_event',
  data: { event_type: 'start', message: 'x', details: {} },
})

t.test(
  'within any second no more frames leave than the limit says, and none waits without need',
  async (t) => {
    const { sent, state, subscriber, take } = network(10)
    t.teardown(() => subscriber.ended())
    for (let n = 0; n < 400; n++) {
      state.now = n * 7
      take(health(n))
      subscriber.resume()
    }
    for (; state.now < 60_000; state.now += 50) subscriber.resume()
    for (const { at } of sent) {
      const within = sent.filter((other) => other.at >= at && other.at < at + 1_000).length
      if (within > 10) t.fail(`${within} frames in the second from ${at} ms`)
    }
    const skipped = sent.reduce((sum, { frame }) => sum + (frame.skipped ?? 0), 0)
    t.equal(sent.length + skipped, 400, 'what was not sent was said to be skipped')
    t.ok(skipped > 0)
  },
)

t.test('over the limit the latest value of each sensor waits, and says how many it stands for', async (t) => {
  const { sent, state, subscriber, take } = network(2)
  t.teardown(() => subscriber.ended())
  take(value(1))
  take(value(2))
  for (let n = 3; n <= 9; n++) {
    take(value(n))
    take(value(n * 100, 5))
  }
  state.now = 1_000
  subscriber.resume()
  t.strictSame(
    sent.map(({ frame }) => [frame.data.gpio, frame.data.value, frame.skipped]),
    [
      [4, 1, undefined],
      [4, 2, undefined],
      [4, 9, 12],
      [5, 900, undefined],
    ],
  )
})

t.test('events that never end do not keep values from being sent, nor the other way round', async (t) => {
  const { sent, state, subscriber, take } = network(2)
  t.teardown(() => subscriber.ended())
  for (let second = 0; second < 10; second++) {
    state.now = second * 1_000
    for (let n = 0; n < 5; n++) {
      take(health(10 * second + n))
      take(value(10 * second + n))
    }
    subscriber.resume()
  }
  const of = (type: string): number => sent.filter(({ frame }) => frame.type === type).length
  t.strictSame([sent.length, of('sensor_data')], [20, 10])
})

t.test('urgent events pass a full second, a full queue and a slow network', async (t) => {
  const { sent, state, subscriber, take } = network(2)
  t.teardown(() => subscriber.ended())
  for (let n = 0; n < 500; n++) take(health(n))
  state.buffered = 1_000_000
  for (let n = 0; n < 50; n++) take(system())
  t.equal(sent.filter(({ frame }) => frame.type === 'system_event').length, 50)
  for (const type of ['actuator_alert', 'emergency_stop', 'emergency_device'])
    take({ type, data: { esp_id: 'ESP_1' } } as unknown as Event)
  t.equal(sent.length, 2 + 50 + 3)
  t.ok((sent[2]?.frame.skipped ?? 0) > 0, 'the first of them says what was left out')
})

t.test('what is about everything is about each device that was asked for', async (t) => {
  const { subscriber } = network(0)
  subscriber.subscribe({ esp_ids: ['ESP_1'] })
  const stop = (esp_id: string | null): Event =>
    ({ type: 'emergency_stop', data: { esp_id } }) as unknown as Event
  t.strictSame(
    ['ESP_1', 'ESP_2', 'ALL', null].map((esp_id) => subscriber.wants(stop(esp_id))),
    [true, false, true, true],
  )
})

t.test('what waits is what the filter of now asks for', async (t) => {
  const { sent, state, subscriber, take } = network(1)
  t.teardown(() => subscriber.ended())
  take(health(1))
  take(health(2))
  take(value(3))
  subscriber.subscribe({ types: ['sensor_data'] })
  state.now = 1_000
  subscriber.resume()
  t.strictSame(
    sent.map(({ frame }) => frame.type),
    ['esp_health', 'sensor_data'],
  )
})

t.test('a slow network gets a snapshot, never an unbounded queue; a hopeless one is given up', async (t) => {
  for (const rate of [0, 1_000_000]) {
    const { sent, state, subscriber, take } = network(rate)
    t.teardown(() => subscriber.ended())
    state.buffered = 9_000_000
    for (let n = 0; n < 10_000; n++) {
      take(value(n, n % 3))
      take(health(n))
    }
    t.strictSame(sent, [])
    state.buffered = 0
    subscriber.resume()
    t.equal(sent.length, 203, 'the latest 200 events and one value per sensor')
    state.buffered = 17_000_000
    take(system())
    t.equal(state.closed, 1013)
  }
})

t.test('a socket that throws harms neither the others nor the house, in an emit or later', async (t) => {
  const failures: string[] = []
  const hub = createHub({
    now: Date.now,
    monotonic: () => performance.now(),
    failed: (_error, what) => void failures.push(what),
  })
  const bad = network(0)
  const good = network(0)
  hub.join('bad', bad.subscriber)
  hub.join('good', good.subscriber)
  bad.state.broken = true

  hub.emit(system())
  await until(() => good.sent.length === 1, 'the other to hear it')
  t.strictSame(failures, ['send'])

  // What waits for the network leaves in a timer of its own.
  bad.state.buffered = 9_000_000
  hub.emit(health(1))
  bad.state.buffered = 0
  await until(() => bad.failures.length === 1, 'the timer')
  await until(() => good.sent.length === 2, 'the other to hear it')
  hub.join('bad', network(0).subscriber)
  t.equal(hub.size, 2)
  hub.close()
})

t.test('a page over its limit hears the latest readings, and alarms at once', async (t) => {
  const app = await openApp(t, { wsRate: 10 })
  const page = await listen(t, app, (await setUp(app.origin)).access_token)
  const device = await connected(t, app)
  const started = performance.now()
  await Promise.all(
    Array.from({ length: 300 }, (_, n) => device.publishAsync(topicOf(), reading(n), { qos: 1 })),
  )
  app.hub.emit(system())
  await until(() => page.frames.some(({ type }) => type === 'system_event'), 'the urgent one')
  const newest = (JSON.parse(reading(299)) as { ts: number }).ts / 1000
  await until(() => page.frames.at(-1)?.data.timestamp === newest, 'the newest reading')

  // However late frames arrive, by any moment no more than the limit allows until then can have.
  const readings = page.frames.flatMap(({ type }, n) =>
    type === 'sensor_data' ? [page.times[n]! - started] : [],
  )
  for (const [n, at] of readings.entries())
    if (n >= 10 * (Math.floor(at / 1_000) + 1)) t.fail(`frame ${n + 1} after ${at} ms`)
  const skipped = page.frames.reduce((sum, frame) => sum + (frame.skipped ?? 0), 0)
  t.equal(readings.length + skipped, 300)
})

t.test('an operator may ask for no limit, anybody for a lower one, and a viewer for no more', async (t) => {
  const app = await openApp(t, { wsRate: 10 })
  const { operator, viewer } = await people(app)
  const free = await listen(t, app, operator, 'free')
  const calm = await listen(t, app, operator, 'calm')
  const guest = await listen(t, app, viewer, 'guest')
  for (const [page, rate] of [
    [free, 0],
    [calm, 1],
    [guest, 0],
  ] as const)
    page.say({ action: 'subscribe', filters: { types: ['esp_health', 'actuator_alert'] }, rate })
  t.match((await guest.heard('error')).data, {
    code: 'permission_denied',
    detail: /at most 10 frames a second/,
  })
  await free.filter({ types: ['esp_health', 'actuator_alert'] })
  await calm.filter({ types: ['esp_health', 'actuator_alert'] })

  for (let n = 0; n < 200; n++) app.hub.emit(health(n))
  app.hub.emit({ type: 'actuator_alert', data: { esp_id: 'ESP_1' } } as unknown as Event)
  for (const page of [free, calm, guest]) await page.heard('actuator_alert')
  const before = (page: typeof free) =>
    page.frames.slice(
      0,
      page.frames.findIndex(({ type }) => type === 'actuator_alert'),
    )
  const healthy = (page: typeof free) => before(page).filter(({ type }) => type === 'esp_health').length
  t.strictSame([free, calm, guest].map(healthy), [200, 1, 10], 'and the alert waits for nobody’s limit')
})
