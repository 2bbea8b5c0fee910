/** A command from an operator's wish to the device's answer, over real sockets: each stage is in its row. */

import type { MqttClient } from 'mqtt'
import t from 'tap'
import { register } from '../../../routing/registry.js'
import { outsider } from '../../storage/open.js'
import { type OpenApp, openApp, type Teardown } from '../../support/app.js'
import { connected, client as dial, tcp } from '../../support/mqtt.js'
import { until } from '../../support/until.js'

const ESP = 'ESP_12AB34CD'
const branch = `kaiser/god/esp/${ESP}`

interface Heard {
  readonly topic: string
  readonly payload: Record<string, unknown>
}

/** A device that listens as the firmware does, and says nothing by itself. */
async function device(t: Teardown, app: OpenApp, options: object = {}) {
  const client = dial(t, tcp(app), { clientId: ESP, ...options })
  const heard: Heard[] = []
  // Before it is connected: one that was here before hears at once.
  client.on('message', (topic, payload) => heard.push({ topic, payload: JSON.parse(String(payload)) }))
  await until(() => client.connected, 'the connection')
  await client.subscribeAsync(
    [`${branch}/actuator/+/command`, `${branch}/actuator/emergency`, 'kaiser/broadcast/emergency'],
    { qos: 1 },
  )
  return { client, heard }
}

const say = (client: MqttClient, what: string, payload: object, gpio = 5) =>
  client.publishAsync(
    `${branch}/actuator/${gpio}/${what}`,
    JSON.stringify({ esp_id: ESP, gpio, ts: Date.now() / 1000, ...payload }),
    { qos: 1 },
  )
const is = (client: MqttClient, state: string, payload: object = {}, gpio = 5) =>
  say(client, 'status', { actuator_type: 'pump', state, value: state === 'off' ? 0 : 1, ...payload }, gpio)
const wish = (client: MqttClient, payload: object, gpio = 5) =>
  client.publishAsync(`${branch}/actuator/${gpio}/command`, JSON.stringify(payload), { qos: 1 })

const rowOf = (app: OpenApp, correlation_id: string) => app.store.actuatorHistory.find(correlation_id)
const stageOf = (app: OpenApp, correlation_id: string, state: string) =>
  until(() => rowOf(app, correlation_id)?.state === state, `${correlation_id} is ${state}`)

async function house(t: Teardown, options: object = {}) {
  const app = await openApp(t, options)
  await app.store.group.run(() => register(app.store, ESP, {}, 'test', Date.now()))
  const operator = await connected(t, app, { clientId: 'operator' })
  return { app, operator }
}

t.test(
  'a wish becomes one command of kaiser’s own, with a limit, and its row goes through its stages',
  async (t) => {
    const { app, operator } = await house(t)
    const spy = await connected(t, app, { clientId: 'spy' })
    const raw: string[] = []
    spy.on('message', (_topic, payload) => raw.push(String(payload)))
    await spy.subscribeAsync(`${branch}/actuator/+/command`)
    const { client, heard } = await device(t, app)
    await is(client, 'off')
    await wish(operator, { command: 'on', correlation_id: 'c1', secret: 'raw' })
    await until(() => heard.length > 0, 'the command')
    t.match(heard, [
      {
        topic: `${branch}/actuator/5/command`,
        payload: {
          command: 'ON',
          value: 1,
          duration: 3600,
          correlation_id: 'c1',
          intent_id: 'c1',
          issued_by: 'user:anonymous',
        },
      },
    ])
    await stageOf(app, 'c1', 'acknowledged')
    await say(client, 'response', { command: 'ON', success: true, correlation_id: 'c1' })
    await stageOf(app, 'c1', 'done')
    t.match(rowOf(app, 'c1'), { command_type: 'ON', value: 1, duration: 3600, success: 1 })
    t.notOk(
      raw.some((payload) => payload.includes('raw')),
      'nobody hears the wish itself',
    )
    t.equal(raw.length, 1, 'others hear what the device hears')
    await wish(operator, { command: 'ON', correlation_id: 'c1' })
    await wish(operator, { command: 'OFF', correlation_id: 'c2' })
    await until(() => heard.length > 1, 'the next command')
    t.match(heard.slice(1), [{ payload: { command: 'OFF', correlation_id: 'c2', duration: 0 } }])
  },
)

