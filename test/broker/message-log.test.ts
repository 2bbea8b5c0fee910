import t from 'tap'
import { createMessageLog } from '../../broker/message-log.js'

const NOW = 1_790_000_000_000
const TOPIC = 'kaiser/god/esp/ESP_1/sensor/4/data'

/** A log with a clock that stands, and a way to put messages in. */
function open(logged_messages = 100, logged_bytes = 1_000_000) {
  const log = createMessageLog({ bounds: { logged_messages, logged_bytes }, now: () => NOW })
  const { messages } = log
  const came = (payload: string | Buffer, topic = TOPIC) =>
    log.came('pen', { topic, qos: 1, retain: false }, Buffer.from(payload as string), false)
  const text = (id: number) => {
    const bytes = messages.payload(id)?.bytes
    return bytes && Buffer.from(bytes).toString()
  }
  /** What is kept, oldest first. */
  const kept = () => {
    const all: string[] = []
    for (let id = messages.oldest; id <= messages.newest; id++) all.push(text(id) ?? '')
    return all
  }
  return { log, messages, came, text, kept }
}

t.test('what came is kept as it came, under numbers that ascend without a gap', async (t) => {
  const { messages, came, text } = open()
  t.ok(messages.newest < messages.oldest, 'nothing yet')
  const chunk = Buffer.from('one two')
  came(chunk.subarray(0, 3))
  came(chunk.subarray(4))
  chunk.fill('x')
  t.equal(messages.newest, messages.oldest + 1)
  t.equal(text(messages.oldest), 'one', 'a copy: the chunk of the socket may be written over')
  t.match(messages.find(messages.newest), {
    id: messages.newest,
    at: NOW,
    direction: 'in',
    topic: TOPIC,
    client_id: 'pen',
    qos: 1,
    retain: false,
    dup: false,
    size: 3,
    outcome: 'waiting',
  })
  t.equal(messages.find(messages.newest + 1), undefined)
})

t.test('when there are as many as there may be, the oldest is gone, and that is said', async (t) => {
  const { log, messages, came, kept } = open(3)
  const rolled: unknown[] = []
  log.rolled = (...told) => void rolled.push(told)
  for (let n = 0; n < 5; n++) came(`${n}`)
  t.strictSame(kept(), ['2', '3', '4'])
  t.equal(messages.lost, 2)
  t.equal(messages.find(messages.oldest - 1), undefined)
  t.strictSame(rolled, Array(2).fill(['logged_messages', NOW]))
})

t.test('the same for bytes; one that alone is too large is kept until the next one comes', async (t) => {
  const { messages, came, kept } = open(1_000, 20_000)
  for (let n = 0; n < 30; n++) came(`${n} ${'x'.repeat(3_000)}`)
  const left = kept()
  t.ok(left.length > 3 && left.length <= 6, `${left.length} are left`)
  t.equal(left.at(-1)!.slice(0, 3), '29 ')
  t.equal(messages.lost, 30 - left.length)
  const tight = open(1_000, 1_000)
  tight.came('x'.repeat(4_000))
  t.equal(tight.kept().length, 1)
  tight.came('y')
  t.strictSame(tight.kept(), ['y'])
})

t.test('payloads stay what they are while the places they lie in are used again and again', async (t) => {
  const { came, kept } = open(40)
  const sizes = [0, 1, 17, 4_096, 900, 0, 2_500]
  const all: string[] = []
  for (let n = 0; n < 5_000; n++) {
    const payload = `${n}`.padEnd(sizes[n % sizes.length]!, 'x').slice(0, sizes[n % sizes.length])
    came(payload)
    all.push(payload)
    if (n % 97 === 0) t.strictSame(kept(), all.slice(-40))
  }
})

