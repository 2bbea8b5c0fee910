/** What people do to a mock by hand, and that it goes on after a restart where it was. */
import t from 'tap'
import { Messages } from '../../sim/messages.js'
import { readState } from '../../sim/mock-state.js'
import { made, pump, thermometer, wiredMock } from '../support/mock.js'

t.test('adding and setting a sensor says one reading; a value holds until it is cleared', async (t) => {
  const { peer, mock, pass } = await wiredMock(t, { config: made([], []) })
  mock.addSensor(thermometer())
  await pass(1)
  t.match(
    peer.on('sensor/4/data').map(({ payload }) => payload.value),
    [22.5],
  )
  t.equal(mock.setValue('4_DS18B20', { raw_value: -40, quality: 'poor' }), true)
  await pass(1)
  t.match(peer.last('sensor/4/data'), { value: -40, quality: 'poor' })
  await pass(90)
  t.ok(
    peer
      .on('sensor/4/data')
      .slice(1)
      .every(({ payload }) => payload.value === -40),
  )
  t.equal(mock.clearValue('4_DS18B20'), true)
  t.equal(mock.clearValue('4_DS18B20'), false)
  await pass(60)
  t.match(peer.last('sensor/4/data'), { value: 22.5, quality: 'good' })
  const before = peer.on('sensor/4/data').length
  mock.setValue('4_DS18B20', { raw_value: 1, publish: false })
  await pass(1)
  t.equal(peer.on('sensor/4/data').length, before, 'or in silence')
  t.equal(mock.setValue('9_ph', { raw_value: 1 }), false)
  t.equal(mock.removeSensor('4_DS18B20'), true)
  t.equal(mock.removeSensor('4_DS18B20'), false)
  await pass(120)
  t.equal(peer.on('sensor/4/data').length, before)
})

t.test('a sensor that cannot be leaves everything as it was', async (t) => {
  const { mock, peer, pass } = await wiredMock(t)
  const none = thermometer({ variation_pattern: 'dance' })
  t.throws(() => mock.addSensor(none), /dance/)
  t.throws(() => mock.addSensor({ ...none, gpio: 18 }), /dance/)
  t.match(mock.sensors.entries(), [['4_DS18B20', { variation_pattern: 'constant' }]])
  const before = peer.on('sensor/4/data').length
  await pass(60)
  t.ok(peer.on('sensor/4/data').length > before)
})

t.test('switching says status and response; a stop says status and alert, and is obeyed', async (t) => {
  const { peer, mock, pass } = await wiredMock(t, { config: made([], []) })
  mock.addActuator(pump())
  t.equal(mock.setActuator(5, { state: true, pwm_value: 0.3 }), undefined)
  await pass(1)
  t.match(peer.last('actuator/5/status'), { state: true, value: 0.3, last_command: 'PWM' })
  t.match(peer.last('actuator/5/response'), { command: 'PWM', success: true, issued_by: 'local' })
  t.equal(mock.emergencyStop('manual'), 1)
  await pass(1)
  t.match(peer.last('actuator/5/status'), { state: false, emergency: 'active' })
  t.match(peer.last('actuator/5/alert'), { alert_type: 'emergency_stop', message: /manual/ })
  t.equal(mock.setActuator(5, { state: true }), 'Emergency stopped')
  t.match(mock.outputs.outputOf(5), { value: 0 })
  mock.clearEmergency()
  t.equal(mock.setActuator(5, { state: true }), undefined)
  t.equal(mock.outputs.outputOf(5).value, 1)
  t.match(mock.setActuator(9, { state: true }), /not configured on GPIO 9/)
  t.equal(mock.removeActuator(5), true)
  t.equal(mock.removeActuator(5), false)
})

t.test('state, heartbeat and its interval are set by hand', async (t) => {
  const { peer, mock, pass } = await wiredMock(t)
  t.equal(mock.setState('SAFE_MODE', 'manual'), 'OPERATIONAL')
  await pass(1)
  t.match(peer.last('system/heartbeat'), { system_state: 'SAFE_MODE' })
  t.match(peer.last('safe_mode'), { safe_mode_active: true, reason: 'manual' })
  t.match(mock.heartbeat(), { published: true, payload: { esp_id: 'MOCK_001' } })
  mock.setAutoHeartbeat(true, 5)
  const before = peer.on('system/heartbeat').length
  await pass(20)
  t.equal(peer.on('system/heartbeat').length, before + 5, 'at once, and every 5 s')
  mock.setAutoHeartbeat(false)
  await pass(60)
  t.equal(peer.on('system/heartbeat').length, before + 5)
})