t.test('what makes no sense is refused with what is allowed, and no row of a command is made', async (t) => {
  const { app, operator } = await house(t)
  const { client } = await device(t, app)
  await is(client, 'off')
  const bad: readonly [payload: object, detail: RegExp][] = [
    [{ command: 'BLINK' }, /command must be one of ON, OFF, PWM, TOGGLE/],
    [{ command: 'PWM', value: 2 }, /value must be a number from 0 to 1/],
    [{ command: 'PWM', value: -1 }, /value must be a number from 0 to 1/],
    [{ command: 'PWM', value: 0.5, pwm: 0.5 }, /not both/],
    [{ command: 'PWM' }, /PWM needs a value/],
    [{ command: 'ON', duration: -5 }, /duration must be a number of seconds/],
    [{ command: 'ON', value: 0 }, /contradicts itself/],
  ]
  for (const [payload] of bad) await wish(operator, payload)
  await wish(operator, { command: 'ON' }, 6)
  const details = app.store.rejects.list().map(({ code, detail }) => `${code} ${detail}`)
  for (const [n, [, detail]] of bad.entries())
    t.ok(
      details.some((line) => line.startsWith('payload_invalid') && detail.test(line)),
      `${JSON.stringify(bad[n]![0])}: ${details.join(' | ')}`,
    )
  t.match(details.join(), /there is no actuator on GPIO 6/)
  t.strictSame(app.store.actuatorHistory.list(), [])
})

t.test('a device that is away gets nothing late: not told, unless the command may wait', async (t) => {
  const { app, operator } = await house(t)
  const lasting = { clean: false }
  const first = await device(t, app, lasting)
  await is(first.client, 'off')
  await first.client.endAsync()
  await until(() => !app.broker.present(ESP), 'it is gone')
  await wish(operator, { command: 'ON', correlation_id: 'away' })
  t.match(rowOf(app, 'away'), { state: 'failed', error_message: 'the device is not connected' })
  await wish(operator, { command: 'ON', correlation_id: 'waits', wait: 20 })
  await wish(operator, { command: 'PWM', value: 0.5, correlation_id: 'newer', wait: 20 })
  t.match(rowOf(app, 'waits'), { state: 'superseded' })
  t.match(rowOf(app, 'newer'), { state: 'pending' })
  const second = await device(t, app, lasting)
  await stageOf(app, 'newer', 'acknowledged')
  t.strictSame(
    second.heard.map(({ payload }) => payload.correlation_id),
    ['newer'],
  )
})

t.test('what the device does on its own is ended by its limits, and told again what is wanted', async (t) => {
  const { app, operator } = await house(t)
  const { client, heard } = await device(t, app)
  await is(client, 'off')
  await wish(operator, { command: 'ON', correlation_id: 'on', duration: 600 })
  await stageOf(app, 'on', 'acknowledged')
  await is(client, 'on', { last_command: 'ON', correlation_id: 'on' })
  await stageOf(app, 'on', 'done')
  t.match(
    app.store.actuatorTimers
      .list(ESP)
      .map(({ kind }) => kind)
      .sort(),
    ['duration', 'max_runtime', 'override'],
  )
  await client.endAsync(true)
  await until(() => !app.broker.present(ESP), 'it is gone')
  await app.store.group.run(() => {
    const state = app.store.actuatorStates.find(ESP, 5)!
    app.store.actuatorStates.upsert(ESP, 5, { stale_since: Date.now(), stale_reason: 'test' }, Date.now())
    return state
  })
  const back = await device(t, app)
  await is(back.client, 'off')
  await until(() => back.heard.length > 0, 'it is told again')
  t.match(back.heard[0]!.payload, { command: 'ON', issued_by: 'reassert' })
  t.ok(Number(back.heard[0]!.payload.duration) <= 600)
  t.equal(heard.length, 1)
})

