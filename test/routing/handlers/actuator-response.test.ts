/** Answers to commands: each ends its command, once; what answers nothing of ours is kept as such. */
import t from 'tap'
import { HISTORY, response, sent, told } from '../../support/actuators.js'
import { inStore } from '../../support/in-store.js'
import { DEVICE, NOW, seedResponse } from '../../support/samples.js'

t.test('an answer ends the command with its id, and no other', async (t) => {
  const house = await inStore(t)
  await sent(house, 'c1', 'ON')
  await sent(house, 'c2', 'ON')
  const { effects } = await house.receive(
    response({ correlation_id: 'c2', duration: 150, value: 128, message: 'ok' }),
  )
  t.match(house.rows(HISTORY), [
    { correlation_id: 'c1', state: 'sent', success: null },
    { correlation_id: 'c2', state: 'done', success: 1 },
  ])
  t.match(told(effects, 'actuator_response'), [
    {
      esp_id: DEVICE,
      gpio: 5,
      command: 'ON',
      correlation_id: 'c2',
      issued_by: 'user:ada',
      duration: 150,
      value: 128 / 255,
      unsolicited: false,
    },
  ])
  t.ok(
    effects.some(
      (effect) => effect.kind === 'emit' && effect.event.type === 'actuator_response' && effect.at_once,
    ),
    'it does not wait for the disk',
  )
  const [{ command_metadata }] = house.rows(
    `SELECT command_metadata FROM actuator_history WHERE correlation_id = 'c2'`,
  ) as [{ command_metadata: string }]
  t.match(JSON.parse(command_metadata), { duration: 150, response_message: 'ok', response_success: true })
})

t.test(
  'firmware that does not echo the id answers the oldest command of this word on this pin',
  async (t) => {
    const house = await inStore(t)
    await sent(house, 'off', 'OFF')
    await sent(house, 'first', 'ON')
    await sent(house, 'second', 'ON')
    await sent(house, 'elsewhere', 'ON', { gpio: 6 })
    await house.receive(response({ command: 'on', seq: 1 }))
    t.match(house.rows(HISTORY), [{ state: 'sent' }, { state: 'done' }, { state: 'sent' }, { state: 'sent' }])
    await house.receive(response({ command: 'On', seq: 2 }))
    t.match(house.rows(HISTORY), [{ state: 'sent' }, { state: 'done' }, { state: 'done' }, { state: 'sent' }])
  },
)

t.test(
  'without id, clock and number the same words answer the next command, and once it is over nothing',
  async (t) => {
    const house = await inStore(t)
    const words = response({ ts: undefined })
    await sent(house, 'c1', 'ON')
    await house.receive(words)
    t.strictSame(told((await house.receive(words)).effects, 'actuator_response'), [])
    await sent(house, 'c2', 'ON')
    await house.receive(words)
    t.match(house.rows(HISTORY), [{ state: 'done' }, { state: 'done' }])
  },
)

t.test('a failed answer fails the command and is written down', async (t) => {
  const house = await inStore(t)
  await sent(house, 'c1', 'ON')
  const { effects } = await house.receive(
    response({ correlation_id: 'c1', success: false, message: 'Actuator not configured on GPIO 5' }),
  )
  t.match(house.rows(HISTORY), [
    { state: 'failed', success: 0, error_message: 'Actuator not configured on GPIO 5' },
  ])
  t.match(told(effects, 'actuator_command_failed'), [{ correlation_id: 'c1', state: 'failed' }])
  t.match(
    house.rows(`SELECT status, correlation_id FROM audit_logs WHERE event_type = 'actuator_response'`),
    [{ status: 'failed', correlation_id: 'c1' }],
  )
})

t.test('a replay is silent, also after a restart and to a command that was answered', async (t) => {
  const first = await inStore(t)
  await sent(first, 'c1', 'ON')
  const replies = [
    response({ correlation_id: 'c1' }),
    response({ seq: 7 }, 6),
    response({ correlation_id: 'theirs' }, 6),
  ]
  for (const reply of replies) await first.receive(reply)
  const before = first.rows(HISTORY)
  t.equal(before.length, 3)
  for (const reply of replies)
    t.strictSame(told((await first.receive(reply)).effects, 'actuator_response'), [])
  await first.close()
  const again = await inStore(t, { dir: first.dir })
  for (const reply of replies)
    t.strictSame(told((await again.receive(reply)).effects, 'actuator_response'), [])
  t.strictSame(again.rows(HISTORY), before)
})

