/** A page asks for everything as it is now, and begins with that. */
import t from 'tap'
import { Compile } from 'typebox/compile'
import { SnapshotFrame } from '../../routing/contract/frames.js'
import { type OpenApp, openApp, type Teardown } from '../support/app.js'
import { people, request } from '../support/http.js'
import { connected, reading, topicOf } from '../support/mqtt.js'
import { type Listener, listen } from '../support/socket.js'
import { until } from '../support/until.js'

type Data = SnapshotFrame['data']
const isSnapshot = Compile(SnapshotFrame)

async function snapshot(t: { ok(is: boolean, what: string): unknown }, page: Listener): Promise<Data[]> {
  const from = page.frames.length
  page.say({ action: 'snapshot' })
  const parts = () => page.frames.slice(from).filter(({ type }) => type === 'snapshot')
  await until(() => parts().length > 0 && parts().length === parts()[0]!.data.parts, 'all its parts')
  for (const part of parts()) t.ok(isSnapshot.Check(part), 'as the contract says')
  return parts().map(({ data }) => data as unknown as Data)
}

/** Two devices: readings of both, and a pump that runs. */
async function house(t: Teardown) {
  const app = await openApp(t)
  const { operator, viewer } = await people(app)
  const device = await connected(t, app)
  for (const id of ['ESP_AAAAAAAA', 'ESP_BBBBBBBB']) {
    await device.publishAsync(
      `kaiser/god/esp/${id}/system/heartbeat`,
      '{"uptime":1,"heap_free":9,"wifi_rssi":-5}',
      {
        qos: 1,
      },
    )
    for (const n of [1, 2]) await device.publishAsync(topicOf(id), reading(n, id), { qos: 1 })
  }
  await device.publishAsync(
    'kaiser/god/esp/ESP_AAAAAAAA/actuator/5/status',
    '{"esp_id":"ESP_AAAAAAAA","gpio":5,"actuator_type":"pump","state":true,"value":1}',
    { qos: 1 },
  )
  return { app, operator, page: await listen(t, app, viewer), device }
}

const shown = ({ readings, devices, actuators, stops, stop_devices }: Data) => ({
  readings: readings.map(({ esp_id, value, topic }) => [esp_id, value, topic]),
  devices: devices.map(({ esp_id, status }) => [esp_id, status]),
  actuators: actuators.map(({ esp_id, gpio, state }) => [esp_id, gpio, state]),
  stops: stops.map(({ state, scope }) => [state, scope]),
  stop_devices: stop_devices.map(({ esp_id }) => esp_id),
})

t.test('a snapshot has the latest value of every sensor and the state of everything', async (t) => {
  const { page } = await house(t)
  const [data, ...more] = await snapshot(t, page)
  t.strictSame(more, [])
  t.strictSame(shown(data!), {
    readings: ['ESP_AAAAAAAA', 'ESP_BBBBBBBB'].map((id) => [id, 20.2, topicOf(id)]),
    devices: [
      ['ESP_AAAAAAAA', 'online'],
      ['ESP_BBBBBBBB', 'online'],
    ],
    actuators: [['ESP_AAAAAAAA', 5, 'on']],
    stops: [],
    stop_devices: [],
  })
})

t.test('a snapshot keeps to the filter of its socket', async (t) => {
  const { page } = await house(t)
  await page.filter({ esp_ids: ['ESP_BBBBBBBB'] })
  const [one] = await snapshot(t, page)
  t.match(shown(one!), { readings: [['ESP_BBBBBBBB']], devices: [['ESP_BBBBBBBB']], actuators: [] })
  t.equal(one!.readings.length, 1)
  await page.filter({ types: ['actuator_status'] })
  const [two] = await snapshot(t, page)
  t.match(shown(two!), { readings: [], devices: [], actuators: [['ESP_AAAAAAAA', 5, 'on']] })
})

const stop = (app: OpenApp, token: string) =>
  request(app, 'POST', '/actuators/emergency_stop', { token, body: { reason: 'smoke' } })
const release = (app: OpenApp, token: string) =>
  request(app, 'POST', '/actuators/clear_emergency', { token, body: { reason: 'over' } })

t.test(
  'an emergency stop that holds is in it, whom it stopped, and whether its release is armed',
  async (t) => {
    const { app, operator, page } = await house(t)
    await stop(app, operator)
    const [stopped] = await snapshot(t, page)
    t.match(shown(stopped!), { stops: [['stopped', 'all']] })
    t.match(stopped!.stops, [{ reason: 'smoke', issued_by: 'emergency:a-operator' }])
    t.strictSame(shown(stopped!).stop_devices.sort(), ['ESP_AAAAAAAA', 'ESP_BBBBBBBB'])
    t.equal((await release(app, operator)).status, 202)
    t.match(shown((await snapshot(t, page))[0]!), { stops: [['armed', 'all']] })
  },
)

t.test('what happens after a snapshot is heard, or replayed since its cursor', async (t) => {
  const { page, device } = await house(t)
  const [data] = await snapshot(t, page)
  await device.publishAsync(topicOf('ESP_AAAAAAAA'), reading(3, 'ESP_AAAAAAAA'), { qos: 1 })
  const live = await page.heard('sensor_data')
  page.say({ action: 'replay', since: data!.cursor })
  const { events } = await page.heard('batch')
  t.strictSame(events, [live], 'the same event has the same cursor')
})

t.test('a large house comes in parts, whole devices in each, and none twice', async (t) => {
  const { app, page, device } = await house(t)
  const ids = Array.from({ length: 300 }, (_, n) => `ESP_${String(n).padStart(8, '0')}`)
  await page.filter({ types: ['esp_health'] })
  await Promise.all(
    ids.flatMap((id) =>
      [4, 6].map((gpio) => device.publishAsync(topicOf(id, gpio), reading(1, id, gpio), { qos: 1 })),
    ),
  )
  await page.filter(null)
  t.equal(app.store.devices.list().length, 302)
  const parts = await snapshot(t, page)
  t.ok(parts.length > 1, `${parts.length} parts`)
  t.strictSame(
    parts.map(({ part }) => part),
    parts.map((_, n) => n + 1),
  )
  t.equal(new Set(parts.map(({ cursor }) => cursor)).size, 1)
  for (const { devices, readings } of parts) {
    const here = new Set(devices.map(({ esp_id }) => esp_id))
    if (!readings.every(({ esp_id }) => here.has(esp_id))) t.fail('a device is divided')
  }
  t.equal(new Set(parts.flatMap(({ devices }) => devices.map(({ esp_id }) => esp_id))).size, 302)
  t.equal(parts.flatMap(({ readings }) => readings).length, 602)
})
