/** A device that has stopped, and one that is in an emergency no more. */
import t from 'tap'
import { HISTORY, response, STATES, sent, status, told } from '../../support/actuators.js'
import { type InStore, inStore } from '../../support/in-store.js'
import { DEVICE, NOW } from '../../support/samples.js'

const ack = (payload: object = {}) => ({
  topic: `kaiser/god/esp/${DEVICE}/actuator/emergency/ack`,
  payload: JSON.stringify({ ts: NOW / 1000, command: 'emergency_stop', outcome: 'executed', ...payload }),
})
const recovered = (payload: object = {}) => ({
  topic: `kaiser/god/esp/${DEVICE}/actuator/recovery_confirm`,
  payload: JSON.stringify({ ts: NOW / 1000, command: 'clear_emergency', state: 'cleared', ...payload }),
})
const stop = ({ store, clock }: InStore, gpio: number | null = null) =>
  store.group.run(() => {
    const made = store.emergencyStops.insert({
      scope: gpio === null ? 'all' : 'actuator',
      esp_id: null,
      zone_id: null,
      gpio,
      reason: 'smoke',
      issued_by: 'user:ada',
      stopped_at: clock.now,
    })
    store.emergencyDevices.upsert(made.id, DEVICE, { state: 'sent', sent_at: clock.now })
    return made.id
  })

t.test(
  'an acknowledged stop is confirmed once, everything of the device is off, and nothing is on its way',
  async (t) => {
    const house = await inStore(t)
    const { receive, rows } = house
    await receive(status({}))
    await sent(house, 'c1', 'ON')
    const stop_id = await stop(house)
    const { effects } = await receive(ack({ gpio_count: 1 }))
    t.match(told(effects, 'emergency_device'), [
      { esp_id: DEVICE, stop_id, state: 'confirmed', confirmed_by: 'ack' },
    ])
    t.ok(effects[0]?.at_once, 'it does not wait for the disk')
    t.match(rows('SELECT state, confirmed_by FROM emergency_devices'), [
      { state: 'confirmed', confirmed_by: 'ack' },
    ])
    t.match(rows(STATES), [{ state: 'off', last_command: 'EMERGENCY_STOP' }])
    t.match(rows(HISTORY), [
      { command_type: 'ON', issued_by: 'esp32' },
      { correlation_id: 'c1', state: 'superseded' },
    ])
    t.strictSame(
      told((await receive(ack({ gpio_count: 1 }))).effects, 'emergency_device'),
      [],
      'a redelivery is silent',
    )
    t.equal(rows(`SELECT * FROM audit_logs WHERE event_type = 'emergency_ack'`).length, 1)
  },
)

t.test('a device that did not stop confirms nothing', async (t) => {
  const house = await inStore(t)
  const stop_id = await stop(house)
  await house.receive(status({}))
  const { effects } = await house.receive(ack({ outcome: 'rejected', message: 'no token' }))
  t.match(told(effects, 'emergency_device'), [{ stop_id, state: 'not_confirmed', message: 'no token' }])
  t.match(house.rows('SELECT state FROM emergency_devices'), [{ state: 'sent' }])
  t.match(house.rows(STATES), [{ state: 'on' }])
  t.match(house.rows(`SELECT severity FROM audit_logs WHERE event_type = 'emergency_ack'`), [
    { severity: 'critical' },
  ])
})

t.test('a stop that nobody here wanted is a fact of its own', async (t) => {
  const { receive, rows } = await inStore(t)
  const { effects } = await receive(ack())
  t.match(told(effects, 'emergency_device'), [{ stop_id: null, state: 'confirmed' }])
  t.match(rows(HISTORY), [{ gpio: 255, command_type: 'EMERGENCY_STOP', issued_by: 'esp32', success: 1 }])
})

