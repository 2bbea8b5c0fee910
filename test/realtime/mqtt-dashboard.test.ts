/** A dashboard in a browser may speak MQTT alone: it logs in on `/mqtt` with its token, hears every event, and acts by role. */
import mqtt, { type IClientOptions } from 'mqtt'
import t from 'tap'
import { type Event, events } from '../../routing/contract/events.js'
import { openApp, type Teardown } from '../support/app.js'
import { people, request } from '../support/http.js'
import { client, connected, reading, topicOf, webSocket } from '../support/mqtt.js'
import { ticket } from '../support/socket.js'
import { until } from '../support/until.js'

const HOUR = 3_600_000

async function house(t: Teardown) {
  const clock = { skew: 0 }
  const app = await openApp(t, { now: () => Date.now() + clock.skew })
  const tokens = await people(app)
  const open = (username: string, password: string, options: IClientOptions = {}) => {
    const page = client(t, webSocket(app), { username, password, ...options })
    const heard: { topic: string; type: string; retain: boolean }[] = []
    let closed = false
    let refused: string | undefined
    page.on('message', (topic, payload, { retain }) => {
      heard.push({ topic, type: (JSON.parse(String(payload)) as { type: string }).type, retain })
    })
    page.on('close', () => {
      closed = true
    })
    page.on('error', (error) => {
      refused = error.message
    })
    return {
      page,
      heard,
      get closed() {
        return closed
      },
      get refused() {
        return refused
      },
    }
  }
  return { app, clock, open, ...tokens }
}

t.test('every type of event has its topic, and one subscription hears them all', async (t) => {
  const { app, open, viewer } = await house(t)
  const { page, heard } = open('a-viewer', viewer)
  await until(() => page.connected, 'the connection')
  const [granted] = await page.subscribeAsync('kaiser/god/event/#', { qos: 1 })
  t.not(granted?.qos, 128)
  for (const type of Object.keys(events))
    app.hub.emit({ type, data: { esp_id: 'ESP_1' } } as unknown as Event)
  const types = Object.keys(events).filter((type) => type !== 'mqtt_message')
  await until(() => heard.length >= types.length, 'all of them')
  t.strictSame(
    heard,
    types.map((type) => ({ topic: `kaiser/god/event/${type}`, type, retain: false })),
  )
})

t.test('a dashboard hears no more when its token has run out, and comes back with a new one', async (t) => {
  const { app, clock, open, viewer } = await house(t)
  const login = async (): Promise<string> => {
    const body = { username: 'a-viewer', password: 'Tomato-2026' }
    const answer = await request(app, 'POST', '/auth/login', { body })
    return (answer.body.tokens as { access_token: string }).access_token
  }
  const old = open('a-viewer', viewer, { clientId: 'dashboard' })
  await until(() => old.page.connected, 'the connection')
  await old.page.subscribeAsync('kaiser/god/event/#')
  clock.skew = HOUR
  await until(() => old.closed, 'the end of the connection')
  t.equal(app.stats.codes().token_expired, 1)

  const late = open('a-viewer', viewer, { clientId: 'dashboard' })
  await until(() => late.refused, 'a refusal')
  t.match(late.refused, /Not authorized|Bad user/i)

  const young = open('jwt', await login(), { clientId: 'dashboard' })
  await until(() => young.page.connected, 'the connection')
  await young.page.subscribeAsync('kaiser/god/event/sensor_data')
  const device = await connected(t, app)
  await device.publishAsync(topicOf(), reading(1), { qos: 1 })
  await until(() => young.heard.length === 1, 'an event')
})

t.test('one client goes on across tokens: mqtt.js asks for the password each time it connects', async (t) => {
  const { app, clock, viewer } = await house(t)
  let token = viewer
  const page = mqtt.connect(webSocket(app), { username: 'jwt', password: token, reconnectPeriod: 50 })
  t.teardown(() => page.endAsync(true))
  page.on('error', () => {})
  page.on('close', () => {
    page.options.password = token
  })
  const heard: string[] = []
  page.on('message', (topic) => void heard.push(topic))
  await until(() => page.connected, 'the connection')
  await page.subscribeAsync('kaiser/god/event/system_event')
  clock.skew = HOUR / 3
  const body = { username: 'a-viewer', password: 'Tomato-2026' }
  const answer = await request(app, 'POST', '/auth/login', { body })
  token = (answer.body.tokens as { access_token: string }).access_token
  clock.skew = (2 * HOUR) / 3
  await until(() => !page.connected, 'the end of the connection')
  await until(() => page.connected, 'the next connection')
  await until(() => {
    app.hub.emit({ type: 'system_event', data: { event_type: 'start', message: 'x', details: {} } })
    return heard.length > 0
  }, 'an event: it subscribed again by itself')
})

t.test(
  'a viewer hears and does not act; nobody says events; a ticket is for the realtime socket',
  async (t) => {
    const { app, open, viewer, operator } = await house(t)
    const device = await connected(t, app)
    const obeyed: string[] = []
    device.on('message', (topic) => void obeyed.push(topic))
    await device.subscribeAsync('kaiser/god/esp/ESP_12AB34CD/actuator/5/command')

    const guest = open('a-viewer', viewer)
    await until(() => guest.page.connected, 'the guest')
    await guest.page.subscribeAsync('kaiser/god/event/#')
    const command = '{"command":"ON","value":1}'
    guest.page.publish('kaiser/god/esp/ESP_12AB34CD/actuator/5/command', command, { qos: 0 })
    // MQTT 3.1.1 has no other way to say no than to close the connection. [MQTT-3.3.5-2]
    await until(() => guest.closed, 'the end of the guest')
    const worker = open('a-operator', operator)
    await until(() => worker.page.connected, 'the operator')
    worker.page.publish('kaiser/god/event/system_event', '{"type":"system_event"}', { qos: 0 })
    await until(() => app.stats.codes().publish_forbidden === 2, 'two refusals')
    t.strictSame(obeyed, [])
    t.notOk(guest.heard.some(({ type }) => type === 'system_event'))

    const short = open('a-operator', await ticket(app, operator))
    await until(() => short.refused, 'a refusal')
    t.notOk(short.page.connected, 'it stands in an address, and what acts needs more')
  },
)