t.test('its last messages are there to be looked at, as many as there is room for', async (t) => {
  const { mock, tell } = await wiredMock(t, { room: () => 10 })
  for (let n = 0; n < 30; n++) await tell('system/command', { command: 'STATUS', n })
  t.equal(mock.messages.length, 10)
  t.match(mock.messages.at(-1), { topic: /system\/command\/response$/, sent: true, qos: 1 })
  t.match(mock.messages.at(-3), { topic: /system\/command$/, sent: false })
  mock.clearMessages()
  t.strictSame(mock.messages, [])
})

t.test('a hundred messages are kept of each mock, fewer where there are many mocks', async (t) => {
  const many = Array.from({ length: 400 }, () => new Messages())
  const message = { topic: 'a', payload: '{}', timestamp: 0, qos: 0, sent: true }
  const [one] = many
  one!.open()
  for (let n = 0; n < 500; n++) one!.add(message)
  t.equal(one!.list().length, 100)
  for (const messages of many) messages.open()
  t.equal(one!.list().length, 50)
  for (const messages of [...many, ...many]) messages.close()
  for (let n = 0; n < 500; n++) one!.add(message)
  t.equal(one!.list().length, 100)
})

t.test('from what was kept it goes on where it was, as if nothing had been', async (t) => {
  const config = made(
    [thermometer({ variation_pattern: 'drift', variation_range: 5 })],
    [pump({ max_runtime: 0 }), pump({ gpio: 12, max_runtime: 0 })],
  )
  const first = await wiredMock(t, { config })
  await first.tell('zone/assign', { zone_id: 'zelt_1', zone_name: 'Zelt 1', master_zone_id: '' })
  await first.tell('actuator/5/command', { command: 'PWM', value: 0.5, duration: 100 })
  await first.tell('actuator/12/command', { command: 'ON' })
  await first.tell('actuator/emergency', { command: 'stop_actuator', gpio: 12 })
  await first.pass(60)
  const kept = JSON.parse(JSON.stringify(first.mock.snapshot()))
  const last = first.peer.last('sensor/4/data')!.value as number
  first.mock.unplug()

  const clock = first.clock
  const second = await wiredMock(t, { config, clock, state: readState(kept) })
  t.strictSame(second.mock.snapshot().zone, kept.zone)
  t.equal(second.mock.outputs.outputOf(5).value, 0.5)
  t.match(second.peer.last('actuator/5/status'), { state: true, value: 0.5 }, 'and says so')
  t.equal(second.mock.uptime, 60)
  t.match(second.peer.last('session/announce'), { connect_seq: 2 })
  t.equal(second.mock.setActuator(12, { state: true }), 'Emergency stopped')
  t.ok(Math.abs((second.mock.sensors.lastOf('4_DS18B20') ?? last) - last) <= 5 * 0.1 + 0.01, 'drift goes on')
  clock.step(35_000)
  t.equal(second.mock.outputs.outputOf(5).value, 0.5)
  clock.step(6_000)
  t.equal(second.mock.outputs.outputOf(5).value, 0, 'its time goes on too')
})

t.test('what ran out while nobody ran is over at once', async (t) => {
  const first = await wiredMock(t)
  await first.tell('actuator/5/command', { command: 'ON', duration: 10 })
  const state = first.mock.snapshot()
  first.mock.unplug()
  state.outputs[5]!.until! -= 60_000
  state.outputs[5]!.since! -= 60_000
  const second = await wiredMock(t, { state })
  await second.pass(1)
  t.match(second.peer.last('actuator/5/status'), { state: false, last_command: 'AUTO_OFF' })
})

t.test('a state that is not whole is refused with the place', async (t) => {
  const { mock } = await wiredMock(t)
  const state = mock.snapshot()
  t.strictSame(readState(JSON.parse(JSON.stringify(state))), state)
  t.throws(() => readState({ ...state, boots: 'many' }), { name: 'TypeError', message: /boots/ })
  t.throws(() => readState(null), TypeError)
  t.throws(() => readState({}), TypeError)
})
