/** Emergency stops over REST: said to the sockets of devices, seen per device, and let go in two steps. */
import t from 'tap'
import { outsider } from '../storage/open.js'
import { actuatorDevice } from '../support/actuator-device.js'
import { A, audited, B, house, stateOf } from '../support/stopped.js'
import { until } from '../support/until.js'

t.test('everything stops, each device is shown with what it said, and ON passes for nobody', async (t) => {
  const here = await house(t)
  const { app, stop, seen, on } = here
  const a = await actuatorDevice(t, app, A, { confirms: true })
  const b = await actuatorDevice(t, app, B)
  await a.is('on')
  await b.is('on')
  const { status, body } = await stop({ reason: 'smoke' }, { 'x-request-id': 'red-button' })
  t.equal(status, 200)
  const { timestamp, stop_id, ...fields } = body
  t.match(timestamp, /^20.*Z$/)
  t.equal(stop_id, 1)
  t.strictSame(fields, {
    success: true,
    message: 'Emergency stop of everything: 2 of 2 devices were told',
    scope: 'all',
    devices_stopped: 2,
    devices_reached: 2,
    actuators_stopped: 2,
    reason: 'smoke',
    details: [A, B].map((esp_id) => ({
      esp_id,
      reached: true,
      actuators: [{ esp_id, gpio: 5, success: true }],
    })),
  })
  for (const device of [a, b]) {
    await until(() => device.commands().length > 0, 'OFF')
    t.match(device.commands(), [{ command: 'OFF', issued_by: 'emergency:a-operator' }])
    t.ok(
      device.heard.some(({ what, payload }) => what === 'actuator/emergency' && payload.reason === 'smoke'),
    )
    t.ok(device.heard.some(({ what }) => what === 'kaiser/broadcast/emergency'))
  }
  await until(async () => (await stateOf(here, A)) === 'confirmed', 'one confirms')
  await until(async () => (await stateOf(here, B)) === 'not_confirmed', 'the other is shown not to')
  t.match(await seen(), {
    active: true,
    message: 'Stopped: everything',
    stops: [
      {
        scope: 'all',
        reason: 'smoke',
        issued_by: 'emergency:a-operator',
        armed: null,
        confirmed: 1,
        devices: [
          { esp_id: B, state: 'not_confirmed', confirmed_at: null },
          { esp_id: A, state: 'confirmed', confirmed_by: 'ack' },
        ],
      },
    ],
    history: [],
  })
  t.match(await on(A), {
    status: 400,
    body: { limit_name: 'stopped', possible_at: null, detail: /Refused by stopped: .*smoke/ },
  })
  t.match(audited(app), [
    { event_type: 'emergency_stop', source_id: 'a-operator', request_id: 'red-button', message: /smoke/ },
  ])
})

t.test('a zone, a device, one actuator: each stops what it names and nothing else', async (t) => {
  const here = await house(t)
  const { app, ask, stop, on } = here
  await ask('POST', `/${A}/18`, { actuator_type: 'fan' })
  const a = await actuatorDevice(t, app, A, { confirms: true })
  const b = await actuatorDevice(t, app, B, { confirms: true })
  await a.is('off')
  await b.is('off')
  t.match(await stop({ reason: 'frost', zone_id: 'NORTH' }), {
    body: { scope: 'zone', devices_stopped: 1, actuators_stopped: 2, details: [{ esp_id: A }] },
  })
  t.match(await on(A), { status: 400, body: { limit_name: 'stopped' } })
  t.match(await on(B), { status: 200 })
  t.match(await stop({ reason: 'leak', esp_id: B, gpio: 5 }), {
    body: { scope: 'actuator', devices_stopped: 1, actuators_stopped: 1 },
  })
  t.match(await on(B), { status: 400, body: { limit_name: 'stopped' } })
  t.notOk(
    b.heard.some(({ what }) => what === 'actuator/emergency'),
    'one actuator has no message of its own',
  )
})

