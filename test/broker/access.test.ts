/** Identity × topic × verdict, as a table; and what the gate holds back of what may be published. */
import t from 'tap'
import { mayPublish, maySubscribe } from '../../broker/access.js'
import { type Identity, nameOf } from '../../routing/contract/identities.js'
import { createGate } from '../../routing/gate.js'

const WHO: Readonly<Record<string, Identity>> = {
  anonymous: { kind: 'anonymous' },
  device: { kind: 'device', esp_id: 'ESP_1' },
  pairing: { kind: 'pairing', esp_id: 'ESP_1' },
  viewer: { kind: 'user', user_id: 1, username: 'vera', role: 'viewer' },
  operator: { kind: 'user', user_id: 2, username: 'otto', role: 'operator' },
  admin: { kind: 'user', user_id: 3, username: 'anna', role: 'admin' },
  system: { kind: 'system' },
}
const ALL = Object.keys(WHO)
const ACTING = ['anonymous', 'operator', 'admin', 'system']

const NOTHING = Buffer.alloc(0)
const ITSELF = Buffer.from('{"esp_id":"ESP_1"}')
const ANOTHER = Buffer.from('{"esp_id":"ESP_2"}')
const DISCOVERY = 'kaiser/god/discovery/esp32_nodes'

const PUBLISH: readonly (readonly [topic: string, allowed: readonly string[], payload?: Buffer])[] = [
  ['kaiser/god/esp/ESP_1/sensor/4/data', [...ACTING, 'device']],
  ['kaiser/god/esp/ESP_1/system/heartbeat', [...ACTING, 'device', 'pairing']],
  ['kaiser/god/esp/ESP_1/heartbeat', [...ACTING, 'device', 'pairing']],
  ['kaiser/god/esp/ESP_1/status', [...ACTING, 'device', 'pairing']],
  ['kaiser/god/esp/ESP_1/system/will', [...ACTING, 'device', 'pairing']],
  ['kaiser/god/esp/ESP_1/mqtt/auth_status', [...ACTING, 'device', 'pairing']],
  ['kaiser/god/esp/ESP_1/mqtt/auth_update', [...ACTING, 'device']],
  ['kaiser/god/esp/ESP_1/session/announce', [...ACTING, 'device', 'pairing']],
  ['kaiser/god/esp/ESP_1/system/error', [...ACTING, 'device']],
  ['kaiser/god/esp/ESP_2/system/heartbeat', ACTING],
  ['kaiser/god/esp/ESP_11/sensor/4/data', ACTING],
  ['kaiser/other/esp/ESP_1/sensor/4/data', ACTING],
  ['kaiser/god/esp/ESP_1', ACTING],
  ['kaiser/god/esp/esp_1/status', ACTING],
  [DISCOVERY, [...ACTING, 'device'], ITSELF],
  [DISCOVERY, ACTING, ANOTHER],
  [DISCOVERY, ACTING, Buffer.from('not JSON')],
  [DISCOVERY, ACTING, Buffer.from('null')],
  ['kaiser/other/discovery/esp32_nodes', ACTING, ITSELF],
  ['kaiser/broadcast/all', ACTING],
  ['kaiser/god/esp/ESP_1/actuator/5/command', [...ACTING, 'device']],
  ['kaiser/god/event/system_event', ['system']],
  ['kaiser/other/event/sensor_data', ['system']],
  ['lab/note', ACTING],
  ['$SYS/broker/uptime', []],
  ['$SYS', []],
  ['$SYSTEM/note', ACTING],
  ['$test/test', ACTING],
]

