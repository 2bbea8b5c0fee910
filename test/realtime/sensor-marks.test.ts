/** What happened meanwhile, to draw into a chart: from the audit and the actuators' history, newest first. */
import t from 'tap'
import { NOON } from '../storage/open.js'
import { setUp } from '../support/administrator.js'
import { openApp, type Teardown } from '../support/app.js'
import { request } from '../support/http.js'

interface Mark {
  kind: string
  event: string
  timestamp: number
  esp_id: string | null
  gpio: number | null
  state: string
  by: string | null
  severity: string
}

const HOUR = 3_600_000

async function opened(t: Teardown) {
  const app = await openApp(t, { now: () => NOON + HOUR })
  const token = (await setUp(app.origin)).access_token
  const { auditLogs, actuatorHistory, group } = app.store
  return {
    app,
    token,
    /** What happened, minutes after noon. */
    happen: (...things: { at: number; entry?: object; command?: object; report?: object }[]) =>
      group.run(() => {
        for (const { at, entry, command, report } of things) {
          const timestamp = NOON + at * 60_000
          if (entry) auditLogs.insert({ severity: 'info', status: 'success', ...entry } as never, timestamp)
          const row = { gpio: 5, command_type: 'ON', issued_by: 'user:ada', state: 'done', timestamp }
          if (command) actuatorHistory.insert({ ...row, ...command } as never)
          if (report) actuatorHistory.report({ ...row, issued_by: 'esp32', ...report } as never, true)
        }
      }),
    ask: async (query = '') => {
      const { status, body } = await request(app, 'GET', `/sensors/series/marks?${query}`, { token })
      return { status, body, marks: body.marks as Mark[] }
    },
  }
}
type House = Awaited<ReturnType<typeof opened>>

const device = (esp_id: string) => ({ source_type: 'esp32', source_id: esp_id })

const aDay = ({ happen }: House) =>
  happen(
    { at: 1, entry: { event_type: 'device_online', ...device('ESP_A'), message: 'ESP_A is online' } },
    { at: 2, command: { esp_id: 'ESP_A', correlation_id: 'one', value: 1, finished_at: NOON + 125_000 } },
    { at: 3, entry: { event_type: 'config_response', ...device('ESP_B') } },
    {
      at: 4,
      command: { esp_id: 'ESP_B', correlation_id: 'two', state: 'expired', error_message: 'too late' },
    },
    {
      at: 5,
      entry: {
        event_type: 'emergency_stop',
        severity: 'critical',
        source_type: 'user',
        source_id: 'ada',
        details: { scope: 'all', esp_id: null },
      },
    },
    { at: 6, report: { esp_id: 'ESP_A', command_type: 'OFF', fact: 'off' } },
    { at: 7, report: { esp_id: 'ESP_A', command_type: 'ALERT_RUNTIME_PROTECTION', fact: 'alert' } },
    {
      at: 7,
      entry: {
        event_type: 'actuator_alert',
        severity: 'critical',
        ...device('ESP_A'),
        details: { gpio: 5 },
      },
    },
    {
      at: 8,
      entry: {
        event_type: 'zone_assigned',
        source_type: 'user',
        source_id: 'ada',
        details: { esp_id: 'ESP_B', zone_id: 'tent' },
      },
    },
    { at: 9, entry: { event_type: 'login_success', source_type: 'user', source_id: 'ada' } },
    { at: 10, entry: { event_type: 'device_offline', severity: 'warning', ...device('ESP_A') } },
  )

const inShort = (marks: readonly Mark[]) => marks.map(({ kind, event, esp_id }) => [kind, event, esp_id])

t.test('commands, alerts, stops, connections, zones and configurations, newest first', async (t) => {
  const house = await opened(t)
  await aDay(house)
  const { body, marks } = await house.ask()
  t.strictSame(inShort(marks), [
    ['connection', 'device_offline', 'ESP_A'],
    ['zone', 'zone_assigned', 'ESP_B'],
    ['alert', 'actuator_alert', 'ESP_A'],
    ['report', 'OFF', 'ESP_A'],
    ['emergency', 'emergency_stop', null],
    ['command', 'ON', 'ESP_B'],
    ['config', 'config_response', 'ESP_B'],
    ['command', 'ON', 'ESP_A'],
    ['connection', 'device_online', 'ESP_A'],
  ])
  t.match(body, { more: false, time_range: { end: '2025-06-01T13:00:00.000Z' } })
  t.match(marks[2], { gpio: 5, severity: 'critical' })
  t.match(marks[4], { by: 'ada', timestamp: NOON + 300_000 })
  t.match(marks[5], { state: 'expired', severity: 'warning', message: 'too late', correlation_id: 'two' })
  t.match(marks[7], { state: 'done', value: 1, until: NOON + 125_000, by: 'user:ada' })
})

