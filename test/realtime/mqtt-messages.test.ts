import t from 'tap'
import { actuatorDevice } from '../support/actuator-device.js'
import { type OpenApp, openApp } from '../support/app.js'
import { people, request } from '../support/http.js'
import { connected, reading, topicOf } from '../support/mqtt.js'
import { listen } from '../support/socket.js'
import { until } from '../support/until.js'

const ESP = 'ESP_12AB34CD'

interface Message extends Record<string, unknown> {
  id: number
  topic: string
  type: string | null
  payload: string | null
  outcome: string
}
interface Page {
  data: Message[]
  next_before: number | null
  oldest: number | null
  newest: number | null
  lost: number
}
interface Effects extends Record<string, unknown> {
  readings: Record<string, unknown>[]
  actuator_history: Record<string, unknown>[]
  commands: Record<string, unknown>[]
  related: Message[]
  events: string[]
  unknown: { part: string; why: string }[]
}

const page = async (app: OpenApp, token: string, query = ''): Promise<Page> => {
  const { status, body } = await request(app, 'GET', `/mqtt/messages${query}`, { token })
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
  return body as unknown as Page
}
const effects = async (app: OpenApp, token: string, { id }: Message): Promise<Effects> =>
  (await request(app, 'GET', `/mqtt/messages/${id}/effects`, { token })).body as unknown as Effects
/** The only message of a search. */
const only = async (app: OpenApp, token: string, query: string): Promise<Message> => {
  const { data } = await page(app, token, query)
  if (data.length !== 1) throw new Error(`${data.length} messages fit ${query}`)
  return data[0]!
}

t.test('from a reading to its row, and to what realtime heard', async (t) => {
  const app = await openApp(t)
  const { viewer } = await people(app)
  const device = await connected(t, app, { clientId: 'pen' })
  await device.publishAsync(topicOf(), reading(5), { qos: 1 })

  const message = await only(app, viewer, '?type=sensor_data')
  t.match(message, {
    at: Number,
    direction: 'in',
    topic: topicOf(),
    esp_id: ESP,
    gpio: 4,
    client_id: 'pen',
    qos: 1,
    retain: false,
    dup: false,
    size: reading(5).length + 1,
    payload: reading(5),
    encoding: 'text',
    cut: false,
    masked: false,
    outcome: 'handled',
    acknowledged: true,
    correlation_id: null,
    reject_id: null,
  })
  const came = await effects(app, viewer, message)
  t.match(came, {
    success: true,
    message,
    readings: [{ esp_id: ESP, gpio: 4, sensor_type: 'ds18b20', raw_value: 20.5 }],
    reject: null,
    commands: [],
    rule_runs: [],
    unknown: [],
  })
  t.equal(came.readings.length, 1)
  t.ok(came.events.includes('sensor_data'))

  await device.publishAsync(topicOf(), reading(5), { qos: 1 })
  const [again] = (await page(app, viewer, '?type=sensor_data&limit=1')).data
  t.match(await effects(app, viewer, again!), { readings: [], unknown: [{ part: 'readings' }] })

  await device.publishAsync(
    `kaiser/god/esp/${ESP}/system/heartbeat`,
    JSON.stringify({ uptime: 5, heap_free: 90_000, wifi_rssi: -50, ts: 1 }),
    { qos: 1 },
  )
  const beat = await only(app, viewer, '?type=heartbeat')
  t.match(await effects(app, viewer, beat), { health_sample: { heap_free: 90_000, uptime: 5 }, unknown: [] })
  const answer = await only(app, viewer, '?type=heartbeat_ack')
  t.match(answer, { direction: 'out', client_id: null, outcome: 'sent', esp_id: ESP })
})

t.test('a command over REST: what went out, what came back, and the command with its stages', async (t) => {
  const app = await openApp(t)
  const { operator, viewer } = await people(app)
  const pump = await actuatorDevice(t, app, ESP)
  await pump.is('off')
  const asked = await request(app, 'POST', `/actuators/${ESP}/5/command`, {
    token: operator,
    body: { command: 'ON', duration: 60 },
  })
  t.equal(asked.status, 200)
  const { correlation_id } = asked.body as { correlation_id: string }
  await until(() => pump.commands().length > 0, 'the command')
  await pump.answers(correlation_id, 'ON')

  const out = await only(app, viewer, '?type=actuator_command')
  t.match(out, { direction: 'out', correlation_id, gpio: 5, outcome: 'sent' })
  await until(async () => (await only(app, viewer, '?type=actuator_command')).acknowledged === true, 'PUBACK')
  const back = await only(app, viewer, '?type=actuator_response')
  t.match(back, { direction: 'in', correlation_id, outcome: 'handled' })

  const stages = [{ state: 'pending' }, { state: 'sent' }, { state: 'acknowledged' }, { state: 'done' }]
  const ofOut = await effects(app, viewer, out)
  t.match(ofOut, { commands: [{ correlation_id, state: 'done', stages }], unknown: [] })
  t.strictSame(
    ofOut.related.map(({ id }) => id),
    [back.id],
  )
  const ofBack = await effects(app, viewer, back)
  t.match(ofBack, { commands: [{ correlation_id }], actuator_history: [{ correlation_id, state: 'done' }] })
  t.ok(ofBack.events.includes('actuator_response'))
  t.strictSame(
    ofBack.related.map(({ id }) => id),
    [out.id],
  )
})

