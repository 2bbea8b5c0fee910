/** The tables of actuators and emergency stops: whole after a restart, as before when a row is withdrawn, bounded. */
import t from 'tap'
import { MOST_RUNS, REMEMBERED } from '../../storage/actuator-runs.js'
import { NOON, open } from './open.js'

const ESP = 'ESP_12AB34CD'

t.test('a config is whole after a restart, its JSON parsed', async (t) => {
  const opened = await open(t)
  const fields = {
    actuator_type: 'pump',
    actuator_name: 'Well',
    max_value: 0.8,
    max_runtime: 600,
    interlocks: [{ never_with: 6 }],
    required_sensors: [{ gpio: 4 }],
    sanity: { flow: 7 },
    metadata: { note: 'left' },
  }
  const before = await opened.store.group.run(() => opened.store.actuatorConfigs.insert(ESP, 5, fields, NOON))
  t.match(before, { ...fields, enabled: 1, min_value: 0, aux_gpio: 255, config_status: 'pending' })
  t.throws(() => opened.store.actuatorConfigs.insert(ESP, 5, fields, NOON), /exists/)
  await opened.store.group.run(() =>
    opened.store.actuatorConfigs.insert(ESP, 2, { actuator_type: 'valve' }, NOON),
  )
  await opened.reopen()
  const { actuatorConfigs, group } = opened.store
  t.strictSame(actuatorConfigs.find(ESP, 5), before)
  t.strictSame(
    actuatorConfigs.list(ESP).map(({ gpio }) => gpio),
    [2, 5],
  )
  await t.rejects(
    group.run(() => {
      actuatorConfigs.update(before, { enabled: 0 }, NOON + 1)
      actuatorConfigs.removeDevice(ESP)
      throw new Error('no')
    }),
    /no/,
  )
  t.strictSame(actuatorConfigs.find(ESP, 5), before)
  t.equal(actuatorConfigs.count(ESP), 2)
  await group.run(() => actuatorConfigs.removeDevice(ESP))
  await opened.reopen()
  t.strictSame(opened.store.actuatorConfigs.list(), [])
})

t.test('a row that cannot be written takes its record with it, and a change built on it', async (t) => {
  const { store } = await open(t)
  const before = await store.group.run(() => store.actuatorStates.upsert(ESP, 5, { state: 'on' }, NOON))
  const bad = store.group.run(() => store.actuatorStates.upsert(ESP, 5, { on_since: 0.5 }, NOON))
  await t.rejects(bad, /cannot store REAL|datatype/i)
  t.equal(store.actuatorStates.find(ESP, 5), before)
})

t.test('states and timers are one per actuator and kind, and go with their device', async (t) => {
  const opened = await open(t)
  await opened.store.group.run(() => {
    const { actuatorStates, actuatorTimers } = opened.store
    actuatorStates.upsert(ESP, 5, { state: 'on', current_value: 0.5 }, NOON)
    actuatorStates.upsert(ESP, 5, { state: 'off' }, NOON + 1)
    actuatorStates.upsert('ESP_2', 5, {}, NOON)
    actuatorTimers.upsert({ esp_id: ESP, gpio: 5, kind: 'duration', due_at: NOON, started_at: NOON })
    actuatorTimers.upsert({ esp_id: ESP, gpio: 5, kind: 'duration', due_at: NOON + 9, started_at: NOON })
    actuatorTimers.upsert({ esp_id: ESP, gpio: 5, kind: 'override', due_at: NOON, started_at: NOON })
  })
  await opened.reopen()
  const { actuatorStates, actuatorTimers, group } = opened.store
  t.match(actuatorStates.list(ESP), [{ state: 'off', current_value: 0.5, emergency: 'normal' }])
  t.match(actuatorTimers.find(ESP, 5, 'duration'), { due_at: NOON + 9 })
  t.equal(actuatorTimers.list().length, 2)
  await group.run(() => {
    actuatorTimers.remove(actuatorTimers.find(ESP, 5, 'override')!)
    actuatorStates.removeDevice(ESP)
  })
  t.match(opened.rows('SELECT esp_id FROM actuator_states'), [{ esp_id: 'ESP_2' }])
  t.match(opened.rows('SELECT kind FROM actuator_timers'), [{ kind: 'duration' }])
})

