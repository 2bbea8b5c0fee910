/** Whose a client id is: nobody takes the place, or ends the session, of somebody else. */
import t, { type Test } from 'tap'
import { register } from '../../routing/registry.js'
import { ADMINISTRATOR, ask, setUp } from '../support/administrator.js'
import { type OpenApp, openApp } from '../support/app.js'
import { connectMqtt } from '../support/client.js'
import { counted, hears, logged } from '../support/mqtt.js'
import { CONNACK, connect, type Hello, openWire } from '../support/mqtt-wire.js'
import { until } from '../support/until.js'

const VERA = { username: 'vera', password: 'Vera-2026' }
const TAKEN = 2

/** A kaiser with an administrator, a viewer and two devices. */
async function cast(t: Test, allowAnonymous = false) {
  const app = await openApp(t, { allowAnonymous, discovery: 'pending' })
  const { access_token: token } = await setUp(app.origin)
  await ask(app.origin, '/users', token, {
    method: 'POST',
    body: { ...VERA, email: 'vera@example.org', role: 'viewer' },
  })
  const device = async (esp_id: string) => {
    const { credentials } = await app.store.group.run(() =>
      register(app.store, esp_id, {}, 'test', Date.now()),
    )
    return { username: esp_id, password: credentials.mqtt_password }
  }
  return { app, token, one: await device('ESP_ONE'), two: await device('ESP_TWO') }
}

/** What CONNACK answers. */
async function answerTo(t: Test, app: OpenApp, hello: Hello): Promise<number> {
  const wire = await openWire(t, app.mqttPort)
  wire.send(connect(hello))
  const { body } = await wire.packet(CONNACK)
  wire.socket.destroy()
  return body[1]!
}

/** A lasting session that subscribed and went away. */
async function leave(t: Test, app: OpenApp, hello: { clientId: string }, filter: string): Promise<void> {
  const absent = await connectMqtt(t, app.mqttPort, { ...hello, clean: false })
  await absent.subscribeAsync(filter, { qos: 1 })
  await absent.endAsync()
  await gone(app, hello.clientId)
}

const gone = (app: OpenApp, id: string): Promise<void> =>
  until(() => !app.broker.clients().some(({ client_id }) => client_id === id), 'it to be gone')

t.test('nobody throws out somebody else by connecting with their client id', async (t) => {
  const { app, one, two } = await cast(t)
  const held = await connectMqtt(t, app.mqttPort, { ...one, clientId: 'valve' })
  for (const other of [VERA, two, ADMINISTRATOR])
    for (const clean of [true, false])
      t.equal(await answerTo(t, app, { ...other, clientId: 'valve', clean }), TAKEN)
  await held.publishAsync('kaiser/god/esp/ESP_ONE/note', 'still here', { qos: 1 })
  t.ok(held.connected)
  t.equal(counted(app, 'client_id_taken'), 6)
  t.equal(counted(app, 'session_taken_over'), 0)
  t.match(logged(app, 'client_id_taken')[0], {
    client_id: 'valve',
    by: 'user vera',
    held_by: 'device ESP_ONE',
    address: '127.0.0.1',
  })
  t.equal(await answerTo(t, app, { ...one, clientId: 'valve' }), 0, 'the same one takes over')
  t.equal(counted(app, 'session_taken_over'), 1)
})

t.test('an absent session outlasts everybody else who connects with its client id', async (t) => {
  const { app, token, one } = await cast(t, true)
  await leave(t, app, { ...one, clientId: 'valve' }, 'kaiser/god/esp/ESP_ONE/#')
  for (const other of [VERA, {}])
    for (const clean of [true, false])
      t.equal(await answerTo(t, app, { ...other, clientId: 'valve', clean }), TAKEN)
  const back = await connectMqtt(t, app.mqttPort, {
    ...one,
    clientId: 'valve',
    clean: false,
    manualConnect: false,
  })
  const heard = hears(back)
  await app.broker.publish({ topic: 'kaiser/god/esp/ESP_ONE/note', payload: 'hello', qos: 1, retain: false })
  await until(() => heard.length === 1, 'what it subscribed to before')
  await back.endAsync()
  await gone(app, 'valve')

  const free = () => ask(app.origin, '/broker/clients/valve', token, { method: 'DELETE' })
  t.match(await free(), { status: 200 }, 'an administrator frees the client id')
  t.match(await free(), { status: 404 })
  t.equal(await answerTo(t, app, { ...VERA, clientId: 'valve' }), 0)
})

t.test('an anonymous client is one of many, and yields its absent session to who has a name', async (t) => {
  const { app } = await cast(t, true)
  await connectMqtt(t, app.mqttPort, { clientId: 'page' })
  t.equal(await answerTo(t, app, { ...VERA, clientId: 'page' }), TAKEN, 'not while it is here')
  t.equal(await answerTo(t, app, { clientId: 'page' }), 0)
  await leave(t, app, { clientId: 'old' }, 'kaiser/#')
  t.equal(await answerTo(t, app, { ...VERA, clientId: 'old' }), 0)
})

t.test('a device gets the client id that is its own name, whoever sits on it', async (t) => {
  const { app, one } = await cast(t)
  const squatter = await connectMqtt(t, app.mqttPort, { ...VERA, clientId: 'ESP_ONE' })
  t.equal(await answerTo(t, app, { ...one, clientId: 'ESP_ONE' }), 0)
  await until(() => !squatter.connected, 'the other one to be out')
})