t.test('a message that is refused leads to its reject, and the reject to the message', async (t) => {
  const app = await openApp(t)
  const { operator, viewer } = await people(app)
  const device = await connected(t, app, { clientId: 'pen' })
  await device.publishAsync(topicOf(), '{"raw_value":', { qos: 1 })
  await device.publishAsync('lab/x', 'not ours', { qos: 1 })
  await device.publishAsync('kaiser/other/esp/ESP_9/status', '{}', { qos: 1 })

  const message = await only(app, viewer, '?outcome=payload_not_json')
  const [reject] = (await request(app, 'GET', '/rejects', { token: operator })).body.data as { id: number }[]
  t.match(reject, { message_id: message.id, code: 'payload_not_json' })
  t.equal(message.reject_id, reject!.id)
  t.match(await effects(app, viewer, message), {
    readings: [],
    reject: { id: reject!.id, detail: /JSON/ },
    unknown: [],
  })
  t.match(await only(app, operator, '?outcome=not_ours'), { topic: 'lab/x', type: null, acknowledged: true })
  t.match(await only(app, viewer, '?outcome=kaiser_foreign'), { topic: 'kaiser/other/esp/ESP_9/status' })
  t.strictSame((await page(app, viewer, '?topic=lab/%23')).data, [], 'a viewer may not hear that')
  const foreign = await only(app, operator, '?topic=lab/%2B')
  t.match(await request(app, 'GET', `/mqtt/messages/${foreign.id}/effects`, { token: viewer }), {
    status: 404,
  })
})

t.test('found by topic filter, device, direction and text; in pages, newest first', async (t) => {
  const app = await openApp(t)
  const { viewer } = await people(app)
  const device = await connected(t, app)
  for (let n = 0; n < 5; n++)
    await device.publishAsync(topicOf('ESP_1', n), reading(n, 'ESP_1', n), { qos: 1 })
  await device.publishAsync(topicOf('ESP_2'), JSON.stringify({ note: 'Größe Ähre' }), { qos: 0 })
  await device.publishAsync(topicOf('ESP_2'), reading(9, 'ESP_2'), { qos: 1 })
  const topics = async (query: string) => (await page(app, viewer, query)).data.map(({ topic }) => topic)

  t.strictSame(await topics('?topic=kaiser/%2B/esp/ESP_1/sensor/3/%23'), [topicOf('ESP_1', 3)])
  t.equal((await topics('?esp_id=ESP_1&direction=in')).length, 5)
  t.strictSame(await topics(`?q=${encodeURIComponent('GRÖßE')}`), [topicOf('ESP_2')])
  const first = await page(app, viewer, '?esp_id=ESP_1&direction=in&limit=3')
  const second = await page(app, viewer, `?esp_id=ESP_1&direction=in&limit=3&before=${first.next_before}`)
  t.strictSame(
    [...first.data, ...second.data].map(({ topic }) => topic),
    [4, 3, 2, 1, 0].map((gpio) => topicOf('ESP_1', gpio)),
  )
  t.equal(second.next_before, null)
  for (const bad of ['?topic=a%23', '?topic=a/b%2B', '?type=tomato', '?limit=0', '?limit=501', '?before=x'])
    t.match(await request(app, 'GET', `/mqtt/messages${bad}`, { token: viewer }), { status: 422 }, bad)
  t.match(await request(app, 'GET', '/mqtt/messages'), { status: 401 })
  t.match(await request(app, 'GET', '/mqtt/messages/1/effects', { token: viewer }), { status: 404 })
})

