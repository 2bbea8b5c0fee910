/** What a mock hears, does and answers, topic by topic, as the firmware does it. */
import t from 'tap'
import { createSteppedClock } from '../../sim/stepped-clock.js'
import { made, pump, thermometer, wiredMock } from '../support/mock.js'

const ids = { correlation_id: 'c-1', request_id: 'c-1', intent_id: 'c-1' }
const command = (word: string, more: object = {}) => ({
  command: word,
  value: 1,
  duration: 0,
  timestamp: 1_780_000_000,
  correlation_id: 'c-1',
  intent_id: 'c-1',
  issued_by: 'user:ada',
  ...more,
})

t.test('it says that it has come: announcement, heartbeat, actuators, readings', async (t) => {
  const { peer, pass } = await wiredMock(t)
  t.strictSame(
    peer.said.map(({ topic }) => topic.replace('kaiser/god/esp/MOCK_001/', '')),
    ['session/announce', 'system/heartbeat', 'actuator/5/status', 'sensor/4/data'],
  )
  t.match(peer.last('system/heartbeat'), {
    esp_id: 'MOCK_001',
    uptime: 0,
    sensor_count: 1,
    actuator_count: 1,
    system_state: 'OPERATIONAL',
  })
  await pass(120)
  t.equal(peer.on('system/heartbeat').length, 3)
  t.equal(peer.last('system/heartbeat')!.uptime, 120)
  const readings = peer.on('sensor/4/data').length
  t.ok(readings >= 4 && readings <= 6, `${readings} readings in 120 s`)
})

t.test('a mock that lives fast has a line in real time, where it is told so', async (t) => {
  const network = createSteppedClock(Date.UTC(2026, 5, 1))
  const { peer, pass } = await wiredMock(t, { network })
  peer.deviates = ({ cmd }) => cmd === 'pingreq'
  await pass(3_600)
  t.equal(peer.connects.length, 1)
  t.equal(peer.on('system/heartbeat').length, 1 + 60)
})

t.test('ON, OFF, PWM and TOGGLE are done, said as a status, and answered', async (t) => {
  const { peer, tell, mock } = await wiredMock(t)
  const steps: [object, number, boolean][] = [
    [command('ON'), 1, true],
    [command('PWM', { value: 0.4 }), 0.4, true],
    [command('TOGGLE'), 0, true],
    [command('toggle'), 1, true],
    [command('OFF'), 0, true],
    [command('PWM', { value: 7 }), 0, false],
    [command('DANCE'), 0, false],
    [{}, 0, false],
  ]
  for (const [message, value, success] of steps) {
    await tell('actuator/5/command', message)
    t.equal(mock.outputs.outputOf(5).value, value, JSON.stringify(message))
    t.match(peer.last('actuator/5/response'), { gpio: 5, success, value }, JSON.stringify(message))
  }
  t.equal(peer.on('actuator/5/response').length, steps.length, 'every command is answered')
  t.equal(peer.on('actuator/5/status').length, 1 + 5, 'a status for each change, none for a refusal')
  t.match(peer.on('actuator/5/status')[1]!.payload, {
    state: true,
    value: 1,
    last_command: 'ON',
    correlation_id: 'c-1',
  })
  await tell('actuator/5/command', 'no JSON')
  t.match(peer.last('actuator/5/response'), { success: false, message: 'Not JSON' })
  await tell('actuator/9/command', command('ON'))
  t.match(peer.last('actuator/9/response'), {
    success: false,
    message: 'Actuator not configured on GPIO 9',
    correlation_id: 'c-1',
  })
})

t.test('a command longer than its slot of 511 bytes is cut off, and no JSON any more', async (t) => {
  const { peer, mock, tell } = await wiredMock(t)
  const long = (bytes: number): string => {
    const command = { command: 'ON', reason: '' }
    return JSON.stringify({ ...command, reason: 'x'.repeat(bytes - JSON.stringify(command).length) })
  }
  await tell('actuator/5/command', long(512))
  t.match(peer.last('actuator/5/response'), { success: false, message: 'Not JSON' })
  t.equal(mock.outputs.outputOf(5).value, 0)
  await tell('sensor/4/command', { command: 'measure', reason: '°'.repeat(300) })
  t.match(peer.last('sensor/4/response'), { success: false, message: 'Not JSON' })
  await tell('actuator/5/command', long(511))
  t.match(peer.last('actuator/5/response'), { success: true })
})

