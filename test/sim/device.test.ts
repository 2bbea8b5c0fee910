/** A mock on a real kaiser: it comes, measures, obeys, stops and comes back as an ESP32 does. */
import t from 'tap'
import { createSteppedClock } from '../../sim/stepped-clock.js'
import { openApp } from '../support/app.js'
import { messagesOf, mockIn } from '../support/mock.js'
import { connected } from '../support/mqtt.js'
import { until } from '../support/until.js'

const said = (mock: Parameters<typeof messagesOf>[0], end: string) => messagesOf(mock, end).at(-1)

t.test('it connects, says that it is there, and its readings are stored as a mock’s', async (t) => {
  const app = await openApp(t)
  const mock = mockIn(t, app)
  mock.start()
  await until(() => app.store.readings.latest('MOCK_001').length === 1, 'the reading')
  const device = app.store.devices.find('MOCK_001')!
  t.equal(device.status, 'online')
  t.equal(device.sensor_count, 1)
  t.equal(device.actuator_count, 1)
  t.match(app.store.readings.latest('MOCK_001'), [
    { gpio: 4, sensor_type: 'ds18b20', processed_value: 22.5, data_source: 'mock', quality: 'good' },
  ])
  t.match(messagesOf(mock, 'session/announce'), [{ reason: 'boot', connect_seq: 1 }])
  await until(() => messagesOf(mock, 'heartbeat/ack').length > 0, 'the answer')
})

t.test('the seed’s payload of MOCK_001 comes out letter by letter', async (t) => {
  const app = await openApp(t)
  const clock = createSteppedClock(1_735_818_000_000)
  const mock = mockIn(t, app, { clock })
  mock.start()
  await until(() => mock.messages.some(({ topic }) => topic.endsWith('/sensor/4/data')), 'the reading')
  t.equal(
    mock.messages.find(({ topic }) => topic.endsWith('/sensor/4/data'))!.payload,
    '{"ts":1735818000000,"esp_id":"MOCK_001","gpio":4,"sensor_type":"DS18B20","raw":2250,"raw_value":22.5,' +
      '"raw_mode":true,"value":22.5,"unit":"°C","quality":"good"}',
  )
})

t.test('a command of kaiser is obeyed and answered, and goes off after its time', async (t) => {
  const app = await openApp(t)
  const mock = mockIn(t, app)
  mock.start()
  await until(() => app.store.devices.find('MOCK_001')?.status === 'online' && mock.up, 'the device')
  const person = await connected(t, app)
  const wish = { command: 'on', duration: 1, correlation_id: 'c-1' }
  await person.publishAsync('kaiser/god/esp/MOCK_001/actuator/5/command', JSON.stringify(wish), { qos: 1 })
  await until(() => mock.outputs.outputOf(5).value === 1, 'ON')
  t.match(said(mock, 'actuator/5/response'), { command: 'ON', success: true, correlation_id: 'c-1' })
  await until(() => mock.outputs.outputOf(5).value === 0, 'its end')
  t.match(said(mock, 'actuator/5/status'), { state: false, last_command: 'AUTO_OFF' })
})
