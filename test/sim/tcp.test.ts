/** A mock over TCP, with credentials of its own, on a kaiser that goes and comes back. */
import { connect as dial } from 'node:net'
import t from 'tap'
import { createClock } from '../../sim/clock.js'
import { createMock, type Mock } from '../../sim/device.js'
import { directory, type OpenApp, openApp, type Teardown } from '../support/app.js'
import { people, request } from '../support/http.js'
import { made, pump, thermometer } from '../support/mock.js'
import { counted } from '../support/mqtt.js'
import { until } from '../support/until.js'

const ESP = 'ESP_12AB34CD'

/** On some port; troubles are written down. */
function over(t: Teardown, port: number, password: string, clock = createClock(Date.now)) {
  const troubles: string[] = []
  const mock = createMock({
    esp_id: ESP,
    kaiser_id: 'god',
    config: made([thermometer({ interval_seconds: 1 })], [pump()], { payload: 'native' }),
    clock,
    connect: () => dial(port, '127.0.0.1'),
    login: { username: ESP, password },
    trouble: (esp_id, what, detail) => troubles.push(`${esp_id} ${what} ${detail}`),
  })
  t.teardown(() => mock.stop())
  return { mock, troubles }
}

async function registered(app: OpenApp): Promise<string> {
  const { operator } = await people(app)
  const { body } = await request(app, 'POST', '/esp/devices', { token: operator, body: { device_id: ESP } })
  return (body as { mqtt_password: string }).mqtt_password
}

const online = (app: OpenApp, { up }: Mock): boolean => up && app.store.devices.find(ESP)?.status === 'online'

t.test('it logs in as the device it is, and is let in nowhere else', async (t) => {
  const app = await openApp(t, { allowAnonymous: false, discovery: 'pending' })
  const password = await registered(app)
  const wrong = over(t, app.mqttPort, 'not-the-password')
  wrong.mock.start()
  await until(() => wrong.troubles.length > 0, 'the refusal')
  t.match(wrong.troubles[0], /^ESP_12AB34CD connection_refused CONNACK [45]$/)
  wrong.mock.unplug()

  const right = over(t, app.mqttPort, password)
  right.mock.start()
  await until(() => online(app, right.mock), 'the device')
  await until(() => app.store.readings.latest(ESP).length === 1, 'a reading')
  t.match(app.store.readings.latest(ESP), [{ processed_value: 22.5, data_source: 'production' }])
  t.strictSame(right.troubles, [], 'it may hear all that it listens to')
  t.equal(counted(app, 'payload_invalid'), 0)
})

t.test('when kaiser goes it waits, and when kaiser is back it is back, with its actuators', async (t) => {
  const dir = directory(t)
  const first = await openApp(t, { allowAnonymous: false, discovery: 'pending', dir })
  const { mqttPort } = first
  const { mock, troubles } = over(t, mqttPort, await registered(first))
  mock.start()
  await until(() => online(first, mock), 'the device')
  mock.setActuator(5, { state: true })
  await until(() => first.store.actuatorStates.find(ESP, 5)?.state === 'on', 'ON')
  await first.close()
  await until(() => !mock.up, 'the end')
  await until(() => troubles.length > 0, 'an attempt that fails')

  const second = await openApp(t, { allowAnonymous: false, discovery: 'pending', dir, mqttPort })
  await until(() => online(second, mock), 'its return')
  await until(() => second.store.actuatorStates.find(ESP, 5)?.stale_since === null, 'what its actuator is')
  t.match(mock.messages.filter(({ topic }) => topic.endsWith('session/announce')).at(-1), {
    payload: /"reason":"reconnect"/,
  })
})