t.test('of some devices and a time, with what is about all of them', async (t) => {
  const house = await opened(t)
  await aDay(house)
  t.strictSame(inShort((await house.ask('esp_id=ESP_B')).marks), [
    ['zone', 'zone_assigned', 'ESP_B'],
    ['emergency', 'emergency_stop', null],
    ['command', 'ON', 'ESP_B'],
    ['config', 'config_response', 'ESP_B'],
  ])
  t.equal((await house.ask('esp_id=ESP_A&esp_id=ESP_B')).marks.length, 9)
  t.strictSame(
    inShort((await house.ask('from=2025-06-01T12:02:00Z&to=2025-06-01T12:04:00Z')).marks),
    [
      ['command', 'ON', 'ESP_B'],
      ['config', 'config_response', 'ESP_B'],
      ['command', 'ON', 'ESP_A'],
    ],
    'both ends are included',
  )
})

t.test('no more than wanted, and whether there are more', async (t) => {
  const house = await opened(t)
  await aDay(house)
  const { marks, body } = await house.ask('limit=2')
  t.strictSame(inShort(marks), [
    ['connection', 'device_offline', 'ESP_A'],
    ['zone', 'zone_assigned', 'ESP_B'],
  ])
  t.equal(body.more, true)
  t.match((await house.ask('limit=9')).body, { more: false })
})

t.test('they are found among many entries that are none, and a late report at its own time', async (t) => {
  const house = await opened(t)
  await house.happen({ at: 1, entry: { event_type: 'device_online', ...device('ESP_A') } })
  for (let n = 0; n < 3; n++)
    await house.happen(
      ...Array.from({ length: 2_000 }, () => ({
        at: 2 + n,
        entry: { event_type: 'validation_error', ...device('ESP_A') },
        report: { esp_id: 'ESP_C', fact: null },
      })),
    )
  await house.happen({ at: 0.5, report: { esp_id: 'ESP_A', command_type: 'OFF', fact: 'late' } })
  const { marks, body } = await house.ask('esp_id=ESP_A')
  t.strictSame(inShort(marks), [
    ['connection', 'device_online', 'ESP_A'],
    ['report', 'OFF', 'ESP_A'],
  ])
  t.equal(body.more, false)
  t.equal((await house.ask('limit=1000')).marks.length, 1_000)
})

t.test('what really happens to a device is among them', async (t) => {
  const { app, token, ask } = await opened(t)
  await request(app, 'POST', '/debug/mock-esp', { token, body: { esp_id: 'MOCK_1' } })
  await request(app, 'POST', '/zone/devices/MOCK_1/assign', { token, body: { zone_id: 'tent' } })
  await request(app, 'POST', '/actuators/emergency_stop', { token, body: { reason: 'smoke' } })
  const { marks } = await ask('esp_id=MOCK_1')
  t.match(
    marks.filter(({ kind }) => kind === 'zone'),
    [{ event: 'zone_assigned', esp_id: 'MOCK_1', by: 'grower' }],
  )
  t.match(
    marks.filter(({ event }) => event === 'emergency_stop'),
    [{ kind: 'emergency', esp_id: null, by: 'grower', severity: 'critical' }],
  )
})

t.test('what is wrong is refused by name', async (t) => {
  const { app, ask } = await opened(t)
  const wrong: [query: string, field: string][] = [
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=NaN', 'limit'],
    ['from=2025-06-02&to=2025-06-01', 'from'],
    ['to=soon', 'to'],
    ['esp_id=ESP_A&esp_id=no%20device', 'esp_id'],
  ]
  for (const [query, field] of wrong) {
    const { status, body } = await ask(query)
    t.equal(status, 422, query)
    t.equal((body.detail as { loc: string[] }[])[0]!.loc[1], field, query)
  }
  t.equal((await request(app, 'GET', '/sensors/series/marks')).status, 401)
})