t.test('all actuators reported off confirm a stop; one that is doubtful or on does not', async (t) => {
  const house = await inStore(t)
  const { receive, rows, clock } = house
  await receive(status({ seq: 1 }))
  await receive(status({ seq: 2 }, 6))
  const stop_id = await stop(house)
  const one = await stop(house, 6)
  clock.now += 1000
  const first = await receive(status({ state: false, value: 0, seq: 3 }, 6))
  t.match(told(first.effects, 'emergency_device'), [{ stop_id: one, confirmed_by: 'states' }])
  const second = await receive(status({ state: false, value: 0, seq: 4 }))
  t.match(told(second.effects, 'emergency_device'), [{ stop_id, confirmed_by: 'states' }])
  t.match(rows('SELECT state FROM emergency_devices'), [{ state: 'confirmed' }, { state: 'confirmed' }])
})

t.test(
  'what was off before the stop was said confirms nothing; it has to be reported off after it',
  async (t) => {
    const house = await inStore(t)
    const { receive, rows, clock } = house
    await receive(status({ seq: 1 }))
    await receive(status({ state: false, value: 0, seq: 2 }, 6))
    const stop_id = await stop(house)
    clock.now += 10_000
    const first = await receive(status({ state: false, value: 0, seq: 3 }))
    t.strictSame(told(first.effects, 'emergency_device'), [], 'its own timer may have ended')
    t.match(rows('SELECT state FROM emergency_devices'), [{ state: 'sent' }])
    const second = await receive(status({ state: false, value: 0, seq: 4 }, 6))
    t.match(told(second.effects, 'emergency_device'), [{ stop_id, confirmed_by: 'states' }])
    const third = await receive(status({ seq: 5 }))
    t.match(told(third.effects, 'emergency_device'), [{ stop_id, state: 'not_confirmed' }])
    const fourth = await receive(status({ state: false, value: 0, seq: 6 }))
    t.match(
      told(fourth.effects, 'emergency_device'),
      [{ stop_id, state: 'confirmed' }],
      'the other stayed off',
    )
  },
)

t.test('what is reported off before the device was told confirms nothing', async (t) => {
  const house = await inStore(t)
  const { receive, rows, store, clock } = house
  await receive(status({ seq: 1 }))
  const stop_id = await stop(house)
  await store.group.run(() =>
    store.emergencyDevices.upsert(stop_id, DEVICE, { state: 'not_confirmed', sent_at: null }),
  )
  await receive(status({ state: false, value: 0, seq: 2 }))
  t.match(rows('SELECT state FROM emergency_devices'), [{ state: 'not_confirmed' }])
  await store.group.run(() => store.emergencyDevices.upsert(stop_id, DEVICE, { sent_at: clock.now }))
  await receive(status({ state: false, value: 0, seq: 3 }))
  t.match(rows('SELECT state FROM emergency_devices'), [{ state: 'confirmed' }])
})

t.test('OFF that is answered by what is off already counts as reported off', async (t) => {
  const house = await inStore(t)
  const { receive, rows } = house
  await receive(status({ seq: 1 }))
  await receive(status({ state: false, value: 0, seq: 2 }, 6))
  await stop(house)
  await sent(house, 'off-6', 'OFF', { gpio: 6, value: 0 })
  await receive(status({ state: false, value: 0, seq: 3 }))
  t.match(rows('SELECT state FROM emergency_devices'), [{ state: 'sent' }])
  await receive(response({ command: 'OFF', correlation_id: 'off-6' }, 6))
  t.match(rows('SELECT state, confirmed_by FROM emergency_devices'), [
    { state: 'confirmed', confirmed_by: 'states' },
  ])
})

t.test(
  'a device that recovered is in an emergency no more; its stop stays latched and its actuators off',
  async (t) => {
    const house = await inStore(t)
    const { receive, rows } = house
    await receive(status({}))
    await stop(house)
    await receive(ack())
    const { effects } = await receive(recovered())
    t.match(told(effects, 'emergency_device'), [{ stop_id: null, state: 'cleared' }])
    t.match(told(effects, 'actuator_status'), [
      { state: 'off', emergency: 'normal', emergency_stopped: false },
    ])
    t.match(rows('SELECT state, emergency FROM actuator_states'), [{ state: 'off', emergency: 'normal' }])
    t.match(rows('SELECT released_at FROM emergency_stops'), [{ released_at: null }])
    t.match(rows(HISTORY), [{}, { gpio: 255, command_type: 'CLEAR_EMERGENCY', success: 1 }])
    t.strictSame(told((await receive(recovered())).effects, 'emergency_device'), [])
  },
)
