/** What a mock is made to do over REST: its sensors, its actuators, and as a whole. */
import t from 'tap'
import { request } from '../support/http.js'
import { house, ID } from '../support/lab.js'
import { until } from '../support/until.js'

t.test('sensors: added, replaced on their gpio, set, let go, removed', async (t) => {
  const { app, as } = await house(t)
  const value = async (): Promise<unknown> =>
    app.store.readings.latest(ID).find(({ gpio }) => gpio === 4)?.processed_value
  t.match(
    await as('POST', `/${ID}/sensors`, {
      gpio: 4,
      sensor_type: 'DS18B20',
      variation_pattern: 'RANDOM',
      base_value: 22,
      variation_range: 2,
      min_value: 21,
      max_value: 23,
      interval_seconds: 60,
    }),
    {
      status: 200,
      body: {
        success: true,
        esp_id: ID,
        command: 'add_sensor',
        result: {
          gpio: 4,
          sensor_type: 'DS18B20',
          unit: '°C',
          variation_pattern: 'random',
          base_value: 22,
          variation_range: 2,
          min_value: 21,
          max_value: 23,
          interval_seconds: 60,
        },
        error: null,
      },
    },
  )
  await until(async () => (await value()) !== undefined, 'one reading')
  t.match(await as('POST', `/${ID}/sensors/4`, { raw_value: 30.5, quality: 'fair' }), {
    status: 200,
    body: {
      command: 'set_sensor_value',
      result: { raw_value: 30.5, quality: 'fair', manual_override: true },
    },
  })
  await until(async () => (await value()) === 30.5, 'the set value')
  t.match(await as('POST', `/${ID}/sensors/4/value`, { value: -5, publish: false }), {
    status: 200,
    body: { result: { raw_value: -5, quality: 'good' } },
  })
  t.equal(await value(), 30.5, 'said by nobody yet')
  t.match((await as('GET', `/${ID}`)).body.sensors, [{ raw_value: -5, manual_override: true }])
  t.match(await as('DELETE', `/${ID}/sensors/4/value`), {
    status: 200,
    body: { command: 'clear_sensor_value', result: { manual_override: false, cleared: true } },
  })
  t.match((await as('DELETE', `/${ID}/sensors/4/value`)).body, { success: true, result: { cleared: false } })
  t.match(await as('POST', `/${ID}/sensors/4/value`, {}), {
    status: 422,
    body: { detail: [{ loc: ['body', 'raw_value'] }] },
  })
  t.match(await as('POST', `/${ID}/sensors/9/value`, { raw_value: 1 }), {
    status: 404,
    body: { detail: 'There is no sensor on gpio 9' },
  })
  t.match(await as('POST', '/MOCK_404/sensors/4/value', { raw_value: 1 }), { status: 404 })

  t.match(await as('POST', `/${ID}/sensors`, { gpio: 4, sensor_type: 'pH', raw_value: 6 }), { status: 200 })
  t.match((await as('GET', `/${ID}`)).body.sensors, [{ sensor_type: 'pH', raw_value: 6, unit: 'pH' }])
  t.equal(((await as('GET', `/${ID}`)).body.sensors as unknown[]).length, 1, 'in the place of the other')
  for (const sensor_type of ['SHT31', 'SHT31_humidity'])
    t.match(await as('POST', `/${ID}/sensors`, { gpio: 21, sensor_type }), { status: 200 })
  t.equal(
    ((await as('GET', `/${ID}`)).body.sensors as unknown[]).length,
    3,
    'values of one chip share its gpio',
  )
  t.match(await as('POST', `/${ID}/sensors/21/value`, { raw_value: 50 }), {
    status: 409,
    body: { code: 'sensor_ambiguous', detail: /gpio 21 has SHT31, SHT31_humidity/ },
  })
  t.match(await as('POST', `/${ID}/sensors/21/value`, { raw_value: 50, sensor_type: 'sht31_humidity' }), {
    status: 200,
    body: { result: { sensor_type: 'SHT31_humidity', raw_value: 50 } },
  })
  t.match(await as('DELETE', `/${ID}/sensors/21/value?sensor_type=ph`), { status: 404 })
  t.match(await as('DELETE', `/${ID}/sensors/21/value?sensor_type=sht31_humidity`), { status: 200 })
  t.match(await as('DELETE', `/${ID}/sensors/21?sensor_type=SHT31`), {
    body: { command: 'remove_sensor', result: { gpio: 21, removed: ['SHT31'] } },
  })

  t.match(await as('POST', `/${ID}/sensors/batch`, { values: { 4: 6.5, 21: 55 }, publish: true }), {
    status: 200,
    body: { success: true, result: { values: { 4: 6.5, 21: 55 } } },
  })
  t.match(await as('POST', `/${ID}/sensors/batch`, { values: { 4: 1, 0: 0 } }), { status: 404 })
  t.match((await as('GET', `/${ID}`)).body.sensors, [{ raw_value: 6.5 }, { raw_value: 55 }], 'all or none')
  t.match(await as('DELETE', `/${ID}/sensors/4`), { status: 200, body: { result: { gpio: 4 } } })
  t.match(await as('DELETE', `/${ID}/sensors/4`), { status: 404 })
  t.match(await as('POST', `/${ID}/sensors`, { gpio: 4, sensor_type: 'ds18b20', interval_seconds: 0 }), {
    status: 422,
    body: { detail: [{ loc: ['body', 'interval_seconds'] }] },
  })
})

