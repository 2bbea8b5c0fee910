/** The house keeps its promises: who may import whom, what is listed, what agrees with what. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { Compile } from 'typebox/compile'
import { commands } from '../bin/commands/index.js'
import { codes } from '../routing/contract/codes.js'
import { events } from '../routing/contract/events.js'
import { fromDevice, toDevice } from '../routing/contract/topics.js'
import { handlers } from '../routing/handlers/index.js'
import { operators } from '../routing/operators/index.js'
import { specimens } from './support/hostile.js'
import { inStore } from './support/in-store.js'
import { DEVICE, good, NOW } from './support/samples.js'
import { asked } from './support/zones.js'

const stranger = { ts: 1, uptime: 1, heap_free: 1, wifi_rssi: -1 }

const root = fileURLToPath(new URL('../../', import.meta.url))
const ROOMS = ['bin', 'broker', 'realtime', 'routing', 'sim', 'storage']

const files = ROOMS.flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|vue)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name))),
)
const source = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))

interface Import {
  file: string
  /** The imported file in the house, or the package's name. */
  from: string
  typeOnly: boolean
}
const imports: Import[] = [...source].flatMap(([file, text]) =>
  [
    ...text.matchAll(
      /^\s*(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|import\('([^']+)'\)|^import '([^']+)'/gm,
    ),
  ].map((found) => {
    const specifier = found[2] ?? found[3] ?? found[4] ?? ''
    const from = specifier.startsWith('.')
      ? normalize(join(dirname(file), specifier)).replace(/\.js$/, '.ts')
      : specifier
    return { file, from, typeOnly: found[1] !== undefined }
  }),
)

const roomOf = (file: string): string => {
  if (file.startsWith('routing/contract/')) return 'contract'
  if (file.startsWith('realtime/dashboard/')) return 'dashboard'
  return file.split('/')[0]!
}

const MAY: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  storage: ['contract'],
  routing: ['contract', 'storage'],
  broker: ['contract', 'routing'],
  realtime: ['contract', 'routing', 'storage'],
  dashboard: ['contract'],
  sim: ['contract', 'routing', 'storage'],
  bin: ['contract', 'storage', 'routing', 'broker', 'realtime', 'sim'],
}

t.test('every import goes down the ladder, never up and never sideways', async (t) => {
  t.ok(imports.length > 100, 'there are imports to look at')
  for (const { file, from, typeOnly } of imports) {
    if (!files.includes(from)) continue
    const [here, there] = [roomOf(file), roomOf(from)]
    const typesOfTheApi = here === 'dashboard' && typeOnly && from.startsWith('realtime/api/')
    if (here !== there && !typesOfTheApi && !MAY[here]!.includes(there)) t.fail(`${file} imports ${from}`)
  }
})

t.test('no two folders that stand beside one another import one another', async (t) => {
  const across = new Set(
    imports
      .filter(({ file, from }) => files.includes(from) && dirname(file) !== dirname(from))
      .map(({ file, from }) => `${dirname(file)} ${dirname(from)}`),
  )
  for (const pair of across) {
    const [one, other] = pair.split(' ') as [string, string]
    // A folder and what is composed of it belong together.
    const inside = one.startsWith(`${other}/`) || other.startsWith(`${one}/`)
    if (!inside && one < other && across.has(`${other} ${one}`))
      t.fail(`${one} and ${other} import one another`)
  }
})

const OWNERS: readonly [pkg: string, allowed: (file: string) => boolean][] = [
  ['uWebSockets.js', (file) => file === 'realtime/server.ts'],
  ['better-sqlite3', (file) => roomOf(file) === 'storage' || file === 'bin/data-directory.ts'],
  ['kysely', (file) => roomOf(file) === 'storage'],
  ['aedes', (file) => roomOf(file) === 'broker'],
  ['aedes-persistence', (file) => roomOf(file) === 'broker'],
  ['aedes-persistence-redis/asyncPersistence.js', (file) => file.startsWith('broker/redis/')],
  ['mqemitter-redis', (file) => file.startsWith('broker/redis/')],
  ['ioredis', (file) => file.startsWith('broker/redis/')],
  ['websocket-stream', (file) => roomOf(file) === 'broker'],
  ['mqtt', (file) => roomOf(file) === 'sim' || file === 'realtime/dashboard/live/transport-mqtt.ts'],
  // A mock has a packet or two a minute: with mqtt.js it would hold twice as much memory.
  ['mqtt-packet', (file) => roomOf(file) === 'broker' || file === 'sim/wire.ts'],
  ['vue', (file) => roomOf(file) === 'dashboard'],
  ['vue-router', (file) => roomOf(file) === 'dashboard'],
  ['vue-i18n', (file) => file === 'realtime/dashboard/words/index.ts'],
]

t.test('each library is loaded where it belongs', async (t) => {
  for (const [pkg, allowed] of OWNERS)
    for (const { file, from, typeOnly } of imports)
      if (from === pkg && !typeOnly && !allowed(file)) t.fail(`${file} loads ${pkg}`)
  for (const { file, from, typeOnly } of imports)
    if (roomOf(file) === 'contract' && !files.includes(from) && from !== 'typebox' && !typeOnly)
      t.fail(`${file} loads ${from}`)
})

t.test('the environment is read in one file, and clocks are passed in', async (t) => {
  const code = [...source].filter(([file]) => roomOf(file) !== 'dashboard')
  const reads = (pattern: RegExp) => code.filter(([, text]) => pattern.test(text)).map(([file]) => file)
  t.strictSame(reads(/process\.env\b/), ['bin/config.ts'])
  t.strictSame(
    reads(/Date\.now/).filter((file) => roomOf(file) !== 'bin'),
    ['storage/maintenance-worker.ts'],
    'a thread of its own has no clock passed in',
  )
})

t.test('nobody lives in a drawer', async (t) => {
  const drawers = files.filter((file) =>
    /^(utils?|helpers?|common|types|base|manager|service|misc)\./.test(basename(file)),
  )
  t.strictSame(drawers, [])
})

t.test('each handler, route file and command is in its list, under its own name', async (t) => {
  const camel = (file: string): string =>
    basename(file, '.ts').replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const inRoom = (room: string): string[] =>
    files.filter((file) => dirname(file) === room && basename(file) !== 'index.ts')
  t.strictSame(Object.keys(handlers).sort(), inRoom('routing/handlers').map(camel).sort())
  t.strictSame(Object.keys(operators).sort(), inRoom('routing/operators').map(camel).sort())
  for (const [name, { topic }] of Object.entries(operators))
    t.equal((toDevice as Record<string, string>)[name], topic)
  t.strictSame(
    commands.map(({ name }) => name).sort(),
    inRoom('bin/commands')
      .map((file) => basename(file, '.ts'))
      .sort(),
  )
  const listed = source.get('realtime/api/index.ts')!
  for (const file of inRoom('realtime/api')) t.match(listed, `from './${basename(file, '.ts')}.js'`, file)
})

t.test('each topic from devices has exactly one handler', async (t) => {
  t.strictSame(
    Object.values(handlers)
      .map(({ topic }) => topic)
      .sort(),
    Object.values(fromDevice).slice().sort(),
  )
  for (const [name, { topic }] of Object.entries(handlers))
    t.equal((fromDevice as Record<string, string>)[name], topic)
})

t.test('every event a handler emits is what the contract says', async (t) => {
  const schemas = Object.fromEntries(Object.entries(events).map(([type, schema]) => [type, Compile(schema)]))
  const opened = await inStore(t, { discovery: 'pending' })
  const { receive, store, book } = opened
  await asked(opened)
  await store.group.run(() => {
    for (const [gpio, command_type] of [
      [5, 'ON'],
      [25, 'PWM'],
    ] as const)
      book.open(
        { correlation_id: command_type, esp_id: DEVICE, gpio, command_type, issued_by: 'user:ada' },
        NOW,
      )
  })
  const heard = new Set<string>()
  const samples = [
    {
      topic: `kaiser/god/esp/${DEVICE}/actuator/5/response`,
      payload: JSON.stringify({ esp_id: DEVICE, gpio: 5, command: 'on', success: true }),
    },
    ...good,
    ...specimens.map(({ topic, good: payload }) => ({ topic, payload: JSON.stringify(payload) })),
    { topic: 'kaiser/god/esp/ESP_NEW/system/heartbeat', payload: JSON.stringify(stranger) },
    ...Array.from({ length: 3 }, () => ({
      topic: 'kaiser/god/esp/MOCK_001/system/will',
      payload: '{"status":"offline"}',
    })),
  ]
  for (const { topic, payload } of samples)
    for (const effect of (await receive({ topic, payload })).effects)
      if (effect.kind === 'emit') {
        const { type, data } = effect.event
        heard.add(type)
        t.ok(schemas[type]!.Check(data), `${type} of ${topic}`)
      }
  t.strictSame(
    [...heard].sort(),
    Object.keys(events)
      .filter(
        (type) =>
          ![
            'device_approved',
            'device_rejected',
            'emergency_stop',
            'logic_execution',
            'mqtt_message',
          ].includes(type),
      )
      .sort(),
    'all but what people and rules decide, and the messages themselves',
  )
})

t.test('every code has a sentence, a level and a number of the seed’s families', async (t) => {
  const ranges: Record<string, [number, number]> = {
    Config: [5000, 5099],
    MQTT: [5100, 5199],
    Validation: [5200, 5299],
    Database: [5300, 5399],
    Service: [5400, 5799],
  }
  for (const [name, { family, number, sentence, status }] of Object.entries(codes)) {
    const [low, high] = ranges[family]!
    t.ok(number >= low && number <= high, `${name} ${number} is of family ${family}`)
    t.match(sentence, /^[A-Z].{5,}[^.]$/, name)
    t.ok(status >= 400 && status < 600, name)
  }
})

/** The README and the pages of the rooms. */
const manuals = ['README.md', ...['bin', 'broker', 'routing', 'sim'].map((room) => `${room}/README.md`)]

t.test(
  'every path the README and the pages of the rooms name exists, and every flag stands in them',
  async (t) => {
    const texts = manuals.map((page) => readFileSync(join(root, page), 'utf8'))
    const paths = texts.flatMap((text) =>
      [
        ...text.matchAll(
          /(?<![\w/.-])((?:bin|broker|routing|storage|realtime|sim|test)\/[\w/-]*(?:\.test)?(?:\.ts|\.md)?)/g,
        ),
      ].map((found) => found[1]!),
    )
    t.ok(paths.length > 20)
    for (const path of paths) t.ok(existsSync(join(root, path)), path)
    for (const page of manuals.slice(1)) t.match(texts[0], page, 'the README leads to it')
    const { startOptions } = await import('../bin/config.js')
    for (const flag of Object.keys(startOptions)) t.match(texts.join('\n'), `--${flag}`, 'a page lists it')
  },
)

t.test('the README stays short', async (t) => {
  t.ok(readFileSync(join(root, 'README.md'), 'utf8').split('\n').length < 200)
})

t.test('every code of a refused message stands on one of these pages', async (t) => {
  const texts = manuals.map((page) => readFileSync(join(root, page), 'utf8')).join('\n')
  for (const code of [
    'topic_unrouted',
    'kaiser_foreign',
    'payload_too_large',
    'payload_not_json',
    'payload_invalid',
    'device_unknown',
    'device_mismatch',
    'publish_forbidden',
    'storage_unavailable',
    'handler_failed',
  ])
    t.match(texts, code)
})

/** The official uWebSockets.js binaries, repacked: whoever changes them changes this on purpose. */
const BINARIES: Readonly<Record<string, string>> = {
  'uws_darwin_arm64_115.node': '5d523bccbe80d3d8fa59422ff81801b8179212b9a8a5da28bff6926a95a65701',
  'uws_darwin_arm64_127.node': 'abbeea53d48e21c01808203e9f9835728f2cea720d2e5b154837ee3045b513be',
  'uws_darwin_x64_115.node': '1f2a5c73d9dc3066d39b675b73f2c50eddbc4f270d292a6126ddfe3757c54cf9',
  'uws_darwin_x64_127.node': 'afd992dc1ca1e33cdc7ce0c72a60baf236e590a257fcecbbbce7bc1a35451387',
  'uws_linux_arm64_115.node': 'c0e29fc143b46b584f3debec7910014ec228198fc1f17aaeacd1de7991bd3769',
  'uws_linux_arm64_127.node': 'd4c4f8b2c28c5f6544b49e36d91b0beee238a5b90a07904a947f77061c8b814d',
  'uws_linux_arm_115.node': 'b02d5bc5ab08f040b6b9b818c3eb92806611f77a4dc2439a8f14cac827d498be',
  'uws_linux_arm_127.node': '0e1d4024b629a1fe17ec76cde8fe7e320101eb8bdcf7b2c4086933932e3cea23',
  'uws_linux_x64_115.node': '6f8d96d761a64beddb060f1f7f0e617dd293ed127ec1d57507aa561a0083171e',
  'uws_linux_x64_127.node': '8cabc918bbf9a07323e54f89a33882491080b2eb35df0607f473ccdb1f3c31af',
}

t.test('the binaries of uWebSockets.js are the ones we know', async (t) => {
  const directory = join(dirname(fileURLToPath(import.meta.resolve('uWebSockets.js'))), 'bin')
  for (const [name, sha256] of Object.entries(BINARIES))
    t.equal(
      createHash('sha256')
        .update(readFileSync(join(directory, name)))
        .digest('hex'),
      sha256,
      name,
    )
})
