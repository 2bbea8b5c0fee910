import t from 'tap'
import {
  filterOf,
  format,
  fromDevice,
  fromServer,
  matcher,
  overlaps,
  toDevice,
} from '../../routing/contract/topics.js'
import { handlers } from '../../routing/handlers/index.js'
import { createRouter } from '../../routing/router.js'

const levels = { kaiser_id: 'god', esp_id: 'ESP_12AB34CD', gpio: 4, zone_id: 'zone_a', event: 'sensor_data' }
const templates = { ...fromDevice, ...toDevice, ...fromServer }

t.test('format and match are inverse for every topic', async (t) => {
  for (const template of Object.values(templates)) {
    const topic = format<string>(template, levels)
    t.match(
      matcher<string>(template)(topic),
      Object.fromEntries(Object.entries(levels).filter(([name]) => template.includes(`{${name}}`))),
      topic,
    )
    t.match(filterOf(template), /^[a-z0-9+/_]+$/)
  }
})

t.test('no two templates match the same topic', async (t) => {
  for (const one of Object.values(templates)) {
    const topic = format<string>(one, levels)
    const matching = Object.values(templates).filter((other) => matcher<string>(other)(topic))
    t.strictSame(matching, [one], topic)
  }
})

t.test('what breaks the grammar of a level neither matches nor can be formatted', async (t) => {
  const match = matcher(fromDevice.sensorData)
  for (const topic of [
    'kaiser/god/esp//sensor/4/data',
    'kaiser/god/esp/a b/sensor/4/data',
    `kaiser/god/esp/${'x'.repeat(51)}/sensor/4/data`,
    'kaiser/god/esp/E/sensor/-1/data',
    'kaiser/god/esp/E/sensor/1.5/data',
    'kaiser/god/esp/E/sensor/0004/data',
    'kaiser/god/esp/E/sensor/256/data',
    'kaiser/god/esp/E/sensor/4/data/',
    '/kaiser/god/esp/E/sensor/4/data',
  ])
    t.equal(match(topic), undefined, topic)
  t.throws(() => format(fromDevice.sensorData, { ...levels, gpio: 256 }), /"256" is not a valid gpio/)
  t.throws(() => format(fromDevice.heartbeat, { ...levels, esp_id: '../x' }), /not a valid esp_id/)
})

t.test('a router remembers literal topics, but not without bound', async (t) => {
  const router = createRouter(handlers, 'god')
  const first = router.route('kaiser/god/esp/E/sensor/4/data')
  t.equal(router.route('kaiser/god/esp/E/sensor/4/data'), first, 'the same object the second time')
  for (let n = 0; n < 40_000; n++) router.route(`kaiser/god/esp/E${n}/sensor/4/data`)
  t.not(router.route('kaiser/god/esp/E/sensor/4/data'), first, 'forgotten, and found again')
})

t.test('two handlers cannot want one topic', async (t) => {
  t.throws(() => createRouter({ a: handlers.heartbeat!, b: handlers.heartbeat! }, 'god'), /two handlers want/)
})

t.test('filters that overlap', async (t) => {
  for (const [one, other, expected] of [
    ['a/b', 'a/b', true],
    ['a/+', 'a/b', true],
    ['a/+/c', '+/b/+', true],
    ['#', 'a/b', true],
    ['a/b/#', 'a/b', true],
    ['a/b', 'a/b/#', true],
    ['a/b', 'a', false],
    ['a/+', 'a', false],
    ['a/b/#', 'a/c/#', false],
    ['a/b/c', 'a/+', false],
  ] as const) {
    t.equal(overlaps(one, other), expected, `${one} and ${other}`)
    t.equal(overlaps(other, one), expected)
  }
})
