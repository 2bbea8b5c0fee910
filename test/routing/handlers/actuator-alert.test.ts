/** Alarms: told before anything is written, and the dangerous ones switch off. */
import t from 'tap'
import type { Effect } from '../../../routing/effect.js'
import { alert, HISTORY, STATES, sent, status, told } from '../../support/actuators.js'
import { inStore } from '../../support/in-store.js'
import { DEVICE, NOW, seedAlert } from '../../support/samples.js'

const off = (effects: readonly Effect[]) => effects.filter(({ kind }) => kind === 'switch_off')

t.test(
  'the seed’s alert: told at once, one row, state off, OFF sent, and what would switch it on is over',
  async (t) => {
    const house = await inStore(t)
    const { receive, rows } = house
    await receive(status({}, 25))
    await sent(house, 'on', 'ON', { gpio: 25 })
    await sent(house, 'off', 'OFF', { gpio: 25 })
    const { effects } = await receive({
      topic: `kaiser/god/esp/${DEVICE}/actuator/25/alert`,
      payload: JSON.stringify(seedAlert),
    })
    t.match(told(effects, 'actuator_alert'), [
      {
        esp_id: DEVICE,
        gpio: 25,
        alert_type: 'emergency_stop',
        severity: 'critical',
        message: 'Actuator stopped due to safety constraint',
        timestamp: 1735818000,
      },
    ])
    t.ok(
      effects.slice(0, 2).every(({ at_once }) => at_once),
      'alarm and OFF do not wait for the disk',
    )
    t.match(off(effects), [{ esp_id: DEVICE, gpio: 25, reason: 'ALERT_EMERGENCY_STOP', at_once: true }])
    t.match(rows(STATES), [
      { gpio: 25, state: 'off', current_value: 0, last_command: 'ALERT_EMERGENCY_STOP' },
    ])
    t.match(rows('SELECT emergency, on_since FROM actuator_states'), [
      { emergency: 'active', on_since: null },
    ])
    t.match(rows('SELECT ended_at FROM actuator_runs'), [{ ended_at: NOW }])
    t.match(rows(HISTORY), [
      { command_type: 'ON', issued_by: 'esp32' },
      { correlation_id: 'on', state: 'superseded', success: 0, error_message: 'ALERT_EMERGENCY_STOP' },
      { correlation_id: 'off', state: 'sent' },
      { command_type: 'ALERT_EMERGENCY_STOP', issued_by: 'esp32_alert', success: 0 },
    ])
    t.match(told(effects, 'actuator_command_failed'), [{ correlation_id: 'on', state: 'superseded' }])
    t.match(rows(`SELECT severity FROM audit_logs WHERE event_type = 'actuator_alert'`), [
      { severity: 'critical' },
    ])
  },
)

t.test('each kind is as bad as it is, and only danger switches off', async (t) => {
  const { receive, rows } = await inStore(t)
  const kinds: [string, string, string][] = [
    ['emergency_stop', 'critical', 'off'],
    ['SAFETY_VIOLATION', 'critical', 'off'],
    ['safety_forced_off', 'critical', 'off'],
    ['Runtime_Protection', 'warning', 'off'],
    ['hardware_error', 'error', 'error'],
    ['verification_failed', 'error', 'on'],
    ['offline_rule_hold', 'warning', 'on'],
    ['never_heard_of', 'warning', 'on'],
    ['constructor', 'warning', 'on'],
  ]
  for (const [n, [alert_type, severity, state]] of kinds.entries()) {
    await receive(status({ seq: n }))
    const { effects } = await receive(alert({ alert_type: undefined, type: alert_type, seq: 100 + n }))
    t.match(told(effects, 'actuator_alert'), [{ severity, alert_type: alert_type.toLowerCase() }], alert_type)
    t.equal(off(effects).length, state === 'on' ? 0 : 1, alert_type)
    t.match(rows('SELECT state FROM actuator_states'), [{ state }], alert_type)
  }
})

t.test('gpio 255 is the whole device, and no actuator of its own', async (t) => {
  const { receive, rows } = await inStore(t)
  for (const gpio of [5, 6]) await receive(status({}, gpio))
  await receive(status({}, 5, 'MOCK_001'))
  const { effects } = await receive(alert({ alert_type: 'emergency_stop' }, 255))
  t.match(off(effects), [{ esp_id: DEVICE, gpio: null }])
  t.match(rows('SELECT esp_id, gpio, state FROM actuator_states ORDER BY esp_id, gpio'), [
    { esp_id: DEVICE, gpio: 5, state: 'off' },
    { esp_id: DEVICE, gpio: 6, state: 'off' },
    { esp_id: 'MOCK_001', gpio: 5, state: 'on' },
  ])
  t.equal(rows('SELECT * FROM actuator_states').length, 3)
  t.equal(rows(`SELECT * FROM actuator_history WHERE command_type LIKE 'ALERT%'`).length, 1)
  t.equal((await receive(alert({ alert_type: 'verification_failed' }, 255))).code, 'processed')
})

t.test('an alert that is delivered again is one alert', async (t) => {
  const { receive, rows, stats } = await inStore(t)
  for (const again of [
    alert({}),
    alert({}),
    alert({ ts: undefined, seq: 2 }, 6),
    alert({ ts: undefined, seq: 2 }, 6),
  ])
    await receive(again)
  t.equal(rows(HISTORY).length, 2)
  t.equal(stats.subscriber().duplicates, 2)
})

t.test('an alert that was raised again is another one', async (t) => {
  const { receive, rows, clock } = await inStore(t)
  await receive(alert({}))
  clock.now += 2_000
  await receive(alert({ ts: clock.now / 1000 }))
  t.equal(rows(HISTORY).length, 2)
})

t.test('a device that raises alarm without end does not push the others out of the history', async (t) => {
  const { receive, rows, stats } = await inStore(t)
  let effects: readonly Effect[] = []
  for (let seq = 0; seq < 1_003; seq++) effects = (await receive(alert({ seq }))).effects
  t.equal(told(effects, 'actuator_alert').length, 1, 'it is told all the same')
  t.equal(off(effects).length, 1)
  await receive(alert({ seq: 1 }, 5, 'MOCK_001'))
  t.match(rows('SELECT esp_id, count(*) AS n FROM actuator_history GROUP BY esp_id'), [
    { esp_id: DEVICE, n: 1_000 },
    { esp_id: 'MOCK_001', n: 1 },
  ])
  t.equal(stats.subscriber().tolerated.reports_left_out, 3)
})

t.test('a stranger is heard, kept apart, and not commanded', async (t) => {
  const { receive, rows } = await inStore(t, { discovery: 'pending' })
  await receive({
    topic: 'kaiser/god/esp/ESP_NEW/system/heartbeat',
    payload: '{"uptime":1,"heap_free":1,"wifi_rssi":-1}',
  })
  for (const stranger of ['ESP_NEW', 'ESP_00000000']) {
    const { code, effects } = await receive(alert({}, 5, stranger))
    t.equal(code, 'processed')
    t.equal(told(effects, 'actuator_alert').length, 1)
    t.strictSame(off(effects), [])
  }
  t.strictSame(rows('SELECT * FROM actuator_states'), [])
  t.match(rows('SELECT id FROM actuator_history'), [{ id: -2 }, { id: -1 }])
})