const SUBSCRIBE: readonly (readonly [filter: string, allowed: readonly string[]])[] = [
  ['#', ACTING],
  ['+/god/esp/#', ACTING],
  ['kaiser/#', [...ACTING, 'viewer']],
  ['kaiser/god/esp/+/sensor/+/data', [...ACTING, 'viewer']],
  ['kaiser/god/esp/ESP_1/#', [...ACTING, 'viewer', 'device']],
  ['kaiser/god/esp/ESP_1/mqtt/auth_update', [...ACTING, 'viewer', 'device', 'pairing']],
  ['kaiser/god/esp/ESP_1/system/heartbeat/ack', [...ACTING, 'viewer', 'device', 'pairing']],
  ['kaiser/god/esp/ESP_1/config', [...ACTING, 'viewer', 'device', 'pairing']],
  ['kaiser/god/esp/ESP_1/system/command', [...ACTING, 'viewer', 'device', 'pairing']],
  ['kaiser/god/esp/ESP_1/actuator/+/command', [...ACTING, 'viewer', 'device']],
  ['kaiser/god/esp/ESP_2/mqtt/auth_update', [...ACTING, 'viewer']],
  ['kaiser/god/esp/+/config', [...ACTING, 'viewer']],
  ['kaiser/+/esp/ESP_1/config', [...ACTING, 'viewer']],
  ['kaiser/god/esp/ESP_11/config', [...ACTING, 'viewer']],
  ['kaiser/broadcast/#', ALL],
  ['kaiser/broadcast/emergency', ALL],
  ['kaiser/broadcast', [...ACTING, 'viewer']],
  ['kaiser/god/server/status', ALL],
  ['kaiser/other/server/status', [...ACTING, 'viewer']],
  ['kaiser/god/server/+', [...ACTING, 'viewer']],
  ['lab/#', ACTING],
  ['$SYS/#', ['admin', 'system']],
  ['$SYS/broker/uptime', ['admin', 'system']],
  ['$SYS', ['admin', 'system']],
  ['$test/#', ACTING],
]

for (const [topic, allowed, payload = NOTHING] of PUBLISH)
  t.test(`who publishes to ${topic} ${payload}`, async (t) => {
    const may = ALL.filter((name) => mayPublish(WHO[name]!, topic, payload, 'god'))
    t.strictSame(
      may,
      ALL.filter((name) => allowed.includes(name)),
    )
  })

for (const [filter, allowed] of SUBSCRIBE)
  t.test(`who subscribes to ${filter}`, async (t) => {
    const may = ALL.filter((name) => maySubscribe(WHO[name]!, filter, 'god'))
    t.strictSame(
      may,
      ALL.filter((name) => allowed.includes(name)),
    )
  })

t.test(
  'the gate takes an operator’s commands and stops for kaiser, and turns everybody else’s down',
  async (t) => {
    const gate = createGate('god')
    const branch = 'kaiser/god/esp/ESP_1'
    const operators = ['anonymous', 'operator', 'admin']
    for (const topic of [
      `${branch}/actuator/5/command`,
      `${branch}/actuator/05/command`,
      `${branch}/actuator/emergency`,
      'kaiser/broadcast/emergency',
    ])
      for (const name of ALL.filter((one) => one !== 'system')) {
        const verdict = gate(topic, NOTHING, WHO[name]!)
        if (operators.includes(name)) t.strictSame(verdict, { by: nameOf(WHO[name]!) }, `${name} on ${topic}`)
        else t.match(verdict, { code: 'command_refused' }, `${name} on ${topic}`)
      }
  },
)

t.test('the gate turns down what else devices obey, whoever says it', async (t) => {
  const gate = createGate('god')
  const branch = 'kaiser/god/esp/ESP_1'
  for (const topic of [
    `${branch}/config`,
    `${branch}/config/sensor/4`,
    `${branch}/config_part`,
    `${branch}/system/command`,
    `${branch}/zone/assign`,
    `${branch}/subzone/assign`,
    `${branch}/mqtt/auth_update`,
    `${branch}/system/heartbeat/ack`,
    'kaiser/god/server/status',
    'kaiser/broadcast/of/any/kind',
  ])
    for (const name of ALL.filter((one) => one !== 'system'))
      t.match(gate(topic, NOTHING, WHO[name]!), { code: 'command_refused' }, `${name} on ${topic}`)
  t.equal(gate(`${branch}/actuator/5/command`, NOTHING, WHO.system!), undefined)
  t.match(
    gate('kaiser/other/esp/ESP_1/actuator/5/command', NOTHING, WHO.admin!),
    { code: 'command_refused' },
    'also of another kaiser, whose devices may hear it through Redis',
  )
  t.equal(gate(`${branch}/actuator/5/command`, NOTHING, WHO.admin!)?.by, 'anna')
})

t.test('the gate lets pass what devices say, and what may be asked of them', async (t) => {
  const gate = createGate('god')
  const branch = 'kaiser/god/esp/ESP_1'
  for (const topic of [
    `${branch}/sensor/4/data`,
    `${branch}/sensor/4/command`,
    `${branch}/system/command/response`,
    `${branch}/actuator/5/status`,
    `${branch}/config_response`,
    'lab/note',
  ])
    t.equal(gate(topic, NOTHING, WHO.operator!), undefined, topic)
})