t.test('an answer to no command of ours is kept as unsolicited, once, and noticed', async (t) => {
  const { receive, rows, findings } = await inStore(t)
  const { effects } = await receive({
    topic: `kaiser/god/esp/${DEVICE}/actuator/25/response`,
    payload: JSON.stringify(seedResponse),
  })
  t.match(told(effects, 'actuator_response'), [{ unsolicited: true, command: 'ON', timestamp: 1735818000 }])
  t.match(rows('SELECT * FROM actuator_history'), [
    {
      id: 1,
      correlation_id: null,
      gpio: 25,
      command_type: 'ON',
      value: 1,
      duration: 150,
      issued_by: 'esp32',
      state: 'done',
      success: 1,
      timestamp: 1735818000000,
      command_metadata: /"unsolicited":true/,
    },
  ])
  t.match(findings.list(DEVICE), [{ kind: 'response_unsolicited' }])
})

t.test(
  'what somebody did at the device itself is no answer to a stranger: kept, told, and no finding',
  async (t) => {
    const { receive, rows, findings } = await inStore(t)
    const { effects } = await receive(response({ issued_by: 'local', message: 'Set by hand' }))
    t.match(told(effects, 'actuator_response'), [{ unsolicited: true, command: 'ON', issued_by: 'local' }])
    t.match(rows('SELECT * FROM actuator_history'), [
      { issued_by: 'esp32', state: 'done', success: 1, command_metadata: /"issued_by":"local"/ },
    ])
    t.strictSame(findings.list(DEVICE), [])
  },
)

t.test('the id of somebody else’s command answers nothing', async (t) => {
  const house = await inStore(t)
  await sent(house, 'c1', 'ON')
  await house.receive(response({ correlation_id: 'c1' }, 6))
  await house.receive(response({ correlation_id: 'c1' }, 5, 'MOCK_001'))
  t.match(house.rows(HISTORY), [
    { correlation_id: 'c1', state: 'sent' },
    { gpio: 6, issued_by: 'esp32' },
    { gpio: 5, issued_by: 'esp32' },
  ])
})

t.test('an answer that comes too late changes no end, and makes no second row', async (t) => {
  const house = await inStore(t)
  await sent(house, 'c1', 'ON')
  house.clock.now += 31_000
  await house.store.group.run(() => house.book.expire(house.clock.now))
  const { effects } = await house.receive(response({ correlation_id: 'c1', ts: house.clock.now }))
  t.match(told(effects, 'actuator_response'), [{ unsolicited: false, issued_by: 'user:ada' }])
  t.match(house.rows('SELECT state, command_metadata FROM actuator_history'), [
    { state: 'expired', command_metadata: /"response_success":true/ },
  ])
})

t.test('devices nobody has let in are heard and kept apart', async (t) => {
  const { receive, rows, findings } = await inStore(t)
  const reply = response({ correlation_id: 'x' }, 5, 'ESP_00000000')
  const { code, effects } = await receive(reply)
  t.equal(code, 'processed')
  t.equal(told(effects, 'actuator_response').length, 1)
  t.equal(told((await receive(reply)).effects, 'actuator_response').length, 0)
  t.match(rows('SELECT id, esp_id, data_source FROM actuator_history'), [
    { id: -1, esp_id: 'ESP_00000000', data_source: 'production' },
  ])
  t.strictSame(findings.list(), [])
})

t.test('OFF answered as emergency-stopped confirms the stop', async (t) => {
  const house = await inStore(t)
  const { store, clock } = house
  const { id } = await store.group.run(() => {
    const stop = store.emergencyStops.insert({
      scope: 'device',
      esp_id: DEVICE,
      zone_id: null,
      gpio: null,
      reason: 'smoke',
      issued_by: 'user:ada',
      stopped_at: clock.now,
    })
    store.emergencyDevices.upsert(stop.id, DEVICE, { state: 'sent', sent_at: clock.now })
    return stop
  })
  await sent(house, 'c1', 'OFF')
  const no = { correlation_id: 'c1', command: 'OFF', success: false, message: 'Actuator emergency-stopped' }
  const { effects } = await house.receive(response(no))
  t.match(told(effects, 'emergency_device'), [{ stop_id: id, state: 'confirmed', confirmed_by: 'response' }])
  t.match(house.rows('SELECT state, confirmed_by, confirmed_at FROM emergency_devices'), [
    { state: 'confirmed', confirmed_by: 'response', confirmed_at: NOW },
  ])
})
