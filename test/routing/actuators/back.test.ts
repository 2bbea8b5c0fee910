/** What a device hears when it is back, and in which order: what stops first, then its config, then what waits. */
import t from 'tap'
import { type OpenApp, openApp, type Teardown } from '../../support/app.js'
import { people, request } from '../../support/http.js'
import { connected } from '../../support/mqtt.js'
import { until } from '../../support/until.js'

const ESP = 'ESP_AAAAAAAA'
const BRANCH = `kaiser/god/esp/${ESP}`

const WILL = Buffer.from(
  JSON.stringify({ esp_id: ESP, status: 'offline', reason: 'unexpected_disconnect', timestamp: 0 }),
)

async function house(t: Teardown) {
  const app = await openApp(t)
  const { operator } = await people(app)
  const ask = (path: string, body: object) => request(app, 'POST', path, { token: operator, body })
  await ask('/esp/devices', { device_id: ESP })
  return {
    app,
    configure: (gpio: number) => ask(`/actuators/${ESP}/${gpio}`, { actuator_type: 'pump' }),
    command: (gpio: number, body: object) => ask(`/actuators/${ESP}/${gpio}/command`, body),
    stop: () => ask('/actuators/emergency_stop', { reason: 'smoke', esp_id: ESP }),
  }
}

/** The device, listening to all it may be told; `heard` is each word with its gpio, in order. */
async function device(t: Teardown, app: OpenApp, filters: readonly string[] = ['#']) {
  const client = await connected(t, app, {
    clientId: ESP,
    will: { topic: `${BRANCH}/system/will`, payload: WILL, qos: 1, retain: false },
  })
  const heard: string[] = []
  client.on('message', (topic, bytes) => {
    const { command } = JSON.parse(String(bytes)) as { command?: string }
    const what = topic.slice(BRANCH.length + 1)
    if (/command$|emergency$|config$/.test(what)) heard.push(command ? `${what} ${command}` : what)
  })
  await client.subscribeAsync(
    filters.map((filter) => `${BRANCH}/${filter}`),
    { qos: 1 },
  )
  const is = (state: 'on' | 'off', gpio = 5) =>
    client.publishAsync(
      `${BRANCH}/actuator/${gpio}/status`,
      JSON.stringify({
        esp_id: ESP,
        gpio,
        ts: Date.now() / 1000,
        actuator_type: 'pump',
        state,
        value: state === 'on' ? 1 : 0,
      }),
      { qos: 1 },
    )
  const leaves = async () => {
    await client.endAsync(true)
    await until(() => app.store.devices.find(ESP)?.status === 'offline', 'it is gone')
  }
  return { heard, client, is, leaves }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 400))

t.test('OFF is said once to each actuator of a device that comes back to a stop', async (t) => {
  const { app, configure, stop } = await house(t)
  await configure(5)
  await configure(4)
  const before = await device(t, app)
  await before.is('on', 5)
  await before.is('on', 4)
  await before.leaves()
  await stop()
  const { heard } = await device(t, app)
  await until(() => heard.some((what) => what === 'actuator/4/command OFF'), 'OFF')
  await settle()
  t.strictSame(
    heard.filter((what) => what !== 'config'),
    ['actuator/emergency emergency_stop', 'actuator/4/command OFF', 'actuator/5/command OFF'],
  )
})

t.test(
  'a device that is back has its config before what waits for it, and what stops before both',
  async (t) => {
    const { app, configure, command } = await house(t)
    const before = await device(t, app)
    await before.is('off')
    await before.leaves()
    await configure(5)
    await configure(4)
    await command(5, { command: 'ON', duration: 60, wait: 20 })
    await command(4, { command: 'OFF', wait: 20 })
    const { heard } = await device(t, app)
    await until(() => heard.includes('actuator/5/command ON'), 'ON')
    await settle()
    t.strictSame(heard, ['actuator/4/command OFF', 'config', 'actuator/5/command ON'])
  },
)

t.test(
  'a device that listens to its commands before its config has the config first all the same',
  async (t) => {
    const { app, configure, command } = await house(t)
    // Somebody who listens to everything is not the device.
    const other = await connected(t, app, { clientId: 'onlooker' })
    await other.subscribeAsync('#', { qos: 1 })
    const before = await device(t, app)
    await before.is('off')
    await before.leaves()
    await configure(5)
    await configure(4)
    await command(5, { command: 'ON', duration: 60, wait: 20 })
    await command(4, { command: 'OFF', wait: 20 })
    const { heard, client } = await device(t, app, ['actuator/+/command', 'actuator/emergency'])
    await until(() => heard.length > 0, 'OFF')
    await settle()
    t.strictSame(heard, ['actuator/4/command OFF'])
    await client.subscribeAsync(`${BRANCH}/config`, { qos: 1 })
    await until(() => heard.includes('actuator/5/command ON'), 'ON')
    await settle()
    t.strictSame(heard, ['actuator/4/command OFF', 'config', 'actuator/5/command ON'])
  },
)

t.test('a device that never listens to its config has what waits for it after two seconds', async (t) => {
  const { app, configure, command } = await house(t)
  const before = await device(t, app)
  await before.is('off')
  await before.leaves()
  await configure(5)
  await command(5, { command: 'ON', duration: 60, wait: 20 })
  const begun = performance.now()
  const { heard } = await device(t, app, ['actuator/+/command'])
  await until(() => heard.length > 0, 'ON')
  t.ok(performance.now() - begun > 1_900)
  t.strictSame(heard, ['actuator/5/command ON'])
})
