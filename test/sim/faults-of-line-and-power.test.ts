/** What kaiser makes of devices whose line or power fails, and of one that lies: real mocks on a real kaiser. */
import t from 'tap'
import type { OpenApp, Teardown } from '../support/app.js'
import { counting, illMock } from '../support/ill-mock.js'
import { messagesOf, pump } from '../support/mock.js'
import { connected, counted, witness } from '../support/mqtt.js'
import { until } from '../support/until.js'

const statusOf = (app: OpenApp) => app.store.devices.find('MOCK_001')!.status
const pumpOf = (app: OpenApp) => app.store.actuatorStates.find('MOCK_001', 5)
const actuators = [pump()]

async function command(t: Teardown, app: OpenApp, payload: object): Promise<void> {
  const person = await connected(t, app)
  const topic = 'kaiser/god/esp/MOCK_001/actuator/5/command'
  await person.publishAsync(topic, JSON.stringify(payload), { qos: 1 })
}

t.test('a half-open connection ends in silence: the device is offline, and comes back', async (t) => {
  const { app, mock, live, liveUntil, clock } = await illMock(t, { flags: ['--max-keep-alive', '2'] })
  await live(2)
  mock.inject({ fault: 'half_open' })
  clock.step(1_000)
  t.ok(mock.up, 'it does not notice')
  t.equal(statusOf(app), 'online', 'nor does kaiser, at once')
  await until(() => statusOf(app) === 'offline', 'the end of its keep-alive')
  mock.heal('half_open')
  await liveUntil(() => mock.up && statusOf(app) === 'online', 'its return')
})

t.test('a slow reader is cut off, and keeps nobody else waiting', async (t) => {
  const { app, mock, clock, liveUntil } = await illMock(t, { bounds: { drain_timeout: 300 } })
  const works = await witness(t, app)
  mock.inject({ fault: 'slow_reader', parameters: { bytes_per_second: 100 } })
  const topic = 'kaiser/god/esp/MOCK_001/subzone/safe'
  const payload = JSON.stringify({ padding: 'x'.repeat(3_000) })
  for (let n = 0; n < 100; n++) void app.broker.publish({ topic, payload, qos: 0, retain: false })
  for (let second = 0; second < 25; second++) {
    clock.step(1_000)
    await new Promise(setImmediate)
  }
  t.equal(messagesOf(mock, 'subzone/safe').length, 0, 'not one was read in 25 s')
  await until(() => !mock.up, 'the end of patience')
  t.equal(counted(app, 'drain_timeout'), 1)
  await works()
  mock.heal()
  await liveUntil(() => mock.up && statusOf(app) === 'online', 'its return')
})

t.test('a device in a reboot loop comes and goes, which is one condition', async (t) => {
  const { app, mock, liveUntil } = await illMock(t, {}, [
    { fault: 'reboot_loop', parameters: { every_seconds: 5, off_seconds: 2 } },
  ])
  await liveUntil(() => statusOf(app) === 'offline', 'its Will')
  await liveUntil(() => app.findings.list('MOCK_001').some(({ kind }) => kind === 'flapping'), 'the finding')
  t.ok(mock.state.boots >= 2)
  mock.heal()
  await liveUntil(() => mock.up && statusOf(app) === 'online', 'rest')
  t.match(messagesOf(mock, 'system/heartbeat').at(-1), { reset_reason: 'PANIC' })
})

t.test('a brown-out while the pump is on: offline by its Will, back with the pump off', async (t) => {
  const { app, mock, liveUntil } = await illMock(t, { actuators }, [
    { fault: 'brown_out', parameters: { after_seconds: 2, off_seconds: 4 } },
  ])
  await command(t, app, { command: 'ON' })
  await until(() => pumpOf(app)?.state === 'on', 'ON')
  await liveUntil(() => statusOf(app) === 'offline', 'the Will')
  t.equal(mock.outputs.outputOf(5).value, 0)
  await liveUntil(() => mock.up && statusOf(app) === 'online', 'its return')
  await until(() => pumpOf(app)?.state === 'off', 'what it says of its pump')
  t.equal(mock.state.reset_reason, 'BROWNOUT')
  t.equal(mock.state.boots, 2)
})

t.test('a liar is believed in what it says, and what it was told stands beside it', async (t) => {
  const { app, mock } = await illMock(t, { actuators }, [{ fault: 'liar', parameters: { says: 'on' } }])
  await command(t, app, { command: 'OFF', correlation_id: 'lie-1' })
  await until(() => messagesOf(mock, 'actuator/5/response').length > 0, 'its answer')
  t.match(messagesOf(mock, 'actuator/5/status').at(-1), { state: true, value: 1, pwm: 255 })
  t.equal(mock.outputs.outputOf(5).value, 0, 'what it does is something else')
  await until(() => pumpOf(app)?.state === 'on', 'what kaiser makes of it')
  t.equal(app.store.actuatorHistory.find('lie-1')?.command_type, 'OFF')
})

t.test('a script makes things go wrong one after the other', async (t) => {
  const { app, mock, live, clock } = await illMock(t)
  mock.inject({ fault: 'power_on_value', at: 3, for: 3 })
  const seen: string[] = []
  for (let n = 0; n < 9; n++) {
    await live(1)
    seen.push(app.store.readings.latest('MOCK_001')[0]!.quality)
  }
  t.strictSame([...new Set(seen)], ['good', 'suspect'], `${seen} at ${clock.now()}`)
  t.equal(seen.at(-1), 'good')
  t.equal(mock.afflictions.length, 0)
})

t.test('faults of the configuration begin with the mock and end with it', async (t) => {
  const { app, mock, live } = await illMock(t, { sensors: [counting()] }, [{ fault: 'power_on_value' }])
  await live(1)
  t.equal(app.store.readings.latest('MOCK_001')[0]!.quality, 'suspect')
  t.equal(mock.config.faults.length, 1, 'it is kept')
  await mock.stop()
  t.equal(mock.afflictions.length, 0)
  mock.start()
  t.equal(mock.afflictions.length, 1)
  t.throws(() => mock.inject({ fault: 'gremlin' }), /fault "gremlin" is not known/)
  t.ok(mock.heal('power-on value'))
  t.equal(mock.config.faults.length, 0)
  t.notOk(mock.heal())
})

t.test('a mock that hangs, reads slowly or is without power can be stopped, and starts again', async (t) => {
  const { app, mock, clock, liveUntil } = await illMock(t, { actuators })
  for (const fault of ['half_open', 'slow_reader', 'reboot_loop']) {
    mock.inject({ fault })
    clock.step(32_500)
    await mock.stop()
    t.notOk(mock.up, fault)
    mock.heal()
    mock.start()
    await liveUntil(() => mock.up && statusOf(app) === 'online', `its return from ${fault}`)
  }
})

t.test('a mock with a fault that cannot be does not start half', async (t) => {
  const { mock } = await illMock(t)
  await mock.stop()
  mock.config.faults = [{ fault: 'gremlin' }]
  t.throws(() => mock.start(), /fault "gremlin" is not known/)
  t.notOk(mock.up)
  mock.config.faults = []
  mock.start()
  await until(() => mock.up, 'its return')
})
