/** What the log of MQTT messages says where things do not go as they should. */
import t from 'tap'
import { createMessageLog } from '../../broker/message-log.js'
import { search } from '../../realtime/message-search.js'
import { outsider } from '../storage/open.js'
import { actuatorDevice } from '../support/actuator-device.js'
import { type OpenApp, openApp } from '../support/app.js'
import { people, request } from '../support/http.js'
import { connected, reading, topicOf } from '../support/mqtt.js'
import { until } from '../support/until.js'

const newest = async (app: OpenApp, token: string, query: string) => {
  const { body } = await request(app, 'GET', `/mqtt/messages?limit=1&${query}`, { token })
  return (body.data as Record<string, unknown>[])[0] ?? {}
}
const effects = async (app: OpenApp, token: string, { id }: Record<string, unknown>) =>
  (await request(app, 'GET', `/mqtt/messages/${id}/effects`, { token })).body

t.test('while storage fails a message waits, is not acknowledged, and its rows are not known', async (t) => {
  const app = await openApp(t)
  const { viewer } = await people(app)
  const device = await connected(t, app)
  await device.publishAsync(topicOf(), reading(0), { qos: 1 })
  const other = outsider(t, `${app.dir}/kaiser.db`)
  other.exec('BEGIN IMMEDIATE')
  const sent = device.publishAsync(topicOf(), reading(1), { qos: 1 })
  await until(async () => (await newest(app, viewer, 'type=sensor_data')).outcome === 'waiting', 'a wait')
  const waiting = await newest(app, viewer, 'type=sensor_data')
  t.match(waiting, { acknowledged: false })
  t.match(await effects(app, viewer, waiting), { readings: [], unknown: [{ part: 'rows' }] })
  other.exec('COMMIT')
  await sent
  const written = await newest(app, viewer, 'type=sensor_data')
  t.match(written, { id: waiting.id, outcome: 'handled', acknowledged: true })
  t.match(await effects(app, viewer, written), { readings: [{ raw_value: 20.1 }], unknown: [] })
})

t.test('what devices must not obey leads to its reject and to the entry of the audit', async (t) => {
  const app = await openApp(t)
  const { viewer } = await people(app)
  const forger = await connected(t, app, { clientId: 'forger' })
  const topic = 'kaiser/god/esp/ESP_12AB34CD/zone/assign'
  await forger.publishAsync(topic, '{"zone_id":"hell"}', { qos: 2 })
  const refused = await newest(app, viewer, 'outcome=command_refused')
  t.match(refused, { topic, type: 'zone_assign', client_id: 'forger', qos: 2, acknowledged: true })
  t.match(await effects(app, viewer, refused), {
    reject: { code: 'command_refused', message_id: refused.id },
    audit: [{ event_type: 'command_refused', source_id: 'anonymous' }],
    events: ['system_event'],
    unknown: [],
  })
})

t.test('a command over MQTT that a limit refuses leads to the command, which says why', async (t) => {
  const app = await openApp(t)
  const { operator, viewer } = await people(app)
  const person = await connected(t, app, { username: 'a-operator', password: 'Tomato-2026' })
  const pump = await actuatorDevice(t, app, 'ESP_12AB34CD')
  await pump.is('off')
  const topic = 'kaiser/god/esp/ESP_12AB34CD/actuator/5/command'
  const say = (correlation_id: string, command: string) =>
    person.publishAsync(topic, JSON.stringify({ command, correlation_id }), { qos: 1 })
  await say('mine-0', 'DANCE')
  t.match(await effects(app, viewer, await newest(app, viewer, 'outcome=payload_invalid')), {
    message: { correlation_id: 'mine-0' },
    commands: [],
    reject: { said_by: 'a-operator' },
    unknown: [],
  })
  await request(app, 'POST', '/actuators/emergency_stop', {
    token: operator,
    body: { esp_id: 'ESP_12AB34CD', reason: 'a leak' },
  })
  await say('mine-1', 'ON')
  const asked = await newest(app, viewer, 'type=actuator_command&direction=in')
  t.match(asked, { correlation_id: 'mine-1', type: 'actuator_command' })
  const came = (await effects(app, viewer, asked)) as { commands: Record<string, unknown>[] }
  t.match(came.commands, [{ state: 'refused', limit_name: /stop/, issued_by: /a-operator/ }])
})

t.test('a slow reader is told how many messages rolled out before their turn', async (t) => {
  const log = createMessageLog({ bounds: { logged_messages: 150, logged_bytes: 1_000_000 }, now: Date.now })
  const { messages } = log
  const say = (n: number) => log.said(topicOf(), `{"n":${n}}`, 1, false)
  for (let n = 0; n < 150; n++) say(n)
  const found: unknown[] = []
  const until = messages.newest
  for await (const one of search(messages, {}, () => true, [messages.oldest, until])) {
    found.push(one)
    if (found.length === 100) for (let n = 0; n < 120; n++) say(n)
  }
  t.match(found[100], { lost: 20 })
  t.equal(found.length, 100 + 1 + 30)
  t.match(found.at(-1), { id: until })
})