t.test(
  'of a long payload the first 4 KiB are kept, and its size; text is never cut in a character',
  async (t) => {
    const { log, messages, came } = open()
    came(Buffer.alloc(10_000, 7))
    t.match(messages.find(messages.newest), { size: 10_000 })
    t.match(messages.payload(messages.newest), { cut: true, masked: false })
    t.equal(messages.payload(messages.newest)!.bytes!.length, 4_096)
    log.said(TOPIC, `x${'€'.repeat(2_000)}`, 1, false)
    const { bytes, cut } = messages.payload(messages.newest)!
    t.equal(cut, true)
    t.match(messages.find(messages.newest), {
      size: 6_001,
      direction: 'out',
      client_id: null,
      outcome: 'sent',
    })
    t.equal(Buffer.from(bytes!).toString(), `x${'€'.repeat(1_365)}`)
  },
)

t.test('secrets are not shown: of credentials nothing is kept, in settings they are blanked', async (t) => {
  const { log, messages, came, text } = open()
  log.said('kaiser/god/esp/ESP_1/mqtt/auth_update', '{"password":"geheim"}', 1, false)
  t.match(messages.payload(messages.newest), { bytes: null, masked: true })
  t.match(messages.find(messages.newest), { size: 21 })
  const wifi = JSON.stringify({ wifi: { ssid: 'box', password: 'geheim' }, padding: 'x'.repeat(6_000) })
  came(wifi, 'kaiser/god/esp/ESP_1/config')
  t.match(messages.payload(messages.newest), { cut: true, masked: true })
  t.match(text(messages.newest), /^\{"wifi":\{"ssid":"box","password":"\*\*\*"\}/)
  came(wifi.replace('xxx', 'x'.repeat(20_000)), 'kaiser/god/esp/ESP_1/config')
  t.equal(text(messages.newest), '***', 'one that is not kept whole cannot be blanked in part')
})

t.test('what became of a message is noted while it is kept, and told once', async (t) => {
  const { log, messages, came } = open(2)
  const heard: number[] = []
  log.heard = (id) => void heard.push(id)
  const { trace } = log
  const one = came('1')
  trace.wrote(one, 'sensor_data', 7, 3, 1_000)
  trace.wrote(one, 'audit_logs', 9, 0, 2_000)
  for (const event of ['sensor_data', 'esp_health', 'sensor_data']) trace.emitted(one, event)
  t.strictSame(heard, [])
  trace.committed(one, false)
  t.match(messages.find(messages.oldest), { outcome: 'waiting', acknowledged: false })
  trace.committed(one, true)
  trace.acknowledged(one)
  t.match(messages.find(messages.oldest), { outcome: 'handled', acknowledged: true })
  t.strictSame(heard, [messages.oldest])
  t.strictSame(messages.rows(messages.oldest), [
    { table: 'sensor_data', id: 7, of: 3, at: 1_000 },
    { table: 'audit_logs', id: 9, of: 0, at: 2_000 },
  ])
  t.strictSame(messages.events(messages.oldest), ['sensor_data', 'esp_health'])

  const two = came('2')
  trace.wrote(two, 'sensor_data', 8, 3, 1_000)
  trace.refused(two, 'handler_failed', 5)
  trace.committed(two, true)
  t.match(messages.find(messages.newest), { outcome: 'handler_failed', reject_id: 5 })
  t.strictSame(messages.rows(messages.newest), [], 'they were withdrawn')

  came('3')
  trace.became(one, 'not_ours')
  t.ok(
    [messages.oldest, messages.newest].every((id) => messages.find(id)!.outcome !== 'not_ours'),
    'who is gone is not confused with who has its place',
  )
  t.strictSame(messages.rows(messages.newest), [])
})

t.test('with 0 messages there is no log; what repeats an event on MQTT is never in it', async (t) => {
  const off = open(0)
  t.equal(off.came('x'), 0)
  t.equal(off.log.said(TOPIC, 'x', 0, false), 0)
  t.ok(off.messages.newest < off.messages.oldest)
  const on = open()
  t.equal(on.log.said('kaiser/god/event/sensor_data', '{}', 0, false), 0)
  t.ok(on.messages.newest < on.messages.oldest)
})