t.test('what a device did not do in time is not made up for when it is back, but OFF is', async (t) => {
  for (const [state, wanted, expected] of [
    ['off', { command: 'ON', duration: 600 }, []],
    ['on', { command: 'OFF' }, ['OFF']],
  ] as const) {
    const { app, operator } = await house(t)
    const { client } = await device(t, app)
    await is(client, state)
    await client.endAsync(true)
    await until(() => !app.broker.present(ESP), 'it is gone')
    await wish(operator, { ...wanted, correlation_id: 'late' })
    t.match(rowOf(app, 'late'), { state: 'failed' })
    await app.store.group.run(() =>
      app.store.actuatorStates.upsert(ESP, 5, { stale_since: Date.now(), stale_reason: 'test' }, Date.now()),
    )
    const back = await device(t, app)
    await is(back.client, state)
    await wish(operator, { command: 'OFF' }, 6)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    t.strictSame(
      back.heard.map(({ payload }) => payload.command),
      expected,
    )
  }
})

t.test(
  'what was told a moment ago is not superseded: each command the device carries out is its own row',
  async (t) => {
    const { app, operator } = await house(t)
    const { client, heard } = await device(t, app)
    await is(client, 'off')
    const wishes = [
      { command: 'OFF', correlation_id: 'a' },
      { command: 'ON', correlation_id: 'b' },
      { command: 'OFF', correlation_id: 'c' },
      { command: 'ON', correlation_id: 'd' },
    ]
    await Promise.all(wishes.map((payload) => wish(operator, payload)))
    await until(() => heard.some(({ payload }) => payload.correlation_id === 'd'), 'the last one')
    await stageOf(app, 'd', 'acknowledged')
    const told = heard.map(({ payload }) => payload.correlation_id)
    for (const { correlation_id } of wishes) {
      const { state } = rowOf(app, correlation_id)!
      t.equal(state === 'superseded', !told.includes(correlation_id), `${correlation_id} is ${state}`)
    }
  },
)

t.test('ON that is answered counts as on, also when the status is lost: its limits end it', async (t) => {
  const { app, operator } = await house(t)
  const { client, heard } = await device(t, app)
  await is(client, 'off')
  await wish(operator, { command: 'ON', duration: 2, correlation_id: 'on' })
  await stageOf(app, 'on', 'acknowledged')
  await say(client, 'response', { command: 'ON', success: true, correlation_id: 'on' })
  t.match(app.store.actuatorStates.find(ESP, 5), { state: 'on', current_value: 1 })
  await until(() => heard.length > 1, 'OFF')
  t.match(heard[1]!.payload, { command: 'OFF', issued_by: 'gate:duration' })
  await say(client, 'response', {
    command: 'OFF',
    success: true,
    correlation_id: heard[1]!.payload.correlation_id,
  })
  t.match(app.store.actuatorStates.find(ESP, 5), { state: 'off', current_value: 0 })
})

t.test('an OFF that is not carried out is said again, and takes no time limit from the run', async (t) => {
  const { app, operator } = await house(t)
  const { client, heard } = await device(t, app)
  await is(client, 'off')
  await wish(operator, { command: 'ON', duration: 600, correlation_id: 'on' })
  await stageOf(app, 'on', 'acknowledged')
  await is(client, 'on', { correlation_id: 'on' })
  await wish(operator, { command: 'OFF', correlation_id: 'off' })
  await stageOf(app, 'off', 'acknowledged')
  await say(client, 'response', { command: 'OFF', success: false, correlation_id: 'off', message: 'stuck' })
  await stageOf(app, 'off', 'failed')
  await is(client, 'on')
  const durationOf = () => app.store.actuatorTimers.find(ESP, 5, 'duration')
  t.match(durationOf(), { kind: 'duration' })
  await until(() => heard.length > 2, 'OFF again', 20_000)
  t.match(heard[2]!.payload, { command: 'OFF', issued_by: 'gate:switched_off' })
  t.match(durationOf(), { kind: 'duration' })
  await is(client, 'off')
  await until(() => durationOf() === undefined, 'the end of its time')
})

