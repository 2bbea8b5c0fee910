/** `kaiser record` and `kaiser replay`: what was said is said again, to a kaiser, to another broker, or in a sandbox. */
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import SQLite from 'better-sqlite3'
import t from 'tap'
import type { Recorded } from '../../sim/recording/format.js'
import { readRecording } from '../../sim/recording/reader.js'
import { directory } from '../support/app.js'
import { begin, kaiser, startKaiser } from '../support/kaiser.js'
import { mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { client, reading, topicOf } from '../support/mqtt.js'
import { until } from '../support/until.js'

const messagesIn = async (file: string): Promise<Recorded[]> => {
  const messages: Recorded[] = []
  for await (const message of readRecording(file)) messages.push(message)
  return messages
}

const START = Date.UTC(2026, 5, 1, 12)
const beat = (esp_id: string): string =>
  JSON.stringify({ esp_id, ts: START / 1000, uptime: 1, heap_free: 40_000, wifi_rssi: -50 })

/** A recording made by hand: two devices, a command, and somebody else. */
function recording(t: Parameters<typeof directory>[0], count = 20, pause = 50): string {
  const file = join(directory(t), 'r.ndjson')
  const lines: object[] = [{ format: 'kaiser-recording', version: 1, started_at: START, topics: ['#'] }]
  const add = (topic: string, payload: string, qos = 1): void =>
    void lines.push({ t: (lines.length - 1) * pause, topic, payload, qos, retain: false })
  for (const esp_id of ['ESP_A', 'ESP_B']) add(`kaiser/god/esp/${esp_id}/system/heartbeat`, beat(esp_id), 0)
  for (let n = 0; n < count; n++) {
    const esp_id = n % 2 === 0 ? 'ESP_A' : 'ESP_B'
    const at = START + lines.length * pause
    const value = 20 + n / 10
    add(
      topicOf(esp_id),
      JSON.stringify({
        esp_id,
        gpio: 4,
        sensor_type: 'DS18B20',
        raw_mode: false,
        value,
        raw_value: value,
        unit: '°C',
        ts: at,
      }),
    )
  }
  add('kaiser/god/esp/ESP_A/actuator/5/command', '{"command":"ON"}')
  add('home/door', 'open')
  lines.push({ end: lines.length * pause, messages: lines.length - 1 })
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return file
}

t.test(
  'a recorder that is killed leaves what it had flushed, without secrets, and a replay plays that',
  { skip: withoutMosquitto },
  async (t) => {
    const broker = await mosquitto(t)
    await broker.start()
    const file = join(directory(t), 'r.gz')
    const { child, said, end } = begin(t, [
      ...['record', file, '--broker', broker.url],
      ...['--topic', 'kaiser/+/esp/+/sensor/#', '--topic', 'kaiser/+/esp/+/config', '--topic', 'home/#'],
    ])
    await until(
      () => said.err.includes('recording kaiser/+/esp/+/sensor/#, kaiser/+/esp/+/config, home/#'),
      'the recorder',
    )
    const device = client(t, broker.url)
    await until(() => device.connected, 'the device')
    for (let n = 0; n < 10; n++) await device.publishAsync(topicOf(), reading(n), { qos: 1 })
    await device.publishAsync('home/picture', Buffer.from([0xff, 0xd8, 0]))
    await device.publishAsync('elsewhere', 'not asked for')
    await device.publishAsync('kaiser/god/esp/ESP_A/config', '{"wifi":{"ssid":"n","password":"geheim"}}')
    await until(async () => (await messagesIn(file)).length === 12, 'what was said, on disk')
    child.kill('SIGKILL')
    await end
    const messages = await messagesIn(file)
    t.strictSame(
      messages.slice(0, 10).map(({ payload }) => payload.toString()),
      Array.from({ length: 10 }, (_, n) => reading(n)),
    )
    t.equal(messages[11]?.payload.toString(), '{"wifi":{"ssid":"n","password":"***"}}')
    t.match(messages[10], { topic: 'home/picture', payload: Buffer.from([0xff, 0xd8, 0]) })

    const played = await kaiser(['replay', file, '--sandbox', '--speed', 'max'])
    t.equal(played.code, 0, played.err)
    t.match(played.out, /^played +11 of 11 messages, 1 device$/m)
    t.match(played.out, /^not whole +it is cut off; what is whole was played$/m)
  },
)

t.test('a running server is recorded by its data directory, to the end', async (t) => {
  const server = await startKaiser(t, ['--allow-anonymous', '--discovery', 'auto', '--log-level', 'error'])
  const file = join(directory(t), 'r.gz')
  const { child, said, end } = begin(t, ['record', file, '--data', server.dir])
  await until(() => said.err.includes('recording'), 'the recorder')
  const device = client(t, `mqtt://127.0.0.1:${server.mqtt_port}`, { clientId: 'ESP_A' })
  await until(() => device.connected, 'the device')
  await device.publishAsync('kaiser/god/esp/ESP_A/system/heartbeat', beat('ESP_A'), { qos: 1 })
  await device.publishAsync(topicOf('ESP_A'), reading(0, 'ESP_A'), { qos: 1 })
  await until(async () => (await messagesIn(file)).length >= 3, 'the answer of the server as well')
  child.kill('SIGINT')
  const { code, out } = await end
  t.equal(code, 0)
  t.match(out, /^\d+ messages, [\d.]+ KiB in .*r\.gz\n$/)
  const reader = readRecording(file)
  const topics: string[] = []
  for await (const { topic } of reader) topics.push(topic)
  t.equal(reader.damage, undefined)
  t.ok(topics.includes('kaiser/god/esp/ESP_A/system/heartbeat/ack'), 'what the server says')
  t.ok(topics.includes(topicOf('ESP_A')))
  t.match(await kaiser(['record', file, '--data', server.dir]), {
    code: 1,
    err: /r\.gz exists; --force writes over it/,
  })

  const again = recording(t)
  const played = await kaiser(['replay', again, '--data', server.dir, '--speed', 'max', '--shift-time'])
  t.equal(played.code, 0, played.err)
  await server.stop()
  const db = new SQLite(join(server.dir, 'kaiser.db'), { readonly: true })
  const rows = db
    .prepare(
      `SELECT esp_id, count(*) AS n, min(timestamp) AS first FROM sensor_data WHERE esp_id IN ('ESP_A', 'ESP_B') GROUP BY esp_id`,
    )
    .all()
  db.close()
  t.match(rows, [
    { esp_id: 'ESP_A', n: 11 },
    { esp_id: 'ESP_B', n: 10 },
  ])
  for (const { first } of rows as { first: number }[])
    t.ok(Math.abs(Date.now() - first) < 300_000, 'the times are of now')
})

t.test('a sandbox takes what was said as of then, switches nothing, and is gone, or kept', async (t) => {
  const file = recording(t)
  const kept = await kaiser(['replay', file, '--sandbox', '--keep', '--speed', 'max'])
  t.equal(kept.code, 0, kept.err)
  t.match(kept.out, /^played +23 of 23 messages, 2 devices$/m)
  t.match(kept.out, /^left out +1 that servers say, or that devices obey$/m)
  t.match(kept.out, /^kaiser took +\d+, and not 0$/m)
  for (const line of kept.out.split('\n')) t.ok(line.length < 80, line)
  const database = /^kept in +(.+)$/m.exec(kept.out)![1]!
  t.teardown(() => rmSync(dirname(database), { recursive: true, force: true }))
  const db = new SQLite(database, { readonly: true })
  const rows = db
    .prepare('SELECT esp_id, raw_value AS value, timestamp FROM sensor_data ORDER BY timestamp')
    .all()
  t.strictSame(
    rows,
    Array.from({ length: 20 }, (_, n) => ({
      esp_id: n % 2 === 0 ? 'ESP_A' : 'ESP_B',
      value: 20 + n / 10,
      timestamp: START + (n + 3) * 50,
    })),
  )
  t.match(db.prepare('SELECT device_id, status FROM esp_devices').all(), [
    { status: 'online' },
    { status: 'online' },
  ])
  db.close()

  const gone = await kaiser([
    ...['replay', file, '--sandbox', '--speed', 'max', '--topic', 'kaiser/+/esp/ESP_B/#'],
    ...['--kaiser-id', 'other'],
  ])
  t.match(gone.out, /^kaiser took +11, and not 0$/m, 'whoever it is')
  t.match(gone.out, /^played +11 of 11 messages, 1 device$/m)
  t.notMatch(gone.out, /kept in/)
})

t.test(
  'on another broker it comes from the devices themselves, in order and at its pace',
  { skip: withoutMosquitto },
  async (t) => {
    const broker = await mosquitto(t)
    await broker.start()
    const listener = client(t, broker.url)
    const heard: { topic: string; at: number }[] = []
    listener.on('message', (topic) => heard.push({ topic, at: performance.now() }))
    await until(() => listener.connected, 'the listener')
    await listener.subscribeAsync('#', { qos: 1 })
    const { code, out, err } = await kaiser([
      'replay',
      recording(t, 20, 100),
      '--broker',
      broker.url,
      '--speed',
      '2',
    ])
    t.equal(code, 0, err)
    t.match(out, /^reached +0:00:02 of 0:00:02, at most [\d.,]+ ms late$/m)
    t.equal(heard.length, 23)
    t.notOk(
      heard.some(({ topic }) => topic.endsWith('/command')),
      'no command',
    )
    const ofA = heard.filter(({ topic }) => topic.includes('/ESP_A/sensor/'))
    t.equal(ofA.length, 10)
    const took = ofA.at(-1)!.at - ofA[0]!.at
    t.ok(took >= 850, `1.8 s at twice the speed took ${took} ms`)
  },
)

t.test('what is cut off plays what is whole; what is none, and a wrong call, are told so', async (t) => {
  const file = recording(t)
  truncateSync(file, Math.floor(readFileSync(file).length * 0.6))
  t.match(await kaiser(['replay', file, '--sandbox', '--speed', 'max']), {
    code: 0,
    out: /^not whole +it is cut off; what is whole was played$/m,
  })
  const dir = directory(t)
  const foreign = join(dir, 'foreign')
  writeFileSync(foreign, 'ts,value\n1,2\n')
  const data = ['--data', dir]
  const nowhere = join(dir, 'nowhere')
  const cases: [args: string[], code: number, err: RegExp][] = [
    [['replay', foreign, '--sandbox'], 1, /foreign is no recording of kaiser/],
    [['replay', join(dir, 'missing'), '--sandbox'], 1, /missing cannot be read: ENOENT/],
    [['replay', dir, '--sandbox'], 1, /^kaiser: \/.* cannot be read: EISDIR/],
    [['replay', file, '--data', nowhere], 1, /no kaiser runs on --data .*nowhere/],
    [['record', join(dir, 'new'), '--data', nowhere], 1, /no kaiser runs on --data .*nowhere/],
    [['replay', file, ...data], 1, /no kaiser runs on --data .*--sandbox/],
    [['replay', file, '--sandbox', '--broker', 'mqtt://x'], 2, /--sandbox or --broker, not both/],
    [['replay', file, '--keep'], 2, /--keep needs --sandbox/],
    [['replay', file, '--speed', '0'], 2, /--speed is "0"; 0.1 to 10000 times faster, or max/],
    [['replay'], 2, /takes one FILE/],
    [['record', join(dir, 'r'), ...data], 1, /no kaiser runs on --data .*--broker URL/],
    [['record', join(dir, 'r'), '--topic', 'a/#/b'], 2, /topic filters such as/],
    [
      ['record', join(dir, 'no', 'r'), '--broker', 'mqtt://127.0.0.1:1', '--for', '500ms'],
      1,
      /did not answer; nothing was recorded/,
    ],
    [['record'], 2, /takes one FILE/],
  ]
  for (const [args, code, err] of cases) t.match(await kaiser(args), { code, err }, args.join(' '))
  t.notOk(existsSync(join(dir, 'r')), 'nothing is left')
  t.notOk(existsSync(nowhere), 'and who only asks makes no data directory')
})

t.test(
  'a broker that dies while it is recorded is a gap that is told of',
  { skip: withoutMosquitto },
  async (t) => {
    const broker = await mosquitto(t)
    await broker.start()
    const file = join(directory(t), 'r.gz')
    const { child, said, end } = begin(t, ['record', file, '--broker', broker.url, '--topic', '#'])
    await until(() => said.err.includes('recording #'), 'the recorder')
    const say = async (word: string): Promise<void> => {
      const device = client(t, broker.url)
      await until(() => device.connected, 'the device')
      await device.publishAsync('home/door', word, { qos: 1 })
      await device.endAsync()
    }
    await say('before')
    await until(async () => (await messagesIn(file)).length === 1, 'the first')
    await broker.kill()
    await until(() => said.err.includes('tried again'), 'a word about it')
    await broker.start()
    await until(async () => {
      await say('after')
      return (await messagesIn(file)).length > 1
    }, 'one from after')
    child.kill('SIGINT')
    const { code, out } = await end
    t.equal(code, 0)
    t.match(out, /^the connection was gone 1 time; what was said meanwhile is missing$/m)
  },
)
