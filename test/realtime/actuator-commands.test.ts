/** Commands over REST: from the click to the device's socket and back, and everything that does not go out. */
import t from 'tap'
import { outsider } from '../storage/open.js'
import { ESP, house, rows } from '../support/commanded.js'
import { until } from '../support/until.js'

t.test(
  'a command is answered to the field, reaches the device, and shows each stage with its time',
  async (t) => {
    const { app, device, ask, found, reaches } = await house(t)
    const headers = { 'x-request-id': 'click-1', 'user-agent': 'a page' }
    const answer = await ask('POST', `/${ESP}/5/command`, { command: 'on', duration: 60 }, undefined, headers)
    t.equal(answer.status, 200)
    const { correlation_id, state, message, expires_at, ...fields } = answer.body
    t.match(correlation_id, /^[0-9a-f-]{36}$/)
    t.match(['pending', 'sent', 'acknowledged'], [state].slice(1))
    t.match(message, /^ON for GPIO 5 of ESP_12AB34CD /)
    t.match(expires_at, /^20.*Z$/)
    t.strictSame(fields, {
      success: true,
      esp_id: ESP,
      gpio: 5,
      command: 'ON',
      command_type: 'ON',
      value: 1,
      duration: 60,
      safety_warnings: [],
      warning_details: [],
      command_sent: true,
      acknowledged: state === 'acknowledged',
    })
    await until(() => device.commands().length > 0, 'the command')
    t.match(device.commands(), [
      { command: 'ON', value: 1, duration: 60, correlation_id, issued_by: 'user:a-operator' },
    ])
    await reaches(correlation_id, 'acknowledged')
    await device.answers(correlation_id, 'ON')
    await reaches(correlation_id, 'done')
    const { body } = await found(correlation_id)
    t.match(body, {
      command: 'ON',
      issued_by: 'user:a-operator',
      is_final: true,
      success: true,
      error_message: null,
    })
    const stages = body.stages as { state: string; at: string }[]
    t.strictSame(
      stages.map((stage) => stage.state),
      ['pending', 'sent', 'acknowledged', 'done'],
    )
    t.ok(
      stages.every(({ at }, n) => n === 0 || at >= stages[n - 1]!.at),
      'in order',
    )
    t.match(
      rows(
        app,
        "SELECT source_type, source_id, request_id, ip_address, user_agent, correlation_id FROM audit_logs WHERE event_type = 'actuator_command'",
      ),
      [
        {
          source_type: 'user',
          source_id: 'a-operator',
          request_id: 'click-1',
          ip_address: '127.0.0.1',
          user_agent: 'a page',
          correlation_id,
        },
      ],
    )
  },
)

t.test('every word works, in any case, with the values clients send by default', async (t) => {
  const { device, command } = await house(t)
  const good: readonly [body: object, expected: object, gpio?: number][] = [
    [
      { command: 'ON', value: 1.0 },
      { command: 'ON', value: 1, duration: 3_600 },
    ],
    [
      { command: 'OFF', value: 1.0 },
      { command: 'OFF', value: 0, duration: 0 },
    ],
    [{ command: ' off ' }, { command: 'OFF', value: 0 }],
    [
      { command: 'ON', value: null, pwm: null, duration: null },
      { command: 'ON', value: 1 },
    ],
    [
      { command: 'toggle', value: 1.0 },
      { command: 'TOGGLE', command_type: 'ON', value: 1 },
    ],
    [{ command: 'PWM', value: 0.5, duration: 10 }, { command: 'PWM', value: 0.5, duration: 10 }, 18],
    [{ command: 'Pwm', pwm: 1 }, { command: 'PWM', value: 1, duration: 0 }, 18],
    [{ command: 'PWM', value: 0 }, { command: 'PWM', value: 0 }, 18],
  ]
  for (const [body, expected, gpio] of good)
    t.match(
      await command(body, gpio),
      { status: 200, body: { success: true, ...expected } },
      JSON.stringify(body),
    )
  await until(() => device.commands().length + device.commands(18).length >= 1, 'commands')
  t.match((await command({ command: 'PWM', value: 0.4 })).body, {
    value: 0.4,
    safety_warnings: [/^a pump without a pwm_frequency only switches: 0.4 may be fully on or off/],
  })
  t.match((await command({ command: 'PWM', value: 0.4 }, 18)).body, { safety_warnings: [] })
  t.match((await command({ command: 'PWM', value: 1 })).body, { safety_warnings: [] })
  const cut = await command({ command: 'ON', duration: 7_200 })
  t.match(cut.body, { duration: 3_600, safety_warnings: [/duration 7200 s is cut to 3600 s: max_runtime/] })
})

