/** What an actuator is: remembered, told, and in the history exactly once per fact. */
import t from 'tap'
import { HISTORY, response, STATES, sent, status, told } from '../../support/actuators.js'
import { inStore } from '../../support/in-store.js'
import { DEVICE, NOW, seedStatus } from '../../support/samples.js'

t.test(
  'the seed’s status is a state, an event and, because nobody here commanded it, a row of its own',
  async (t) => {
    const { receive, rows } = await inStore(t)
    const { effects } = await receive({
      topic: `kaiser/god/esp/${DEVICE}/actuator/5/status`,
      payload: JSON.stringify(seedStatus),
    })
    t.match(rows('SELECT * FROM actuator_states'), [
      {
        esp_id: DEVICE,
        gpio: 5,
        actuator_type: 'pump',
        state: 'on',
        current_value: 0.75,
        on_since: 1735818000000,
        runtime_ms: 3_600_000,
        last_command: 'ON',
        error: null,
        emergency: 'normal',
        data_source: 'production',
        reported_at: 1735818000000,
      },
    ])
    t.match(rows(HISTORY), [
      {
        correlation_id: null,
        command_type: 'ON',
        value: 0.75,
        issued_by: 'esp32',
        state: 'done',
        success: 1,
      },
    ])
    t.match(told(effects, 'actuator_status'), [
      {
        esp_id: DEVICE,
        gpio: 5,
        actuator_type: 'pump',
        state: 'on',
        value: 0.75,
        pwm_value: 0.75,
        emergency: 'normal',
        emergency_stopped: false,
        timestamp: 1735818000,
        topic: `kaiser/god/esp/${DEVICE}/actuator/5/status`,
      },
    ])
  },
)

t.test('values above 1 are parts of 255, under either name', async (t) => {
  const { receive, rows } = await inStore(t)
  const values: [object, number][] = [
    [{ value: 0 }, 0],
    [{ value: 0.3 }, 0.3],
    [{ value: 1 }, 1],
    [{ value: 255 }, 1],
    [{ value: undefined, pwm: 51 }, 0.2],
    [{ value: 0.5, pwm: 128 }, 0.5],
  ]
  for (const [n, [payload, current_value]] of values.entries()) {
    await receive(status({ ...payload, seq: n, state: 'PWM' }))
    t.match(rows(STATES), [{ state: 'pwm', current_value }], JSON.stringify(payload))
  }
})

t.test('a status that is delivered again changes nothing and says nothing', async (t) => {
  const { receive, rows, stats, clock } = await inStore(t)
  const on = status({ last_command: 'ON', seq: 1 })
  const off = status({ state: false, value: 0, last_command: 'OFF', seq: 2 })
  await receive(on)
  await receive(off)
  clock.now += 3_600_000
  for (const again of [on, off]) t.strictSame(told((await receive(again)).effects, 'actuator_status'), [])
  t.match(rows(STATES), [{ state: 'off' }])
  t.equal(rows(HISTORY).length, 2)
  t.equal(stats.subscriber().duplicates, 2)
})

t.test('a status that is delivered again after a restart makes no second row', async (t) => {
  const first = await inStore(t)
  const on = status({ last_command: 'ON', seq: 1 })
  await first.receive(on)
  await first.close()
  const again = await inStore(t, { dir: first.dir })
  await again.receive(on)
  t.equal(again.rows(HISTORY).length, 1)
})

t.test('three changes within a second, without a number, are three changes', async (t) => {
  const { receive, rows } = await inStore(t)
  const on = status({})
  const off = status({ state: false, value: 0 })
  for (const each of [on, off, on]) await receive(each)
  t.match(rows(STATES), [{ state: 'on' }])
  await receive(on)
  t.match(rows(HISTORY), [{ command_type: 'ON' }, { command_type: 'OFF' }])
})

t.test('a change without any command is a row, and what stays as it is is none', async (t) => {
  const { receive, rows, clock } = await inStore(t)
  await receive(status({ state: 'off', value: 0 }))
  t.strictSame(rows(HISTORY), [], 'off is no news of what nobody knew')
  for (const change of [
    { state: 'on' },
    { state: 'on' },
    { state: 'off', value: 0 },
    { state: 'error', value: 0, error: 'stuck' },
  ]) {
    clock.now += 1000
    await receive(status({ ...change, ts: clock.now }))
  }
  t.match(rows(HISTORY), [
    { command_type: 'ON', issued_by: 'esp32', success: 1 },
    { command_type: 'OFF', issued_by: 'esp32', success: 1 },
    { command_type: 'ERROR', issued_by: 'esp32', success: 0, error_message: 'stuck', state: 'failed' },
  ])
})

t.test(
  'a device that repeats its last command tells one fact; switching off by itself is another',
  async (t) => {
    const { receive, rows, clock } = await inStore(t)
    for (const change of [
      { last_command: 'on' },
      { last_command: 'On' },
      { state: false, value: 0, last_command: 'ON' },
      { state: true, last_command: 'ON' },
    ]) {
      clock.now += 1000
      await receive(status({ ...change, ts: clock.now }))
    }
    t.match(rows(HISTORY), [{ command_type: 'ON' }, { command_type: 'OFF' }, { command_type: 'ON' }])
  },
)

