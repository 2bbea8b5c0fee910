/** The page that says what devices publish and are told: every example on it fits the schema of its topic. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import t from 'tap'
import type { TObject } from 'typebox'
import { Compile } from 'typebox/compile'
import { ActuatorCommand } from '../../routing/contract/actuator-payloads.js'
import { HeartbeatAck } from '../../routing/contract/payloads.js'
import { ConfigTold, EmergencyTold, ServerStatusTold } from '../../routing/contract/told-payloads.js'
import { fromDevice, matcher, toDevice } from '../../routing/contract/topics.js'
import { ZoneAssign } from '../../routing/contract/zone-payloads.js'
import { handlers } from '../../routing/handlers/index.js'
import { register } from '../../routing/registry.js'
import { actuatorDevice } from '../support/actuator-device.js'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'
import { connected } from '../support/mqtt.js'
import { until } from '../support/until.js'

const SAID = [
  'sensorData',
  'heartbeat',
  'actuatorResponse',
  'actuatorStatus',
  'actuatorAlert',
  'emergencyAck',
  'recoveryConfirm',
  'configResponse',
  'zoneAck',
  'subzoneAck',
  'will',
] as const
const TOLD = {
  actuatorCommand: ActuatorCommand,
  actuatorEmergency: EmergencyTold,
  config: ConfigTold,
  zoneAssign: ZoneAssign,
  heartbeatAck: HeartbeatAck,
  serverStatus: ServerStatusTold,
} as const

const schemas: readonly (readonly [template: string, schema: TObject])[] = [
  ...SAID.map((name) => [fromDevice[name], handlers[name]!.payload as TObject] as const),
  ...Object.entries(TOLD).map(([name, schema]) => [toDevice[name as keyof typeof TOLD], schema] as const),
]

const root = createRequire(import.meta.url)
  .resolve('#schema.sql')
  .replace(/schema\.sql$/, '')
const page = readFileSync(`${root}routing/contract/README.md`, 'utf8')
const examples = [
  ...page.matchAll(
    /`(kaiser\/[^`]+)`[^`]*(?:`[^`\n]+`[^`]*)*?\n```json\n([^`]+)```\n\n((?:Required|Always there): .*)/g,
  ),
]

t.test('every message has an example, and no example is left out of the test', async (t) => {
  t.equal(examples.length, page.match(/```json/g)!.length)
  for (const [template] of schemas)
    t.equal(examples.filter(([, topic]) => matcher(template)(topic!)).length, 1, template)
})

for (const [, topic, text, fields] of examples)
  t.test(`${topic} is what the page says`, async (t) => {
    const [template, schema] = schemas.find(([template]) => matcher(template)(topic!))!
    const payload = JSON.parse(text!) as Record<string, unknown>
    t.strictSame(Compile(schema).Errors(payload), [])
    const handler = Object.values(handlers).find(({ topic }) => topic === template)
    t.equal(handler?.invalid?.(payload as never), undefined)
    const levels = matcher<string>(template)(topic!) as Record<string, unknown>
    for (const level of ['esp_id', 'gpio'])
      if (payload[level] !== undefined && levels[level] !== undefined)
        t.equal(payload[level], levels[level], `${level} as in the topic`)
    const isRefused = (said: object) =>
      !Compile(schema).Check(said) || handler?.invalid?.(said as never) !== undefined
    const named = [...fields!.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name!)
    for (const name of Object.keys(payload)) {
      const { [name]: _, ...rest } = payload
      if (isRefused(rest)) t.ok(named.includes(name), `${name} is required and named`)
    }
    for (const name of Object.keys(payload))
      if (fields!.startsWith('Always')) t.ok(name in schema.properties, name)
    for (const name of named) t.ok(name in schema.properties, `${name} is a field of it`)
  })

t.test('what a device is really told is what the page says', async (t) => {
  const app = await openApp(t)
  const { operator: token } = await people(app)
  const ESP = 'ESP_12AB34CD'
  await app.store.group.run(() => register(app.store, ESP, {}, 'test', Date.now()))
  const device = await actuatorDevice(t, app, ESP)
  const client = await connected(t, app)
  const heard = new Map<string, unknown>()
  client.on('message', (topic, payload) => {
    for (const name of Object.keys(TOLD) as (keyof typeof TOLD)[])
      if (matcher<string>(toDevice[name])(topic)) heard.set(name, JSON.parse(String(payload)))
  })
  await client.subscribeAsync('kaiser/god/esp/+/#', { qos: 1 })
  const post = (path: string, body: object) => request(app, 'POST', path, { token, body })
  await device.says('system/heartbeat', { uptime: 1, heap_free: 45_000, wifi_rssi: -60 })
  await post(`/sensors/${ESP}/4`, { sensor_type: 'ds18b20' })
  await post(`/actuators/${ESP}/5`, { actuator_type: 'pump' })
  await post(`/actuators/${ESP}/5/command`, { command: 'ON' })
  await post(`/zone/devices/${ESP}/assign`, { zone_id: 'north' })
  await post('/actuators/emergency_stop', { reason: 'smoke' })
  // All but `server/status`, which is not for one device: test/server-status.test.ts.
  await until(() => heard.size === Object.keys(TOLD).length - 1, 'every message')
  for (const [name, payload] of heard)
    t.strictSame(Compile(TOLD[name as keyof typeof TOLD] as TObject).Errors(payload), [], name)
})