t.test('a device that does late what is not wanted any more is told OFF', async (t) => {
  for (const [how, answer] of [
    [
      'response',
      (client: MqttClient) =>
        say(client, 'response', { command: 'ON', success: true, correlation_id: 'late' }),
    ],
    ['status', (client: MqttClient) => is(client, 'on', { last_command: 'ON', correlation_id: 'late' })],
  ] as const) {
    const { app, operator } = await house(t)
    const { client, heard } = await device(t, app)
    await is(client, 'off')
    await wish(operator, { command: 'ON', correlation_id: 'late' })
    await stageOf(app, 'late', 'acknowledged')
    const row = rowOf(app, 'late')!
    await app.store.group.run(() =>
      app.actuators.book.end(row, { state: 'expired', error: 'too late' }, Date.now()),
    )
    await answer(client)
    await until(() => heard.length > 1, `OFF after a late ${how}`)
    t.match(heard[1]!.payload, { command: 'OFF', issued_by: 'gate:late' })
    t.match(rowOf(app, 'late'), { state: 'expired' })
  }
})

t.test(
  'who is back after a short drop-out, without a Will, is told OFF without having to say what it is',
  async (t) => {
    const { app, operator } = await house(t)
    const first = await device(t, app)
    await is(first.client, 'on', { last_command: 'ON' })
    await first.client.endAsync(true)
    await until(() => !app.broker.present(ESP), 'it is gone')
    await wish(operator, { command: 'OFF', correlation_id: 'missed' })
    t.match(app.store.actuatorStates.find(ESP, 5), { state: 'on', stale_since: null })
    const back = await device(t, app)
    await until(() => back.heard.length > 0, 'OFF')
    t.match(back.heard[0]!.payload, { command: 'OFF', issued_by: 'reassert' })
  },
)

t.test('every command of a person over MQTT is kept in the audit, with where it came from', async (t) => {
  const { app, operator } = await house(t)
  const { client } = await device(t, app)
  await is(client, 'off')
  const ids = Array.from({ length: 130 }, (_, n) => `c${n}`)
  await Promise.all(ids.map((correlation_id) => wish(operator, { command: 'OFF', correlation_id })))
  const db = outsider(t, `${app.dir}/kaiser.db`)
  t.match(
    db
      .prepare(
        "SELECT source_type, source_id, ip_address, count(*) AS n FROM audit_logs WHERE event_type = 'actuator_command' GROUP BY 1, 2, 3",
      )
      .all(),
    [{ source_type: 'user', source_id: 'anonymous', ip_address: '127.0.0.1', n: 130 }],
  )
})

t.test('an empty command is refused and kept; an empty retained one clears, and is no message', async (t) => {
  const { app, operator } = await house(t)
  const { heard } = await device(t, app)
  const topics = [
    `${branch}/actuator/5/command`,
    `${branch}/actuator/emergency`,
    'kaiser/broadcast/emergency',
  ]
  for (const topic of topics) await operator.publishAsync(topic, '', { qos: 1, retain: true })
  t.strictSame(app.store.rejects.list(), [])
  for (const topic of topics) await operator.publishAsync(topic, '', { qos: 1 })
  t.match(
    app.store.rejects.list().map(({ topic, code }) => [topic, code]),
    topics.map((topic) => [topic, 'payload_not_json']).reverse(),
  )
  t.ok(app.logged.some(({ code, topic }) => code === 'payload_not_json' && topic === topics[0]))
  t.strictSame(heard, [])
})