t.test('runs are remembered for 25 hours and for 300 of them, their sum for all', async (t) => {
  const opened = await open(t)
  const { actuatorRuns: runs, group } = opened.store
  const lengthOf = (): number =>
    runs.list(ESP, 5).reduce((sum, run) => sum + ((run.ended_at ?? run.started_at) - run.started_at), 0)
  await group.run(() => {
    runs.start(ESP, 5, NOON)
    runs.start(ESP, 5, NOON + 5)
    runs.end(ESP, 5, NOON + 10)
    runs.end(ESP, 5, NOON + 11)
  })
  t.match(runs.list(ESP, 5), [{ started_at: NOON, ended_at: NOON + 10 }])
  await group.run(() => {
    for (let n = 1; n < MOST_RUNS + 50; n++) {
      runs.start(ESP, 5, NOON + n * 1000)
      runs.end(ESP, 5, NOON + n * 1000 + 10)
    }
  })
  t.equal(runs.list(ESP, 5).length, MOST_RUNS)
  t.equal(lengthOf(), (MOST_RUNS + 50) * 10)
  await opened.reopen()
  t.equal(opened.store.actuatorRuns.list(ESP, 5).length, MOST_RUNS)
  await opened.store.group.run(() => opened.store.actuatorRuns.start(ESP, 5, NOON + REMEMBERED + 400_000))
  t.match(opened.store.actuatorRuns.list(ESP, 5), [{ ended_at: null }])
  t.equal(opened.rows('SELECT * FROM actuator_runs').length, 1)
})

t.test('a stop is latched over a restart until it is released, and stays as a record', async (t) => {
  const opened = await open(t)
  const stop = await opened.store.group.run(() => {
    const { emergencyStops, emergencyDevices } = opened.store
    const made = emergencyStops.insert({
      scope: 'device',
      esp_id: ESP,
      zone_id: null,
      gpio: null,
      reason: 'smoke',
      issued_by: 'user:ada',
      stopped_at: NOON,
    })
    emergencyDevices.upsert(made.id, ESP, { state: 'sent', sent_at: NOON, attempts: 1 })
    return made
  })
  await opened.reopen()
  const { emergencyStops, emergencyDevices, group } = opened.store
  t.strictSame(emergencyStops.list(), [stop])
  t.match(emergencyDevices.list(stop.id), [{ esp_id: ESP, state: 'sent', attempts: 1 }])
  await t.rejects(
    group.run(() => {
      emergencyStops.update(stop, { released_at: NOON + 1 })
      throw new Error('no')
    }),
    /no/,
  )
  t.strictSame(emergencyStops.find(stop.id), stop)
  await group.run(() => emergencyStops.update(stop, { released_at: NOON + 1, released_by: 'user:ada' }))
  t.strictSame(emergencyStops.list(), [])
  t.equal(emergencyStops.find(stop.id), undefined)
  t.match(emergencyStops.history(10), [{ id: stop.id, released_by: 'user:ada' }])
  await opened.reopen()
  t.strictSame(opened.store.emergencyStops.list(), [])
  const owed = opened.store.emergencyDevices.list(stop.id)
  t.match(owed, [{ esp_id: ESP, cleared_at: null }], 'the device does not know yet that it is over')
  await opened.store.group.run(() =>
    opened.store.emergencyDevices.upsert(stop.id, ESP, { cleared_at: NOON + 2 }),
  )
  await opened.reopen()
  t.strictSame(opened.store.emergencyDevices.list(stop.id), [])
})