t.test('a duration ends by itself; a longer one than it may run ends with an alert', async (t) => {
  const config = made([], [pump({ max_runtime: 60 })])
  const { peer, tell, mock, pass } = await wiredMock(t, { config })
  await tell('actuator/5/command', command('ON', { duration: 20 }))
  await pass(19)
  t.equal(mock.outputs.outputOf(5).value, 1)
  await pass(1)
  t.match(peer.last('actuator/5/status'), { state: false, runtime_ms: 20_000, last_command: 'AUTO_OFF' })
  t.equal(peer.on('actuator/5/alert').length, 0)

  await tell('actuator/5/command', command('ON', { duration: 20 }))
  await pass(10)
  await tell('actuator/5/command', command('ON'))
  await pass(40)
  t.equal(mock.outputs.outputOf(5).value, 1, 'the end of the first is not the end of the second')
  await pass(10)
  t.equal(mock.outputs.outputOf(5).value, 0)
  t.match(peer.last('actuator/5/alert'), { gpio: 5, alert_type: 'runtime_protection' })
})

for (const topic of ['actuator/emergency', 'kaiser/broadcast/emergency'])
  t.test(`an emergency stop on ${topic} is latched until it is cleared`, async (t) => {
    const config = made([], [pump(), pump({ gpio: 12, actuator_type: 'fan', state: true })])
    const { peer, tell, mock } = await wiredMock(t, { config })
    await tell('actuator/5/command', command('ON'))
    await tell(topic, { command: 'emergency_stop', reason: 'smoke', correlation_id: 'stop-1' })
    t.match(
      [5, 12].map((gpio) => mock.outputs.outputOf(gpio).value),
      [0, 0],
    )
    for (const gpio of [5, 12]) {
      t.match(peer.last(`actuator/${gpio}/status`), { state: false, emergency: 'active' })
      t.match(peer.last(`actuator/${gpio}/alert`), { alert_type: 'emergency_stop' })
    }
    t.match(peer.last('emergency/ack'), { gpio_count: 2, outcome: 'executed', correlation_id: 'stop-1' })

    for (const word of ['ON', 'PWM', 'TOGGLE', 'OFF']) {
      await tell('actuator/5/command', command(word))
      t.match(peer.last('actuator/5/response'), { command: word, success: false, message: /emergency/i })
    }
    t.equal(mock.setActuator(5, { state: true }), 'Emergency stopped')
    t.equal(mock.outputs.outputOf(5).value, 0)

    await tell(topic, { command: 'clear_emergency', correlation_id: 'stop-1' })
    t.match(peer.last('recovery_confirm'), { state: 'cleared', correlation_id: 'stop-1' })
    t.match(peer.last('actuator/5/status'), { state: false, emergency: 'normal' })
    await tell('actuator/5/command', command('ON'))
    t.equal(mock.outputs.outputOf(5).value, 1)
  })

t.test('one actuator alone is stopped, and what cannot be read is a stop', async (t) => {
  const config = made([], [pump({ state: true }), pump({ gpio: 12, state: true })])
  const { tell, mock } = await wiredMock(t, { config })
  await tell('actuator/emergency', { action: 'stop_actuator', gpio: 12 })
  t.equal(mock.outputs.outputOf(12).value, 0)
  t.equal(mock.outputs.outputOf(5).value, 1)
  t.equal(mock.setActuator(12, { state: true }), 'Emergency stopped')
  await tell('actuator/emergency', '{{')
  t.equal(mock.outputs.outputOf(5).value, 0)
})

t.test('where a token is set, whoever has none stops nothing, and that is told', async (t) => {
  const config = made([], [pump({ state: true })])
  const { peer, tell, mock } = await wiredMock(t, { config })
  await tell('system/command', {
    command: 'SET_EMERGENCY_TOKEN',
    params: { token_type: 'esp', token: 'red' },
  })
  await tell('actuator/emergency', { command: 'emergency_stop' })
  t.equal(mock.outputs.outputOf(5).value, 1)
  t.match(peer.last('system/error'), { error_code: 3501, severity: 2 })
  await tell('actuator/emergency', { command: 'emergency_stop', auth_token: 'red' })
  t.equal(mock.outputs.outputOf(5).value, 0)
})

t.test('a zone is kept, acknowledged, and said with a heartbeat', async (t) => {
  const { peer, tell, kept } = await wiredMock(t)
  const assign = { zone_id: 'zelt_1', zone_name: 'Zelt 1', master_zone_id: 'haus', kaiser_id: 'god', ...ids }
  await tell('zone/assign', assign)
  t.match(peer.last('zone/ack'), { status: 'zone_assigned', zone_id: 'zelt_1', correlation_id: 'c-1' })
  t.match(peer.last('system/heartbeat'), { zone_id: 'zelt_1', zone_assigned: true })
  t.match(kept.at(-1)?.zone, { zone_id: 'zelt_1', zone_name: 'Zelt 1' })
  await tell('zone/assign', { ...assign, zone_id: '' })
  t.match(peer.last('zone/ack'), { status: 'zone_removed', zone_id: '' })
  await tell('zone/assign', { zone_id: 'a/b', ...ids })
  t.match(peer.last('zone/ack'), { status: 'error', reason_code: 'VALIDATION_ERROR' })
  await tell('zone/assign', 'no JSON')
  t.match(peer.last('zone/ack'), { status: 'error', reason_code: 'JSON_PARSE_ERROR' })
})

