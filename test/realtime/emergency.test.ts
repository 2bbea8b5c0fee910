/** Emergency stops over REST: said to the sockets of devices, seen per device, and let go in two steps. */
import t from 'tap'
import { outsider } from '../storage/open.js'
import { actuatorDevice } from '../support/actuator-device.js'
import { type OpenApp, type OpenOptions, openApp, type Teardown } from '../support/app.js'
import { people, request } from '../support/http.js'
import { connected } from '../support/mqtt.js'
import { until } from '../support/until.js'

const A = 'ESP_AAAAAAAA'
const B = 'ESP_BBBBBBBB'

/** Two devices with a pump each, one of them in zone `north`, and people. */
async function house(t: Teardown, options: OpenOptions = {}) {
  const app = await openApp(t, options)
  const { admin, operator, viewer } = await people(app)
  const ask = (method: string, path: string, body?: unknown, token = operator, headers = {}) =>
    request(app, method, `/actuators${path}`, { token, headers, ...(body !== undefined && { body }) })
  for (const [device_id, zone_id] of [
    [A, 'North'],
    [B, null],
  ]) {
    await request(app, 'POST', '/esp/devices', { token: operator, body: { device_id, zone_id } })
    await ask('POST', `/${device_id}/5`, { actuator_type: 'pump' })
  }
  return {
    app,
    admin,
    operator,
    viewer,
    ask,
    stop: (body: unknown, headers = {}) => ask('POST', '/emergency_stop', body, undefined, headers),
    clear: (body: unknown) => ask('POST', '/clear_emergency', body),
    seen: async () => (await ask('GET', '/emergency', undefined, viewer)).body,
    on: (esp_id: string) => ask('POST', `/${esp_id}/5/command`, { command: 'ON' }),
  }
}
type House = Awaited<ReturnType<typeof house>>

interface Seen {
  stops: { stop_id: number; scope: string; armed: unknown; devices: { esp_id: string; state: string }[] }[]
}
const stateOf = async ({ seen }: House, esp_id: string, n = 0): Promise<string | undefined> =>
  ((await seen()) as unknown as Seen).stops[n]?.devices.find((device) => device.esp_id === esp_id)?.state

const audited = (app: OpenApp) => {
  const db = outsider(t, `${app.dir}/kaiser.db`)
  const found = db
    .prepare(
      "SELECT event_type, source_id, request_id, message FROM audit_logs WHERE event_type LIKE 'emergency%' ORDER BY id",
    )
    .all()
  db.close()
  return found
}

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