t.test('a command of ours is one row whatever reports it: status, response, status again', async (t) => {
  const house = await inStore(t)
  const { receive, rows, clock } = house
  await sent(house, 'c1', 'ON')
  clock.now += 500
  const shown = await receive(status({ last_command: 'ON', ts: clock.now }))
  t.match(told(shown.effects, 'actuator_status'), [{ correlation_id: 'c1' }])
  t.match(told(shown.effects, 'actuator_command'), [{ correlation_id: 'c1', state: 'done' }])
  await receive(response({ correlation_id: 'c1', message: 'fine', ts: clock.now }))
  clock.now += 5_000
  await receive(status({ last_command: 'ON', runtime_ms: 5, ts: clock.now }))
  t.match(rows(HISTORY), [{ correlation_id: 'c1', state: 'done', success: 1, issued_by: 'user:ada' }])
  t.match(rows('SELECT sent_at, finished_at FROM actuator_history'), [
    { sent_at: NOW, finished_at: NOW + 500 },
  ])
})

t.test(
  'firmware that names neither command nor id is understood: the state that was wanted is ours',
  async (t) => {
    const house = await inStore(t)
    const { receive, rows, clock } = house
    await sent(house, 'c1', 'PWM', { value: 0.5 })
    await receive(status({ state: 'pwm', value: 64 }))
    t.match(rows(HISTORY), [
      { correlation_id: 'c1', state: 'sent' },
      { command_type: 'PWM', value: 64 / 255 },
    ])
    clock.now += 1000
    await receive(status({ state: 'pwm', value: 128, ts: clock.now }))
    t.match(rows(HISTORY), [{ correlation_id: 'c1', state: 'done' }, {}])
  },
)

t.test('a command that has not left cannot be shown to be done', async (t) => {
  const { store, book, receive, rows, clock } = await inStore(t)
  await store.group.run(() =>
    book.open(
      { correlation_id: 'c1', esp_id: DEVICE, gpio: 5, command_type: 'ON', issued_by: 'rule:1' },
      clock.now,
    ),
  )
  await receive(status({}))
  t.match(rows('SELECT state FROM actuator_history'), [{ state: 'pending' }])
})

t.test('a status with an error ends the command it names as failed', async (t) => {
  const house = await inStore(t)
  await sent(house, 'c1', 'ON')
  const { effects } = await house.receive(
    status({ state: 'error', value: 0, last_command: 'on', error: 'dry run' }),
  )
  t.match(house.rows(HISTORY), [
    { correlation_id: 'c1', state: 'failed', success: 0, error_message: 'dry run' },
  ])
  t.match(told(effects, 'actuator_command_failed'), [{ correlation_id: 'c1', error: 'dry run' }])
  t.match(house.rows(`SELECT event_type FROM audit_logs WHERE event_type LIKE 'actuator%'`), [
    { event_type: 'actuator_command_failed' },
  ])
})

t.test('runs begin and end with what is reported', async (t) => {
  const { receive, rows, clock } = await inStore(t)
  for (const state of ['on', 'pwm', 'off', 'off', 'on']) {
    clock.now += 1000
    await receive(status({ state, ts: clock.now }))
  }
  t.match(rows('SELECT started_at, ended_at FROM actuator_runs'), [
    { started_at: NOW + 1000, ended_at: NOW + 3000 },
    { started_at: NOW + 5000, ended_at: null },
  ])
  t.match(rows('SELECT on_since FROM actuator_states'), [{ on_since: NOW + 5000 }])
})

t.test('a clock that cannot be right is not believed: it is on since we heard of it', async (t) => {
  const { receive, rows } = await inStore(t)
  await receive(status({ ts: 1_577_836_801 }))
  await receive(status({ ts: NOW / 1000 + 3_600 }, 6))
  t.match(rows('SELECT on_since FROM actuator_states'), [{ on_since: NOW }, { on_since: NOW }])
})

t.test('a device has at most 64 actuators', async (t) => {
  const { receive, rows, findings } = await inStore(t)
  for (let gpio = 0; gpio < 64; gpio++) await receive(status({}, gpio))
  t.equal((await receive(status({}, 64))).code, 'actuators_full')
  t.equal((await receive(status({ state: false }, 63))).code, 'processed')
  t.equal(rows('SELECT gpio FROM actuator_states').length, 64)
  t.match(findings.list(DEVICE), [{ kind: 'actuators_full' }])
})

t.test('a device that goes leaves its actuators as they were reported, and doubtful', async (t) => {
  const { receive, rows, clock, presence, said } = await inStore(t)
  await receive(status({}))
  await receive(status({ state: false, value: 0 }, 6))
  const { effects } = await receive({
    topic: `kaiser/god/esp/${DEVICE}/system/will`,
    payload: '{"status":"offline","reason":"power_loss"}',
  })
  t.match(told(effects, 'actuator_status'), [{ gpio: 5, state: 'on', stale_reason: 'power_loss' }])
  t.match(rows('SELECT gpio, state, stale_since, stale_reason FROM actuator_states'), [
    { gpio: 5, state: 'on', stale_since: NOW, stale_reason: 'power_loss' },
    { gpio: 6, state: 'off', stale_reason: 'power_loss' },
  ])
  clock.now += 1000
  await receive(status({ ts: clock.now }))
  t.match(rows('SELECT gpio, stale_since FROM actuator_states'), [
    { stale_since: null },
    { stale_since: NOW },
  ])
  t.strictSame(rows(HISTORY).length, 1, 'to be on again is no new fact')

  clock.now += 180_000
  presence.look()
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.match(told(said(), 'actuator_status').at(-1), { gpio: 5, stale_reason: 'heartbeat_timeout' })
})

t.test('after a restart nobody knows what is on until it is reported', async (t) => {
  const first = await inStore(t)
  await first.receive(status({}))
  await first.close()
  const { rows, store } = await inStore(t, { dir: first.dir, now: NOW + 1000 })
  await store.group.run(() => {})
  t.match(rows('SELECT state, on_since, stale_reason, stale_since FROM actuator_states'), [
    { state: 'on', on_since: NOW, stale_reason: 'server_restart', stale_since: NOW + 1000 },
  ])
})
