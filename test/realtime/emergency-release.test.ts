/** How an emergency stop is let go, and until when it is believed. */
import t from 'tap'
import { actuatorDevice } from '../support/actuator-device.js'
import { request } from '../support/http.js'
import { connected } from '../support/mqtt.js'
import { A, audited, B, house, stateOf } from '../support/stopped.js'
import { until } from '../support/until.js'

t.test('a stop is released in two steps, by scope, and nothing is switched on by it', async (t) => {
  const here = await house(t)
  const { app, stop, clear, seen, on } = here
  const a = await actuatorDevice(t, app, A, { confirms: true })
  await a.is('off')
  t.match(await clear({ reason: 'over' }), {
    status: 404,
    body: { detail: 'No emergency stop of everything is latched' },
  })
  await stop({ reason: 'smoke' })
  await stop({ reason: 'leak', esp_id: A })
  t.match(await clear({ reason: 'over', esp_id: A, token: 'guessed' }), {
    status: 400,
    body: {
      code: 'request_refused',
      detail: /^The release of device ESP_AAAAAAAA is not armed with this token/,
    },
  })
  const armed = await clear({ reason: 'over', esp_id: A })
  t.equal(armed.status, 202)
  t.match(armed.body, {
    success: true,
    token: /^[0-9a-f]{24}$/,
    expires_at: /^20.*Z$/,
    message: /^Nothing is released yet/,
    stop: { scope: 'device', devices: [{ esp_id: A }] },
  })
  const { token } = armed.body
  t.match(await seen(), {
    stops: [
      { scope: 'all', armed: null },
      { scope: 'device', armed: { armed_by: 'a-operator' } },
    ],
  })
  t.notMatch(JSON.stringify(await seen()), String(token), 'who only looks does not see the token')
  t.match(await clear({ reason: 'over', token }), { status: 400 }, 'it is the token of another scope')
  t.match(await clear({ reason: 'over', esp_id: B, token }), {
    status: 404,
    body: { detail: /latched are everything, device ESP_AAAAAAAA/ },
  })
  const released = await clear({ reason: 'looked', esp_id: A, token })
  t.match(released, {
    status: 200,
    body: {
      success: true,
      stop: { scope: 'device', released_by: 'a-operator', release_reason: 'looked' },
      still_stopped: ['everything'],
    },
  })
  t.match(await clear({ reason: 'over', esp_id: A, token }), { status: 404 }, 'a token releases once')
  t.match(await on(A), { status: 400, body: { limit_name: 'stopped' } }, 'the other stop holds')
  const last = await clear({ reason: 'over' })
  t.match(await clear({ reason: 'over', token: last.body.token }), {
    status: 200,
    body: { still_stopped: [] },
  })
  await until(
    () => a.heard.some(({ payload }) => payload.command === 'clear_emergency'),
    'the device hears it',
  )
  t.strictSame(
    a.commands().filter(({ command }) => command !== 'OFF'),
    [],
  )
  t.match(await seen(), {
    active: false,
    stops: [],
    history: [
      { stop_id: 1, released_by: 'a-operator' },
      { stop_id: 2, release_reason: 'looked' },
    ],
  })
  t.match(await on(A), { status: 200 })
  t.strictSame(
    audited(app)
      .map((entry) => (entry as { event_type: string }).event_type)
      .filter((event) => event !== 'emergency_ack'),
    [
      'emergency_stop',
      'emergency_stop',
      'emergency_armed',
      'emergency_released',
      'emergency_armed',
      'emergency_released',
    ],
  )
})

t.test('a device without actuators has nothing to stop, and is not doubted while it is away', async (t) => {
  const here = await house(t)
  const { app, operator, stop, seen } = here
  const C = 'ESP_CCCCCCCC'
  await request(app, 'POST', '/esp/devices', { token: operator, body: { device_id: C } })
  await stop({ reason: 'smoke' })
  await until(async () => (await stateOf(here, A)) === 'not_confirmed', 'one that has a pump is doubted')
  t.equal(await stateOf(here, C), 'waiting')
  const { devices } = ((await seen()) as unknown as { stops: { devices: object[] }[] }).stops[0]!
  t.match(devices, [
    { esp_id: A, state: 'not_confirmed', actuators: 1 },
    { esp_id: B, actuators: 1 },
    { esp_id: C, state: 'waiting', actuators: 0 },
  ])
  const late = await actuatorDevice(t, app, C, { confirms: true })
  await until(async () => (await stateOf(here, C)) === 'confirmed', 'it is told all the same')
  t.strictSame(late.commands(), [])
})

t.test(
  'who stops what is stopped already is written down and told too; the row keeps the first',
  async (t) => {
    const { app, admin, stop, ask, seen } = await house(t)
    const heard = await connected(t, app, { clientId: 'ears' })
    const events: Record<string, unknown>[] = []
    heard.on('message', (_topic, bytes) =>
      events.push(JSON.parse(String(bytes)).data ?? JSON.parse(String(bytes))),
    )
    await heard.subscribeAsync('kaiser/god/event/emergency_stop')
    const device = await actuatorDevice(t, app, A)
    const told = () => device.heard.filter(({ what }) => what === 'actuator/emergency')
    await stop({ reason: 'smoke' })
    await until(() => told().length === 1, 'the device is told')
    t.match(await ask('POST', '/emergency_stop', { reason: 'flood' }, admin), {
      status: 200,
      body: { stop_id: 1, reason: 'flood', message: /it holds since 20.*, by emergency:a-operator: smoke$/ },
    })
    t.match(await seen(), {
      stops: [
        {
          stop_id: 1,
          reason: 'smoke',
          issued_by: 'emergency:a-operator',
          repeated: { reason: 'flood', issued_by: /^emergency:/ },
        },
      ],
    })
    await until(() => told().length === 2, 'the device is told again')
    t.match(
      told().map(({ payload }) => payload),
      [
        { command: 'emergency_stop', reason: 'smoke', issued_by: 'emergency:a-operator' },
        { command: 'emergency_stop', reason: 'flood', correlation_id: 'stop-1' },
      ],
    )
    await until(() => events.length === 2, 'both are told')
    t.match(events, [
      { state: 'stopped', reason: 'smoke', issued_by: 'a-operator', again: false },
      { state: 'stopped', reason: 'flood', again: true },
    ])
    t.not(events[1]!.issued_by, 'a-operator')
    t.match(audited(app), [
      { message: /stopped everything: smoke$/ },
      { message: /stopped everything again: flood$/ },
    ])
  },
)

t.test('a token is good for a minute, and a new stop ends it', async (t) => {
  const clock = { ahead: 0 }
  const { stop, clear } = await house(t, { now: () => Date.now() + clock.ahead })
  await stop({ reason: 'smoke' })
  const first = await clear({ reason: 'over' })
  clock.ahead = 61_000
  t.match(await clear({ reason: 'over', token: first.body.token }), { status: 400 })
  const second = await clear({ reason: 'over' })
  await stop({ reason: 'smoke again' })
  t.match(await clear({ reason: 'over', token: second.body.token }), { status: 400 })
  const third = await clear({ reason: 'over' })
  t.match(await clear({ reason: 'over', token: third.body.token }), { status: 200 })
})