t.test('nonsense is refused with the field and what is allowed, and leaves no row', async (t) => {
  const { app, command, viewer } = await house(t)
  const before = app.store.actuatorHistory.list().length
  const bad: readonly [body: unknown, field: string, msg: RegExp][] = [
    [{}, 'command', /required/],
    [{ command: 'BLINK' }, 'command', /one of ON, OFF, PWM, TOGGLE/],
    [{ command: 5 }, 'command', /string/],
    [{ command: true }, 'command', /string/],
    [{ command: 'PWM' }, 'value', /needs a value from 0 to 1/],
    [{ command: 'PWM', value: -1 }, 'value', /0/],
    [{ command: 'PWM', value: 2 }, 'value', /1/],
    [{ command: 'PWM', value: true }, 'value', /number/],
    [{ command: 'PWM', value: '0.5' }, 'value', /number/],
    [{ command: 'PWM', value: 'NaN' }, 'value', /number/],
    // What JSON makes of NaN.
    [{ command: 'PWM', value: Number.NaN }, 'value', /needs a value/],
    [{ command: 'PWM', value: [0.5] }, 'value', /number/],
    [{ command: 'PWM', pwm: 2 }, 'pwm', /1/],
    [{ command: 'PWM', value: 0.5, pwm: 0.5 }, 'pwm', /not both/],
    [{ command: 'ON', value: 0 }, 'value', /contradicts itself: use OFF/],
    [{ command: 'ON', duration: -5 }, 'duration', /0/],
    [{ command: 'ON', duration: 86_401 }, 'duration', /86400/],
    [{ command: 'ON', duration: 'long' }, 'duration', /number/],
    [{ command: 'ON', duration: true }, 'duration', /number/],
    [{ command: 'ON', wait: -1 }, 'wait', /0/],
    [{ command: 'ON', wait: 86_401 }, 'wait', /86400/],
    [{ command: 'ON', correlation_id: 'a b' }, 'correlation_id', /pattern/],
    [{ command: 'ON', correlation_id: '' }, 'correlation_id', /pattern/],
  ]
  for (const [body, field, msg] of bad) {
    const answer = await command(body)
    t.match(answer, { status: 422, body: { code: 'request_invalid' } }, JSON.stringify(body))
    const [first] = answer.body.detail as { loc: string[]; msg: string }[]
    t.strictSame(first!.loc, ['body', field], JSON.stringify(body))
    t.match(first!.msg, msg, JSON.stringify(body))
  }
  for (const text of ['{"command":"PWM","value":NaN}', '{"command":"PWM","value":1e999}', '[1]', '"ON"'])
    t.match(await command(text), { status: 422 }, text)
  for (const gpio of ['x', 255, 256, -1, 1.5])
    t.match(await command({ command: 'ON' }, gpio), { status: 422 }, `gpio ${gpio}`)
  t.match(await command({ command: 'ON' }, 7), {
    status: 404,
    body: { detail: /^There is no actuator on GPIO 7/ },
  })
  t.match(await command({ command: 'ON' }, 5, viewer), { status: 403 })
  t.equal(app.store.actuatorHistory.list().length, before)
})

t.test('a field nobody knows, or of another place, is refused by name, alone and in a batch', async (t) => {
  const { app, ask, command } = await house(t)
  const before = app.store.actuatorHistory.list().length
  const fields = 'command, value, pwm, duration, wait, correlation_id'
  const unknown = `is not known; allowed: esp_id, gpio, ${fields}`
  const on = { esp_id: ESP, gpio: 5, command: 'ON' }
  for (const [body, field, msg] of [
    [{ command: 'ON', durations: 5 }, 'durations', unknown],
    [{ command: 'ON', time: 5 }, 'time', unknown],
    [{ command: 'ON', gpio: 4, esp_id: 'ESP_ZZZZ' }, 'esp_id', `must be ${ESP}, as in the path`],
    [{ command: 'ON', gpio: 4 }, 'gpio', 'must be 5, as in the path'],
  ] as const)
    t.match(await command(body), { status: 422, body: { detail: [{ loc: ['body', field], msg }] } })
  const batch = await ask('POST', '/commands', { commands: [on, { ...on, durations: 5 }] })
  t.match(batch, {
    status: 422,
    body: { detail: [{ loc: ['body', 'commands', 1, 'durations'], msg: unknown }] },
  })
  t.match(await ask('POST', '/commands', { commands: [on], wait: 60 }), {
    status: 422,
    body: { detail: [{ loc: ['body', 'wait'] }] },
  })
  t.equal(app.store.actuatorHistory.list().length, before)
  t.match(await command(on), { status: 200 }, 'what the path says may be said again')
})

