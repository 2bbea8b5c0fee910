/** A page that was away asks for what it missed, and is told honestly whether that is all. */
import t from 'tap'
import { Compile } from 'typebox/compile'
import { createHub } from '../../realtime/hub.js'
import type { Event } from '../../routing/contract/events.js'
import { BatchFrame, type EventFrame, ReplayFrame } from '../../routing/contract/frames.js'
import { setUp } from '../support/administrator.js'
import { openApp, type Teardown } from '../support/app.js'
import { connected, reading, topicOf } from '../support/mqtt.js'
import { network } from '../support/network.js'
import { listen } from '../support/socket.js'

const health = (n: number, esp_id = 'ESP_1'): Event =>
  ({ type: 'esp_health', data: { esp_id, uptime: n } }) as unknown as Event
const value = (n: number, gpio = 4): Event =>
  ({
    type: 'sensor_data',
    data: { esp_id: 'ESP_1', gpio, sensor_type: 'ds18b20', address: null, value: n },
  }) as unknown as Event
const alarm = (n: number): Event =>
  ({ type: 'actuator_alert', data: { esp_id: 'ESP_1', gpio: n } }) as unknown as Event

/** A hub, and a page on a network that the test plays. */
function hall(t: Teardown) {
  const failures: string[] = []
  const hub = createHub({
    now: () => 1_000,
    monotonic: () => 0,
    failed: (error, what) => void failures.push(`${what}: ${error}`),
  })
  t.teardown(() => hub.close())
  /** Lets what was emitted leave. */
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const join = (rate = 0) => {
    const page = network(rate)
    hub.join('page', page.subscriber)
    const events = () =>
      page.sent.flatMap(({ frame }) =>
        frame.type === 'batch' ? (frame as unknown as BatchFrame).events : [frame as unknown as EventFrame],
      )
    /** What it is told after asking: the answer, and the events. */
    const replay = async (since: string) => {
      await turn()
      page.sent.length = 0
      hub.replay(page.subscriber, since)
      const [answer, ...rest] = events()
      return { answer: answer!.data as ReplayFrame['data'], events: rest }
    }
    return { ...page, events, replay, leave: () => hub.leave('page', page.subscriber) }
  }
  return { hub, join, turn, failures }
}

const uptimes = (events: readonly { data: object }[]) =>
  events.map(({ data }) => (data as { uptime: number }).uptime)

t.test('a page that comes back hears what it missed, in order, and nothing twice', async (t) => {
  const app = await openApp(t)
  const { access_token } = await setUp(app.origin)
  const device = await connected(t, app)
  const before = await listen(t, app, access_token)
  await device.publishAsync(topicOf(), reading(1), { qos: 1 })
  const { cursor } = await before.heard('esp_health')
  before.socket.terminate()
  await before.end()
  await device.publishAsync(topicOf(), reading(2), { qos: 1 })
  await device.publishAsync(
    'kaiser/god/esp/ESP_1/system/heartbeat',
    '{"uptime":7,"heap_free":9,"wifi_rssi":-50}',
    {
      qos: 1,
    },
  )
  await device.publishAsync(topicOf(), reading(3), { qos: 1 })

  const page = await listen(t, app, access_token)
  page.say({ action: 'replay', since: cursor })
  const answer = await page.heard('replay')
  const batch = await page.heard('batch')
  t.ok(Compile(ReplayFrame).Check(answer))
  t.ok(Compile(BatchFrame).Check(batch))
  t.match(answer.data, { since: cursor, complete: true, missed: 0, events: 3 })
  t.strictSame(
    batch.events?.map(({ type, data }) => [type, data.value ?? data.uptime]),
    [
      ['sensor_data', 20.2],
      ['esp_health', 7],
      ['sensor_data', 20.3],
    ],
  )
  t.equal(batch.events?.at(-1)?.cursor, answer.data.cursor, 'the answer says how far it goes')
  t.equal(page.frames.length, 2)

  page.say({ action: 'replay', since: answer.data.cursor })
  const again = await page.heard('replay', 2)
  t.match(again.data, { complete: true, missed: 0, events: 0 })
})

t.test('a replay keeps to the filter', async (t) => {
  const { hub, join, turn } = hall(t)
  const page = join()
  hub.emit(health(0))
  await turn()
  const { cursor } = page.events()[0]!
  for (let n = 1; n <= 3; n++) {
    hub.emit(health(n))
    hub.emit(health(10 + n, 'ESP_2'))
    hub.emit(value(n))
  }
  page.subscriber.subscribe({ types: ['esp_health'], esp_ids: ['ESP_2'] })
  const { answer, events } = await page.replay(cursor!)
  t.match(answer, { complete: true, missed: 0, events: 3 })
  t.strictSame(uptimes(events), [11, 12, 13])
})

