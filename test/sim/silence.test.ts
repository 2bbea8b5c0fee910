/** What a mock does while nobody answers, and when somebody does again. */
import t from 'tap'
import type { OfflineRule } from '../../routing/contract/mock.js'
import { made, pump, thermometer, wiredMock } from '../support/mock.js'

const ack = (peer: { tell: (topic: string, message: object) => void }) =>
  peer.tell('kaiser/god/esp/MOCK_001/system/heartbeat/ack', { status: 'online', ack_type: 'heartbeat' })

const heating: OfflineRule = {
  actuator_gpio: 5,
  sensor_gpio: 4,
  sensor_value_type: 'ds18b20',
  activate_above: 0,
  deactivate_below: 0,
  activate_below: 18,
  deactivate_above: 21,
  current_state_active: false,
}

/** Measured every second, so that rules are asked often. */
const heated = (rules: OfflineRule[] = [heating]) =>
  made([thermometer({ interval_seconds: 1, raw_value: 25, min_value: -50, max_value: 50 })], [pump()], {
    offline_rules: rules,
  })

t.test('120 s without an answer to heartbeats: everything rests, until there is one', async (t) => {
  const { peer, mock, pass } = await wiredMock(t, { config: made([], [pump({ state: true })]) })
  await pass(115)
  t.equal(mock.outputs.outputOf(5).value, 1)
  await pass(10)
  t.equal(mock.outputs.outputOf(5).value, 0)
  t.match(peer.last('safe_mode'), { safe_mode_active: true, reason: /no answer/ })
  t.equal(mock.state.system_state, 'SAFE_MODE')
  ack(peer)
  await pass(1)
  t.equal(mock.state.system_state, 'OPERATIONAL')
  t.match(peer.last('safe_mode'), { safe_mode_active: false })
  t.equal(mock.outputs.outputOf(5).value, 0, 'what is off stays off')
  t.equal(mock.setActuator(5, { state: true }), undefined)
})

t.test('answers keep it going for ever', async (t) => {
  const { peer, mock, pass } = await wiredMock(t, { config: made([], [pump({ state: true })]) })
  for (let n = 0; n < 10; n++) {
    ack(peer)
    await pass(60)
  }
  t.equal(mock.outputs.outputOf(5).value, 1)
})

t.test('a mock that does not beat by itself does not wait for answers', async (t) => {
  const config = made([], [pump({ state: true })], { auto_heartbeat: false })
  const { peer, mock, pass } = await wiredMock(t, { config })
  await pass(300)
  t.equal(peer.on('system/heartbeat').length, 0)
  t.equal(mock.outputs.outputOf(5).value, 1)
  mock.heartbeat()
  await pass(125)
  t.equal(mock.outputs.outputOf(5).value, 0, 'one that it was told to send is one')
})

t.test('kaiser says that it goes: at once; without offline rules everything rests', async (t) => {
  const { peer, mock, tell, pass } = await wiredMock(t, { config: made([], [pump({ state: true })]) })
  await tell('kaiser/god/server/status', { status: 'offline', reason: 'graceful_shutdown' })
  await pass(1)
  t.equal(mock.outputs.outputOf(5).value, 0)
  const beats = peer.on('system/heartbeat').length
  await tell('kaiser/god/server/status', { status: 'online' })
  t.equal(peer.on('system/heartbeat').length, beats + 1, 'it asks whether that is so')
})

t.test('without a connection it rests after 120 s, and says so when it is back', async (t) => {
  const { peer, mock, pass } = await wiredMock(t, { config: made([], [pump({ state: true })]) })
  ack(peer)
  peer.gone = true
  peer.drop()
  await pass(110)
  t.equal(mock.outputs.outputOf(5).value, 1)
  await pass(15)
  t.equal(mock.outputs.outputOf(5).value, 0)
  peer.gone = false
  await pass(35)
  t.match(peer.on('session/announce').at(-1)!.payload, { reason: 'reconnect', connect_seq: 2 })
  t.match(peer.last('actuator/5/status'), { state: false, last_command: 'SAFE_MODE' })
})

t.test('with offline rules it goes on by itself 30 s after, with hysteresis', async (t) => {
  const { peer, mock, pass } = await wiredMock(t, { config: heated() })
  const at = async (raw_value: number) => {
    mock.setValue('4_DS18B20', { raw_value })
    await pass(3)
    return mock.outputs.outputOf(5).value
  }
  t.equal(await at(10), 0, 'kaiser is there: it decides')
  peer.gone = true
  peer.drop()
  await pass(25)
  t.equal(await at(10), 0)
  await pass(10)
  t.equal(mock.outputs.outputOf(5).value, 1)
  t.equal(await at(20), 1, 'between the two it stays')
  t.equal(await at(22), 0)
  t.equal(await at(20), 0)
  t.equal(await at(17), 1)
  t.equal(mock.state.system_state, 'OPERATIONAL')
  peer.gone = false
  await pass(35)
  ack(peer)
  await pass(1)
  t.equal(mock.state.alone, null)
  t.equal(await at(30), 1, 'kaiser is back: it decides')
  t.match(peer.last('actuator/5/status'), { state: true, last_command: 'OFFLINE_RULE' })
})

t.test('a rule works within its hours only, also over midnight, and never against a stop', async (t) => {
  const hours = (start_hour: number, end_hour: number): OfflineRule => ({
    ...heating,
    time_filter: { enabled: true, start_hour, start_minute: 0, end_hour, end_minute: 0 },
  })
  // It is noon, UTC.
  for (const [rule, value] of [
    [hours(11, 13), 1],
    [hours(13, 11), 0],
    [hours(23, 13), 1],
    [hours(6, 8), 0],
  ] as const) {
    const { peer, mock, pass } = await wiredMock(t, { config: heated([rule]) })
    peer.gone = true
    peer.drop()
    mock.setValue('4_DS18B20', { raw_value: 10 })
    await pass(40)
    t.equal(mock.outputs.outputOf(5).value, value, JSON.stringify(rule.time_filter))
  }
  const { peer, mock, pass } = await wiredMock(t, { config: heated() })
  mock.emergencyStop('smoke')
  peer.gone = true
  peer.drop()
  mock.setValue('4_DS18B20', { raw_value: 10 })
  await pass(40)
  t.equal(mock.outputs.outputOf(5).value, 0)
  mock.clearEmergency()
  await pass(3)
  t.equal(mock.outputs.outputOf(5).value, 1, 'who is let go follows it again')
})