t.test('an unknown device, and one that is not let in, is not commanded', async (t) => {
  const { app, ask } = await house(t, { discovery: 'pending' })
  t.match(await ask('POST', '/ESP_NONE/5/command', { command: 'OFF' }), {
    status: 404,
    body: { code: 'not_found', detail: 'Device ESP_NONE is not known' },
  })
  t.match(await ask('GET', '/commands/nobody'), {
    status: 404,
    body: { detail: 'Command nobody is not known' },
  })
  t.strictSame(app.store.actuatorHistory.list(), [])
})

t.test('what a limit refuses says which, why, and when it could pass', async (t) => {
  const { app, device, ask, command, found } = await house(t)
  await ask('POST', `/${ESP}/5`, { cooldown_seconds: 60 })
  await device.is('on')
  await device.is('off')
  const waits = await command({ command: 'ON' })
  t.match(waits, {
    status: 400,
    body: {
      success: false,
      code: 'limit_refused',
      detail: /^Refused by min_off: it has to stay off for 60 s; \d+ s are left; possible at 20.*Z$/,
      limit_name: 'min_off',
      possible_at: /^20.*Z$/,
      correlation_id: String,
    },
  })
  const failed = await app.store.auditLogs.page({ event_type: 'actuator_command_failed' }, 1, 1)
  t.match(JSON.parse(failed.rows[0]!.details), { said: { code: 'min_off', facts: { min_off: 60 } } })
  const { body } = await found(waits.body.correlation_id)
  t.match(body, {
    state: 'refused',
    success: false,
    limit_name: 'min_off',
    possible_at: waits.body.possible_at,
  })
  t.strictSame(
    (body.stages as { state: string }[]).map(({ state }) => state),
    ['refused'],
  )
  t.match(await command({ command: 'PWM', value: 0.1 }, 18), {
    status: 400,
    body: {
      limit_name: 'range',
      possible_at: null,
      detail: /below the lowest, 0.2.*nobody can say/,
      error_detail: /^value 0.1 is below/,
      error_said: { code: 'range_below', facts: { value: 0.1, limit: 0.2 } },
    },
  })
  await ask('POST', `/${ESP}/5`, { enabled: false })
  t.match(await command({ command: 'ON' }), { status: 400, body: { limit_name: 'enabled' } })
  t.match(await command({ command: 'OFF' }), { status: 200 })
})

t.test('while storage fails OFF goes out, and nothing is switched on', async (t) => {
  const { app, device, command, ask } = await house(t)
  const lock = outsider(t, `${app.dir}/kaiser.db`)
  lock.exec('BEGIN IMMEDIATE')
  const on = await command({ command: 'ON', correlation_id: 'on' })
  t.match(on, {
    status: 503,
    body: { code: 'storage_unavailable', correlation_id: 'on', detail: /OFF works/ },
  })
  t.equal(app.store.actuatorTimers.find(ESP, 5, 'override'), undefined, 'rules are not kept away by it')
  const off = await command({ command: 'OFF', correlation_id: 'off' })
  t.match(off, { status: 200, body: { success: true, command: 'OFF', stored: false } })
  t.match(
    (await ask('POST', '/commands', { commands: [{ esp_id: ESP, gpio: 5, command: 'TOGGLE' }] })).body,
    {
      success: false,
      results: [{ accepted: false, code: 'storage_unavailable' }],
    },
  )
  await until(() => device.commands().length > 0, 'OFF')
  t.match(device.commands(), [{ command: 'OFF', correlation_id: 'off' }])
  lock.exec('COMMIT')
  await until(() => app.store.group.waiting === 0, 'storage')
  t.match(
    lock
      .prepare(
        "SELECT correlation_id, state, sent_at FROM actuator_history WHERE correlation_id IN ('on', 'off') ORDER BY id",
      )
      .all(),
    [{ state: 'failed', sent_at: null }, { sent_at: Number }],
  )
  t.equal(device.commands().length, 1)
})