t.test('when the log is full the oldest is gone, and the page can say where the window ends', async (t) => {
  const app = await openApp(t, { flags: ['--max-logged-messages', '10'] })
  const { admin, viewer } = await people(app)
  const device = await connected(t, app)
  for (let n = 0; n < 30; n++) await device.publishAsync(topicOf(), reading(n), { qos: 1 })
  const { data, oldest, newest, lost, next_before } = await page(app, viewer)
  t.equal(data.length, 10)
  t.equal(data[0]!.id, newest)
  t.equal(data.at(-1)!.id, oldest)
  t.ok(lost >= 20, `${lost} are lost`)
  t.equal(next_before, null)
  const bounds = (await request(app, 'GET', '/broker/bounds', { token: admin })).body.data as object[]
  t.match(
    bounds.find((bound) => (bound as { name: string }).name === 'logged_messages'),
    { value: 10, hits: lost, flag: '--max-logged-messages' },
  )
  t.equal(app.logged.filter(({ bound }) => bound === 'logged_messages').length, 0, 'which is no news')
})

t.test('secrets are blanked, bytes that are no text are base64, long payloads are cut', async (t) => {
  const app = await openApp(t)
  const { viewer, admin } = await people(app)
  const device = await connected(t, app)
  await device.publishAsync(topicOf(), reading(0), { qos: 1 })
  await app.broker.publish({
    topic: `kaiser/god/esp/${ESP}/config`,
    payload: JSON.stringify({ wifi_password: 'geheim', ssid: 'box' }),
    qos: 1,
    retain: false,
  })
  await app.broker.publish({
    topic: `kaiser/god/esp/${ESP}/mqtt/auth_update`,
    payload: 'geheim',
    qos: 1,
    retain: false,
  })
  const settings = await only(app, admin, '?type=config&q=ssid')
  t.match(settings, { masked: true, payload: '{"wifi_password":"***","ssid":"box"}', size: 39 })
  t.match(await only(app, admin, '?type=auth_update'), { masked: true, payload: null })
  t.strictSame((await page(app, admin, '?q=geheim')).data, [])

  const binary = Buffer.from([0xff, 0, 0x80, 1])
  await device.publishAsync(topicOf(), binary, { qos: 1 })
  await device.publishAsync(topicOf(), `"${'€'.repeat(5_000)}"`, { qos: 1 })
  const [long, bytes] = (await page(app, viewer, '?type=sensor_data')).data
  t.match(long, { size: 15_002, cut: true, encoding: 'text' })
  t.ok(long!.payload!.endsWith('€'))
  t.match(bytes, { payload: binary.toString('base64'), encoding: 'base64', size: 4, cut: false })
})

t.test('the export is a stream of the same messages, oldest first, with the same filter', async (t) => {
  const app = await openApp(t, { flags: ['--max-logged-messages', '4000'] })
  const { viewer } = await people(app)
  const device = await connected(t, app)
  const readings = 1_500
  for (let n = 0; n < readings; n++) device.publish(topicOf(), reading(n), { qos: 0 })
  await device.publishAsync(topicOf(), reading(readings), { qos: 1 })
  const answer = await fetch(`${app.origin}/api/v1/mqtt/messages/export?type=sensor_data`, {
    headers: { authorization: `Bearer ${viewer}` },
  })
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('content-type'), 'application/x-ndjson')
  t.match(
    answer.headers.get('content-disposition'),
    /^attachment; filename="mqtt-messages-\d{4}-\d\d-\d\d\.ndjson"$/,
  )
  let pieces = 0
  let text = ''
  for await (const piece of answer.body!) {
    pieces++
    text += Buffer.from(piece).toString('latin1')
  }
  t.ok(pieces > 3, `${pieces} pieces`)
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Message)
  t.equal(lines.length, readings + 1)
  t.ok(lines.every(({ id }, n) => n === 0 || id > lines[n - 1]!.id))
})

t.test('realtime says each message to who names it: after what became of it is known', async (t) => {
  const app = await openApp(t)
  const { viewer } = await people(app)
  const curious = await listen(t, app, viewer, 'curious')
  await curious.filter({ types: ['mqtt_message'] })
  const device = await connected(t, app, { clientId: 'pen' })
  await device.publishAsync('lab/x', 'nobody of ours', { qos: 1 })
  await device.publishAsync(topicOf(), reading(0), { qos: 1 })
  await device.publishAsync(topicOf(), 'no JSON', { qos: 1 })
  await until(() => curious.frames.some(({ data }) => data.outcome === 'payload_not_json'), 'the refusal')
  const heard = curious.frames.map(({ data }) => data)
  t.match(
    heard.find(({ outcome }) => outcome === 'handled'),
    { topic: topicOf(), client_id: 'pen', payload: reading(0), esp_id: ESP },
  )
  t.notOk(heard.some(({ topic }) => topic === 'lab/x'))
  t.match(
    heard.find(({ outcome }) => outcome === 'payload_not_json'),
    { reject_id: Number },
  )
})
