/** A sensor type that a user dropped into the data directory, from the message to the screen. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { setUp } from './support/administrator.js'
import { directory, openApp } from './support/app.js'
import { connected, topicOf } from './support/mqtt.js'
import { listen } from './support/socket.js'
import { until } from './support/until.js'

const DOUBLE = `export default {
  type: 'my_probe', aliases: ['my-probe'], unit: 'ppm', range: [0, 5000],
  convert: (native) => native * 2,
}`
const ENDLESS = `export default { type: 'endless', unit: 'ppm', convert() { for (;;); } }`
const sent = (sensor_type: string, raw: number, ts = Date.now()): string =>
  JSON.stringify({ esp_id: 'ESP_12AB34CD', gpio: 4, sensor_type, raw, raw_mode: true, ts, quality: 'good' })

t.test('a reading of a user’s type is stored raw at once and told with its value', async (t) => {
  const dir = directory(t)
  mkdirSync(`${dir}/sensors`)
  writeFileSync(`${dir}/sensors/my-probe.mjs`, DOUBLE)
  const app = await openApp(t, { dir })
  const page = await listen(t, app, (await setUp(app.origin)).access_token)
  await page.filter({ types: ['sensor_data'] })
  const device = await connected(t, app)
  await device.publishAsync(topicOf(), sent('My-Probe', 21), { qos: 1 })
  t.match((await page.frame(1)).data, {
    sensor_type: 'my_probe',
    raw_value: 21,
    processed_value: 42,
    value: 42,
    unit: 'ppm',
    quality: 'good',
    processing_mode: 'pi_enhanced',
  })
  await until(() => app.store.readings.latest()[0]?.processed_value === 42, 'the row')
  t.match(app.store.readings.latest(), [{ raw_value: 21, processed_value: 42, unit: 'ppm' }])
  t.equal(page.frames.length, 1, 'it is told once')
})

t.test('a module that does not return is bypassed, and nobody waits for it', async (t) => {
  const dir = directory(t)
  mkdirSync(`${dir}/sensors`)
  writeFileSync(`${dir}/sensors/endless.mjs`, ENDLESS)
  const app = await openApp(t, { dir })
  const page = await listen(t, app, (await setUp(app.origin)).access_token)
  await page.filter({ types: ['sensor_data', 'system_event'] })
  const device = await connected(t, app)
  const other = await connected(t, app)

  const slow = device.publishAsync(topicOf(), sent('endless', 7), { qos: 1 })
  const started = performance.now()
  await other.publishAsync(topicOf('ESP_OTHER'), sent('ph', 2048).replace('ESP_12AB34CD', 'ESP_OTHER'), {
    qos: 1,
  })
  t.ok(performance.now() - started < 1_000, 'the next message is not delayed')
  await slow
  const told = () => page.frames.map(({ type, data }) => ({ type, ...data }) as Record<string, unknown>)
  await until(() => told().some(({ sensor_type }) => sensor_type === 'endless'), 'the raw reading')
  t.match(
    told().find(({ sensor_type }) => sensor_type === 'endless'),
    { raw_value: 7, processed_value: null, value: 7, processing_mode: 'raw', unit: null },
  )
  await until(() => told().some(({ event_type }) => event_type === 'sensor_type_failed'), 'the report')
  t.match(app.findings.list('endless'), [{ kind: 'sensor_type_failed', details: { file: /endless.mjs/ } }])
  t.equal(app.stats.codes().sensor_type_failed, 1)

  await device.publishAsync(topicOf(), sent('endless', 8), { qos: 1 })
  await until(
    () => told().filter(({ sensor_type }) => sensor_type === 'endless').length === 2,
    'the next one',
  )
  t.equal(app.stats.codes().sensor_type_failed, 1, 'a bypassed module is not asked again')
  rmSync(`${dir}/sensors`, { recursive: true })
})
