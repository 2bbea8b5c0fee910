/** Commands of people over MQTT that are not what they look like: refused, named, counted, written down; nobody hears them. */
import t from 'tap'
import { register } from '../../routing/registry.js'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'
import { connected, hears } from '../support/mqtt.js'
import { until } from '../support/until.js'

const ESP = 'ESP_12AB34CD'
const TOPIC = `kaiser/god/esp/${ESP}/actuator/5/command`

t.test('a field nobody knows in a command changes nothing, and its row says so', async (t) => {
  const app = await openApp(t)
  await app.store.group.run(() => register(app.store, ESP, {}, 'test', Date.now()))
  const { operator } = await people(app)
  const body = { actuator_type: 'pump' }
  t.match(await request(app, 'POST', `/actuators/${ESP}/5`, { token: operator, body }), { status: 200 })
  const device = await connected(t, app)
  const heard = hears(device)
  await device.subscribeAsync(TOPIC, { qos: 1 })
  const person = await connected(t, app)
  const says = (payload: object) => person.publishAsync(TOPIC, JSON.stringify(payload), { qos: 1 })

  await says({ command: 'ON', durations: 5, correlation_id: 'a' })
  t.match(JSON.parse(app.store.actuatorHistory.find('a')!.command_metadata), {
    warnings: [
      'durations is not known; allowed: esp_id, gpio, command, value, pwm, duration, wait, correlation_id',
    ],
  })
  await says({ command: 'ON', gpio: 4 })
  t.match(app.store.rejects.list()[0], { code: 'device_mismatch' })
  await until(() => heard.length > 0, 'the command')
  t.notMatch(heard[0], /durations/)

  await says({
    command: 'ON',
    value: 1,
    duration: 5,
    timestamp: 1_735_818_000,
    correlation_id: 'c',
    intent_id: 'c',
    issued_by: 'logic',
  })
  await until(() => heard.length > 1, 'the other command')
  t.match(heard[1], /"duration":5/)
  t.notMatch(JSON.parse(app.store.actuatorHistory.find('c')!.command_metadata), { warnings: Array })
})

t.test('what is refused carries the name of the person, in the list and in the log', async (t) => {
  const app = await openApp(t)
  await app.store.group.run(() => register(app.store, ESP, {}, 'test', Date.now()))
  const { operator } = await people(app)
  const client = await connected(t, app, { username: 'jwt', password: operator })
  await client.publishAsync(TOPIC, '{"command":"ON","time":5}', { qos: 1 })
  const { body } = await request(app, 'GET', '/rejects', { token: operator })
  t.match(body.data, [{ code: 'payload_invalid', esp_id: ESP, said_by: 'a-operator' }])
  t.match(
    app.logged.filter(({ code }) => code === 'payload_invalid'),
    [{ said_by: 'a-operator' }],
  )
})