t.test('a stop of what is not there, or that contradicts itself, is refused with the field', async (t) => {
  const { app, stop, clear, ask, viewer } = await house(t)
  const bad: readonly [body: unknown, status: number, what: RegExp][] = [
    [{}, 422, /reason.*required/],
    [{ reason: '' }, 422, /reason/],
    [{ reason: ' ' }, 422, /reason/],
    [{ reason: 'x'.repeat(501) }, 422, /reason/],
    [{ reason: 5 }, 422, /reason/],
    [{ reason: 'x', esp_id: '' }, 422, /esp_id/],
    [{ reason: 'x', esp_id: A, gpio: 255 }, 422, /gpio/],
    [{ reason: 'x', esp_id: A, gpio: '5' }, 422, /gpio/],
    [{ reason: 'x', gpio: 5 }, 422, /gpio.*needs the esp_id/],
    [{ reason: 'x', esp_id: A, zone_id: 'north' }, 422, /zone_id.*not both/],
    [{ reason: 'x', espid: A }, 422, /"espid"\],"msg":"is not known; allowed: reason, esp_id, zone_id, gpio/],
    [{ reason: 'x', zoneid: 'north' }, 422, /zoneid.*is not known/],
    [{ reason: 'x', esp_id: A, GPIO: 5 }, 422, /GPIO.*is not known/],
    [{ reason: 'x', esp_id: 'ESP_NONE' }, 404, /Device ESP_NONE is not known/],
    [{ reason: 'x', zone_id: 'south' }, 404, /No device is in zone south/],
    [{ reason: 'x', esp_id: A, gpio: 7 }, 404, /There is no actuator on GPIO 7 of ESP_AAAAAAAA/],
  ]
  for (const [body, status, what] of bad) {
    const answer = await stop(body)
    t.equal(answer.status, status, JSON.stringify(body))
    t.match(JSON.stringify(answer.body), what)
    if (status === 422) t.equal((await clear(body)).status, 422, `clear ${JSON.stringify(body)}`)
  }
  t.match(await clear({ reason: 'x', token: '' }), { status: 422 })
  for (const path of ['/emergency_stop', '/clear_emergency'])
    t.equal((await ask('POST', path, { reason: 'x' }, viewer)).status, 403)
  t.strictSame(app.store.emergencyStops.list(), [])
})

t.test(
  'a device that is away is waited for, told when it is back, and starts nothing afterwards',
  async (t) => {
    const here = await house(t)
    const { app, stop, clear, on } = here
    const first = await actuatorDevice(t, app, A)
    await first.is('off')
    t.match(await on(A), { status: 200 })
    await first.is('on', 5, { last_command: 'ON' })
    await first.leaves()
    await until(() => !app.broker.present(A), 'it is gone')
    t.match((await stop({ reason: 'smoke', esp_id: A })).body, {
      devices_reached: 0,
      message: /0 of 1 devices were told; who is away is told/,
      details: [{ reached: false, actuators: [{ success: false, message: /told when it comes back/ }] }],
    })
    t.equal(await stateOf(here, A), 'waiting')
    const armed = await clear({ reason: 'over', esp_id: A })
    await clear({ reason: 'over', esp_id: A, token: armed.body.token })
    await app.store.group.run(() =>
      app.store.actuatorStates.upsert(A, 5, { stale_since: Date.now(), stale_reason: 'test' }, Date.now()),
    )
    const back = await actuatorDevice(t, app, A)
    await back.is('off')
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    t.strictSame(back.commands(), [], 'what was wanted before the stop is not wanted after it')

    await stop({ reason: 'smoke', esp_id: B })
    const late = await actuatorDevice(t, app, B, { confirms: true })
    await until(() => late.heard.some(({ payload }) => payload.command === 'emergency_stop'), 'it is told')
  },
)

t.test('while storage fails a stop stops, and is written when storage is back', async (t) => {
  const here = await house(t)
  const { app, stop, clear, seen } = here
  const a = await actuatorDevice(t, app, A, { confirms: true })
  await a.is('on')
  const lock = outsider(t, `${app.dir}/kaiser.db`)
  lock.exec('BEGIN IMMEDIATE')
  t.match(await stop({ reason: 'smoke' }), { status: 200, body: { devices_reached: 1, stored: false } })
  await until(() => a.commands().length > 0, 'OFF')
  t.ok(a.heard.some(({ what }) => what === 'actuator/emergency'))
  t.match(await seen(), { active: true, stops: [{ reason: 'smoke' }] })
  t.match(await clear({ reason: 'over' }), { status: 202, body: { stored: false } })
  lock.exec('COMMIT')
  await until(() => app.store.group.waiting === 0, 'storage')
  t.match(lock.prepare('SELECT reason, released_at FROM emergency_stops').all(), [
    { reason: 'smoke', released_at: null },
  ])
})

t.test('a stop is not kept waiting by too many requests before it', async (t) => {
  const { ask, stop, viewer } = await house(t, { restRate: 20 })
  let last = 0
  for (let n = 0; n < 30 && last !== 429; n++) last = (await ask('GET', '')).status
  t.equal(last, 429)
  t.match(await stop({ reason: 'smoke' }), { status: 200 })
  t.equal((await ask('POST', '/clear_emergency', { reason: 'over' })).status, 429, 'only the stop')
  t.equal((await ask('POST', '/emergency_stop', { reason: 'x' }, viewer)).status, 403, 'for those who may')
  for (let n = 0; n < 70 && last !== 422; n++) last = (await stop({})).status
  for (let n = 0; n < 70 && last !== 429; n++) last = (await stop({})).status
  t.equal(last, 429, 'a limit it has all the same')
})