t.test('actuators: switched by hand, stopped, cleared', async (t) => {
  const { app, as, admin } = await house(t, { sensors: [{ gpio: 4, sensor_type: 'ds18b20' }] })
  t.match(await as('POST', `/${ID}/actuators`, { gpio: 5, actuator_type: 'relay', name: '', state: false }), {
    status: 200,
    body: { command: 'add_actuator', result: { gpio: 5, actuator_type: 'relay', name: null, state: false } },
  })
  t.match(await as('POST', `/${ID}/actuators`, { gpio: 4, actuator_type: 'pump' }), {
    status: 409,
    body: { detail: /gpio 4 is taken by the sensor ds18b20/ },
  })
  t.match(await as('POST', `/${ID}/actuators/5`, { state: true, pwm_value: 0.5 }), {
    status: 200,
    body: {
      success: true,
      command: 'set_actuator_state',
      result: { state: true, pwm_value: 0.5, last_command: 'PWM' },
    },
  })
  const seen = (): unknown => app.store.actuatorStates.find(ID, 5)?.current_value
  await until(() => seen() === 0.5, 'its status')
  // What pages put in the place of the mock after they changed its zone. rest-contract §16.1
  t.match(
    (await request(app, 'PATCH', `/esp/devices/${ID}`, { token: admin, body: { zone_id: 'b' } })).body,
    {
      zone_id: 'b',
      auto_heartbeat: false,
      sensors: [{ gpio: 4 }],
      actuators: [{ gpio: 5, actuator_type: 'relay', state: true, pwm_value: 0.5, emergency_stopped: false }],
    },
  )
  await until(async () => (await as('GET', `/${ID}`)).body.zone_id === 'b', 'its zone')
  t.match(await as('POST', `/${ID}/emergency-stop?reason=test`, null), {
    status: 200,
    body: { success: true, command: 'emergency_stop', result: { reason: 'test', actuators_stopped: 1 } },
  })
  await until(() => seen() === 0, 'the status of the stop')
  t.match((await as('GET', `/${ID}`)).body.actuators, [
    { state: false, pwm_value: 0, emergency_stopped: true, last_command: 'EMERGENCY_STOP' },
  ])
  t.match(await as('POST', `/${ID}/actuators/5`, { state: true }), {
    status: 200,
    body: { success: false, error: 'Emergency stopped', result: { state: false } },
  })
  t.match(await as('POST', `/${ID}/clear-emergency`), { status: 200, body: { command: 'clear_emergency' } })
  t.match(await as('POST', `/${ID}/actuators/5`, { state: true }), { body: { success: true } })
  t.match(await as('POST', `/${ID}/actuators/9`, { state: true }), { status: 404 })
  await request(app, 'POST', '/actuators/emergency_stop', {
    token: admin,
    body: { reason: 'all', esp_id: ID },
  })
  await until(() => seen() === 0, 'a stop of kaiser is heard')
  await as('POST', `/${ID}/clear-emergency`)
  t.match(
    (await request(app, 'GET', '/actuators/emergency', { token: admin })).body,
    { active: true },
    'the mock only',
  )
  t.match(await as('DELETE', `/${ID}/actuators/5`), { status: 200, body: { command: 'remove_actuator' } })
  t.match(await as('DELETE', `/${ID}/actuators/5`), { status: 404 })
})