t.test('subzones are kept and answered; what is safe rests', async (t) => {
  const config = made([thermometer()], [pump({ state: true })], { zone_id: 'zelt_1' })
  const { peer, tell, mock } = await wiredMock(t, { config })
  const assign = (more: object = {}) => ({
    subzone_id: 'left',
    subzone_name: 'Left',
    parent_zone_id: 'zelt_1',
    assigned_gpios: [4, 5],
    safe_mode_active: false,
    ...ids,
    ...more,
  })
  await tell('subzone/assign', assign())
  t.match(peer.last('subzone/ack'), { status: 'subzone_assigned', subzone_id: 'left', correlation_id: 'c-1' })
  await tell('subzone/assign', assign({ subzone_id: 'right' }))
  t.match(peer.last('subzone/ack'), { status: 'error', error_code: 2501 })
  await tell('subzone/assign', assign({ parent_zone_id: 'zelt_2' }))
  t.match(peer.last('subzone/ack'), { status: 'error', error_code: 2502 })
  await tell('subzone/safe', { subzone_id: 'left', action: 'enable', reason: 'repair', ...ids })
  t.equal(mock.outputs.outputOf(5).value, 0)
  t.match(peer.last('subzone/status'), { subzone_id: 'left', safe_mode: true, actuators_active: 0 })
  await tell('actuator/5/command', command('ON'))
  t.match(peer.last('actuator/5/response'), { success: false, message: 'Subzone left is in safe mode' })
  await tell('subzone/remove', { subzone_id: 'left', reason: 'x', ...ids })
  t.match(peer.last('subzone/ack'), { status: 'subzone_removed' })
  await tell('subzone/remove', { subzone_id: 'left', reason: 'x', ...ids })
  t.match(peer.last('subzone/ack'), { status: 'error', reason_code: 'SUBZONE_NOT_FOUND' })
})

t.test('a measurement somebody asks for is a reading and an answer', async (t) => {
  const { peer, tell } = await wiredMock(t)
  const before = peer.on('sensor/4/data').length
  await tell('sensor/4/command', { command: 'measure', ...ids })
  t.equal(peer.on('sensor/4/data').length, before + 1)
  t.match(peer.last('sensor/4/response'), { success: true, quality: 'good', ...ids })
  await tell('sensor/9/command', { command: 'measure', ...ids })
  t.match(peer.last('sensor/9/response'), { success: false, message: 'No sensor on GPIO 9' })
})

t.test('system commands are answered in any case, also those nobody knows', async (t) => {
  const { peer, tell, mock, pass } = await wiredMock(t, { config: made([], [pump({ state: true })]) })
  const answered = async (word: string, params: object = {}) => {
    await tell('system/command', { command: word, params, correlation_id: 'c-1' })
    return peer.last('system/command/response')
  }
  t.match(await answered('diagnostics'), { command: 'diagnostics', success: true, correlation_id: 'c-1' })
  t.match(peer.last('system/diagnostics'), { wifi_connected: true, mqtt_connected: true })
  t.match(await answered('STATUS'), { success: true })
  t.match(peer.on('/status').at(-1)!.payload, { system_state: 'OPERATIONAL' })
  t.match(await answered('GET_CONFIG'), { actuators: [{ gpio: 5 }] })
  t.match(await answered('ONEWIRE/SCAN'), { success: true, found_count: 0 })
  t.match(await answered('FLY'), { command: 'fly', success: false })
  t.match(await answered('SAFE_MODE', { reason: 'test' }), { success: true })
  t.match(peer.last('safe_mode'), { safe_mode_active: true, reason: 'test' })
  t.equal(mock.outputs.outputOf(5).value, 0)
  await tell('actuator/5/command', command('ON'))
  t.match(peer.last('actuator/5/response'), { success: false, message: 'Device is in safe mode' })
  t.match(await answered('EXIT_SAFE_MODE'), { success: true })
  t.match(peer.last('safe_mode'), { safe_mode_active: false })

  t.match(await answered('REBOOT', { delay: 3_000 }), { success: true })
  await pass(10)
  t.equal(peer.connects.length, 2)
  t.match(peer.last('session/announce'), { reason: 'boot', connect_seq: 1 })
  t.match(peer.last('system/heartbeat'), { reset_reason: 'SW_RESET' })
})

t.test('new credentials are used from the next connect on', async (t) => {
  const { peer, tell, pass } = await wiredMock(t)
  const update = { enabled: true, username: 'MOCK_001', password: 'better', force_reconnect: true }
  await tell('mqtt/auth_update', update)
  t.match(peer.last('mqtt/auth_status'), { success: true, mode: 'authenticated', username: 'MOCK_001' })
  await pass(5)
  t.equal(String(peer.connects.at(-1)?.password), 'better')
  await tell('mqtt/auth_update', { enabled: true })
  t.match(peer.last('mqtt/auth_status'), { success: false })
})