t.test('what is forgotten is counted, or said to be unknown where a filter hides it', async (t) => {
  const { hub, join, turn } = hall(t)
  const page = join()
  hub.emit(alarm(0))
  await turn()
  const { cursor } = page.events()[0]!
  for (let n = 1; n <= 5_000; n++) hub.emit(value(n))
  hub.emit(alarm(1))

  const all = await page.replay(cursor!)
  t.match(all.answer, { complete: false, missed: 3_000, events: 2_001 })
  t.equal((all.events[0]!.data as { value: number }).value, 3_001, 'the oldest that is remembered')
  t.equal(all.events.at(-1)!.type, 'actuator_alert')

  page.subscriber.subscribe({ sensor_types: ['ds18b20'] })
  t.match((await page.replay(cursor!)).answer, { complete: false, missed: null })
  page.subscriber.subscribe({ types: ['actuator_alert'] })
  t.match(
    (await page.replay(cursor!)).answer,
    { complete: true, missed: 0, events: 1 },
    'readings push no alert out',
  )
})

t.test('few large events are forgotten before many small ones', async (t) => {
  const { hub, join, turn } = hall(t)
  const page = join()
  hub.emit(health(0))
  await turn()
  const { cursor } = page.events()[0]!
  const large = 'x'.repeat(1_000_000)
  for (let n = 1; n <= 10; n++)
    hub.emit({ type: 'system_event', data: { event_type: 'start', message: large, details: { n } } })
  page.subscriber.subscribe({ types: ['system_event'] })
  const { answer, events } = await page.replay(cursor!)
  t.match(answer, { complete: false, missed: null, events: 4 })
  t.strictSame(
    events.map(({ data }) => (data as { details: { n: number } }).details.n),
    [7, 8, 9, 10],
  )
})

t.test(
  'a cursor of an earlier start brings everything of this one, and says that more is gone',
  async (t) => {
    const { hub, join } = hall(t)
    const page = join()
    hub.emit(health(1))
    for (const since of ['0a1b2c3d.7', 'zz.1']) {
      const { answer, events } = await page.replay(since)
      t.match(answer, { since, complete: false, missed: null, events: 1 })
      t.strictSame(uptimes(events), [1])
    }
    const [own] = hub.cursor(page.subscriber).split('.')
    t.match(
      (await page.replay(`${own}.99999`)).answer,
      { complete: false, missed: null },
      'one from the future',
    )
  },
)

t.test('a frame that overtakes others says since when to ask; nothing is lost between', async (t) => {
  const { hub, join, turn } = hall(t)
  const page = join(2)
  for (let n = 1; n <= 4; n++) hub.emit(health(n))
  hub.emit(value(5))
  hub.emit(alarm(6))
  await turn()
  const heard = page.events()
  t.strictSame(
    heard.map(({ type }) => type),
    ['esp_health', 'esp_health', 'actuator_alert'],
  )
  t.strictSame(
    heard.map(({ since }) => since !== undefined),
    [false, false, true],
    'the alert came before two that wait',
  )
  t.equal(heard[2]!.since, heard[1]!.cursor)
  t.equal(hub.cursor(page.subscriber), heard[1]!.cursor)

  page.leave()
  const back = join(0)
  const { answer, events } = await back.replay(heard[2]!.since!)
  t.match(answer, { complete: true, events: 4 })
  t.strictSame(
    events.map(({ type }) => type),
    ['esp_health', 'esp_health', 'sensor_data', 'actuator_alert'],
  )
})

t.test('what waited when a replay was asked for is sent with it, and not again', async (t) => {
  const { hub, join, turn } = hall(t)
  const page = join(1)
  for (let n = 1; n <= 4; n++) hub.emit(health(n))
  await turn()
  const { answer, events } = await page.replay(page.events()[0]!.cursor!)
  t.match(answer, { complete: true, events: 3 })
  t.strictSame(uptimes(events), [2, 3, 4])
  page.state.now = 1_000
  page.subscriber.resume()
  hub.emit(health(5))
  await turn()
  t.strictSame(uptimes(page.events().slice(4)), [5])
})

t.test('values that were not stored say so in a replay, as they did when they were told', async (t) => {
  const { hub, join } = hall(t)
  const page = join()
  hub.emit(value(1), false)
  hub.emit(value(2))
  const { events } = await page.replay('zz.0')
  t.strictSame(
    events.map(({ timestamp, data }) => [timestamp, data.value, data.stored]),
    [
      [1, 1, false],
      [1, 2, undefined],
    ],
  )
})

t.test('an event that cannot be told is left out of a replay too, and breaks nothing', async (t) => {
  const { hub, join, failures } = hall(t)
  const page = join()
  const loop: Record<string, unknown> = {}
  loop.self = loop
  hub.emit({ type: 'system_event', data: { event_type: 'start', message: 'x', details: loop } })
  hub.emit(health(1))
  t.strictSame(uptimes((await page.replay('zz.0')).events), [1])
  t.equal(failures.length, 1, 'reported when it was told')
})

t.test('what must be named is not remembered, and pushes nothing out', async (t) => {
  const { hub, join, turn } = hall(t)
  const raw = { type: 'mqtt_message', data: { topic: 'kaiser/god/x' } } as unknown as Event
  const page = join()
  page.subscriber.subscribe({ types: ['mqtt_message', 'esp_health'] })
  hub.emit(health(1))
  await turn()
  const { cursor } = page.events()[0]!
  hub.emit(health(2))
  for (let n = 0; n < 5_000; n++) hub.emit(raw)
  const { answer, events } = await page.replay(cursor!)
  t.match(answer, { complete: true, missed: 0, events: 1 })
  t.strictSame(uptimes(events), [2])
})