t.test('heartbeat, state, rest and run, faults, messages', async (t) => {
  const { app, as } = await house(t, { actuators: [{ gpio: 5, actuator_type: 'fan', state: true }] })
  t.match(await as('POST', `/${ID}/heartbeat`), {
    status: 200,
    body: { success: true, esp_id: ID, timestamp: /Z$/, message_published: true, payload: { esp_id: ID } },
  })
  t.match(await as('POST', `/${ID}/state`, { state: 'SAFE_MODE', reason: 'test' }), {
    status: 200,
    body: {
      command: 'set_state',
      result: { esp_id: ID, previous_state: 'OPERATIONAL', current_state: 'SAFE_MODE', reason: 'test' },
    },
  })
  t.match((await as('GET', `/${ID}`)).body, { system_state: 'SAFE_MODE', actuators: [{ state: false }] })
  t.match(await as('POST', `/${ID}/state`, { state: 'HAPPY' }), {
    status: 422,
    body: { detail: [{ loc: ['body', 'state'], msg: /OPERATIONAL/ }] },
  })
  await as('POST', `/${ID}/state`, { state: 'OPERATIONAL' })
  t.match(await as('POST', `/${ID}/auto-heartbeat?enabled=true&interval_seconds=10`, null), {
    status: 200,
    body: { command: 'auto_heartbeat', result: { enabled: true, interval_seconds: 10 } },
  })
  t.match((await as('GET', `/${ID}`)).body, { auto_heartbeat: true, heartbeat_interval_seconds: 10 })
  t.match(await as('POST', `/${ID}/auto-heartbeat?enabled=true&interval_seconds=1`), { status: 422 })

  t.match(await as('POST', `/${ID}/stop`), {
    status: 200,
    body: { status: 'offline', connected: false, simulation_state: 'stopped' },
  })
  await until(() => app.store.devices.find(ID)?.status === 'offline', 'its Will')
  t.match((await as('POST', `/${ID}/heartbeat`)).body, { success: false, message_published: false })
  await as('DELETE', `/${ID}/messages`)
  t.match(await as('POST', `/${ID}/sensors`, { gpio: 4, sensor_type: 'ds18b20' }), { status: 200 })
  t.match(await as('POST', `/${ID}/actuators/5`, { state: true }), { status: 200 })
  t.match((await as('GET', `/${ID}/messages`)).body, { total: 0 }, 'who rests says nothing')
  t.match(await as('POST', `/${ID}/state`, { state: 'ERROR' }), {
    status: 400,
    body: { detail: /start it first/ },
  })
  t.match(await as('POST', `/${ID}/start`), {
    status: 200,
    body: { status: 'online', simulation_state: 'running' },
  })

  t.match(await as('POST', `/${ID}/faults`, { fault: 'drop' }), {
    status: 200,
    body: { command: 'inject_fault', result: { fault: 'drop' } },
  })
  t.match((await as('GET', `/${ID}`)).body, { faults: [{ fault: 'drop' }] })
  t.match(await as('DELETE', `/${ID}/faults?fault=drop`), { body: { result: { healed: true } } })
  t.match((await as('GET', `/${ID}`)).body, { faults: [] })

  const { body } = await as('GET', `/${ID}/messages?limit=2`)
  t.match(body, { success: true, esp_id: ID, total: Number })
  t.match(body.messages, [{ topic: /^kaiser\/god\//, payload: Object, timestamp: /Z$/, qos: Number }, {}])
  t.match(await as('DELETE', `/${ID}/messages`), { status: 204 })
  t.match((await as('GET', `/${ID}/messages`)).body, { total: 0 })
})
