/**
 * A device raises alarm at a whole kaiser: OFF is on its socket and the alarm with the watchers, also while storage
 * fails and its backlog is full; and the command is one row, whatever became of it.
 */
import t from 'tap'
import { connectDevice } from './storage/device.js'
import { data, dataTopic, watch } from './storage/greenhouse.js'
import { outsider, until } from './storage/open.js'
import { type OpenApp, openApp } from './support/app.js'

const ESP = 'ESP_12AB34CD'
const topicOf = (what: string): string => `kaiser/god/esp/${ESP}/actuator/5/${what}`
const HISTORY = 'SELECT command_type, issued_by, state, error_message FROM actuator_history ORDER BY id'
const status = (seq: number) => ({
  ts: Date.now(),
  esp_id: ESP,
  gpio: 5,
  actuator_type: 'pump',
  state: true,
  value: 1,
  seq,
})
const alert = (seq: number) => ({
  ts: Date.now(),
  esp_id: ESP,
  gpio: 5,
  alert_type: 'safety_violation',
  message: 'dry',
  seq,
})
const rows = (app: OpenApp, sql: string): unknown[] => {
  const db = outsider(t, `${app.dir}/kaiser.db`)
  const found = db.prepare(sql).all()
  db.close()
  return found
}

t.test('an alarm is answered with OFF, once until it is answered, and what answers it ends it', async (t) => {
  const app = await openApp(t)
  const events = await watch(t, app)
  const device = await connectDevice(t, app.mqttPort, ESP)
  device.subscribe(topicOf('command'))
  device.publish(1, topicOf('status'), status(1))
  device.publish(2, topicOf('alert'), alert(2))
  device.publish(3, topicOf('alert'), alert(3))
  await until(() => device.received.length === 1)
  await until(() => device.acknowledged.length === 3)
  const { topic, payload } = device.received[0]!
  t.equal(topic, topicOf('command'))
  t.match(payload, {
    command: 'OFF',
    value: 0,
    duration: 0,
    correlation_id: /^[0-9a-f-]{36}$/,
    issued_by: 'gate:ALERT_SAFETY_VIOLATION',
  })
  const { correlation_id } = payload
  await until(() => app.store.actuatorHistory.find(String(correlation_id))?.state === 'sent')
  device.publish(4, topicOf('response'), {
    ts: Date.now(),
    esp_id: ESP,
    gpio: 5,
    command: 'OFF',
    success: true,
    correlation_id,
  })
  await until(() => device.acknowledged.length === 4)
  t.equal(device.received.length, 1)
  t.match(rows(app, HISTORY), [
    { command_type: 'ON', issued_by: 'esp32' },
    { command_type: 'ALERT_SAFETY_VIOLATION', issued_by: 'esp32_alert' },
    { command_type: 'OFF', issued_by: 'gate:ALERT_SAFETY_VIOLATION', state: 'done' },
    { command_type: 'ALERT_SAFETY_VIOLATION' },
  ])
  const stages = events.filter(({ type }) => type === 'actuator_command').map(({ data: { state } }) => state)
  t.strictSame(stages, ['pending', 'sent', 'done'])
  t.equal(events.filter(({ type }) => type === 'actuator_alert').length, 2)
})

t.test('nobody is told who is not there: a late OFF is no command any more', async (t) => {
  const app = await openApp(t)
  const device = await connectDevice(t, app.mqttPort, ESP)
  device.publish(1, topicOf('alert'), alert(1))
  await until(() => device.acknowledged.length === 1)
  await until(() => rows(app, HISTORY).length === 2)
  const off = () => rows(app, HISTORY)[1]
  t.match(off(), { command_type: 'OFF', state: 'pending' }, 'it may only just have connected')
  await until(() => !/pending/.test(JSON.stringify(off())), 'but not for long')
  t.match(off(), { command_type: 'OFF', state: 'expired', error_message: /did not take it in time/ })
  device.subscribe(topicOf('command'))
  device.publish(2, topicOf('status'), { ...status(2), state: false, value: 0 })
  await until(() => device.acknowledged.length === 2)
  t.strictSame(device.received, [])
})

t.test(
  'while storage fails and too much waits, an alarm is told and OFF goes out all the same',
  async (t) => {
    const app = await openApp(t, { backlog: 10 })
    const events = await watch(t, app)
    const device = await connectDevice(t, app.mqttPort, ESP)
    const other = await connectDevice(t, app.mqttPort, 'ESP_OTHER')
    device.subscribe(topicOf('command'))
    device.publish(1, topicOf('status'), status(1))
    await until(() => device.acknowledged.length === 1)

    const lock = outsider(t, `${app.dir}/kaiser.db`)
    lock.exec('BEGIN IMMEDIATE')
    for (let n = 2; n <= 16; n++) other.publish(0, dataTopic('ESP_OTHER'), data('ESP_OTHER', n), { qos: 0 })
    await until(() => app.stats.codes().backlog_full! > 0)
    device.publish(2, topicOf('alert'), alert(2))
    await until(() => device.received.length === 1, 'OFF on the socket')
    t.match(device.received[0]!.payload, { command: 'OFF' })
    await until(() => events.some(({ type }) => type === 'actuator_alert'))
    t.match(app.store.actuatorStates.find(ESP, 5), { state: 'off' })
    t.strictSame(device.acknowledged, [1], 'only its acknowledgement waits')

    lock.exec('COMMIT')
    await until(() => device.acknowledged.length === 2)
    await until(() => app.store.group.waiting === 0)
    t.match(lock.prepare(HISTORY).all(), [
      {},
      { command_type: 'ALERT_SAFETY_VIOLATION' },
      { command_type: 'OFF' },
    ])
  },
)

t.test('after a restart a command that was on its way is over when its time is', async (t) => {
  const first = await openApp(t)
  await first.store.group.run(() => {
    for (const [correlation_id, time_to_live] of [
      ['soon', 1],
      ['later', 60_000],
    ] as const)
      first.store.actuatorHistory.insert({
        correlation_id,
        esp_id: ESP,
        gpio: 5,
        command_type: 'ON',
        issued_by: 'user:ada',
        state: 'sent',
        timestamp: Date.now() - 10,
        expires_at: Date.now() - 10 + time_to_live,
      })
  })
  await first.close()
  const again = await openApp(t, { dir: first.dir })
  await until(() => again.store.group.waiting === 0)
  t.match(rows(again, HISTORY), [{ state: 'expired' }, { state: 'sent' }])
})
