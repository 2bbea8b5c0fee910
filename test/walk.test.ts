/**
 * The walk of one reading, end to end: the bytes of one PUBLISH into a TCP socket; then, in this order, the
 * row, the WebSocket frame, the PUBACK.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import SQLite from 'better-sqlite3'
import t from 'tap'
import { WebSocket } from 'ws'
import { setUp } from './support/administrator.js'
import { openApp } from './support/app.js'

const TOPIC = 'kaiser/god/esp/ESP_12AB34CD/sensor/4/data'

/** One PUBLISH, QoS 1, packet id 7, written by hand. MQTT 3.1.1 §3.3 */
const publish = (topic: string, payload: string): Buffer => {
  const name = Buffer.from(topic)
  const body = Buffer.concat([Buffer.from([0, name.length]), name, Buffer.from([0, 7]), Buffer.from(payload)])
  return Buffer.concat([Buffer.from([0x32, (body.length & 0x7f) | 0x80, body.length >> 7]), body])
}
const CONNECT = Buffer.from([0x10, 13, 0, 4, ...Buffer.from('MQTT'), 4, 2, 0, 60, 0, 1, 0x45])
const PUBACK = Buffer.from([0x40, 2, 0, 7])

t.test('one reading becomes a row, then a frame, then an acknowledgement', async (t) => {
  const app = await openApp(t)
  const { access_token } = await setUp(app.origin)
  const order: string[] = []
  const count = (): unknown => {
    const db = new SQLite(`${app.dir}/kaiser.db`, { readonly: true })
    const rows = db.prepare('SELECT esp_id, gpio, raw_value, unit, quality FROM sensor_data').all()
    db.close()
    return rows
  }

  const watcher = new WebSocket(
    `${app.origin.replace('http', 'ws')}/api/v1/ws/realtime/walk?token=${access_token}`,
  )
  t.teardown(() => watcher.terminate())
  await once(watcher, 'open')
  let rowAtFrame: unknown
  const frame = new Promise<{ type: string; data: Record<string, unknown> }>((resolve) => {
    watcher.on('message', (bytes) => {
      const said = JSON.parse(bytes.toString())
      if (said.type !== 'sensor_data') return
      order.push('frame')
      rowAtFrame = count()
      resolve(said)
    })
  })

  const device = connect(app.mqttPort, '127.0.0.1')
  t.teardown(() => device.destroy())
  await once(device, 'connect')
  device.write(CONNECT)
  const [connack] = (await once(device, 'data')) as [Buffer]
  t.strictSame([...connack], [0x20, 2, 0, 0])

  const payload = {
    ts: Date.now(),
    esp_id: 'ESP_12AB34CD',
    gpio: 4,
    sensor_type: 'DS18B20',
    raw: 2250,
    raw_value: 22.5,
    raw_mode: true,
    value: 22.5,
    unit: '°C',
    quality: 'good',
  }
  device.write(publish(TOPIC, JSON.stringify(payload)))
  const [puback] = (await once(device, 'data')) as [Buffer]
  order.push('puback')
  t.strictSame([...puback], [...PUBACK])

  const { data } = await frame
  const row = { esp_id: 'ESP_12AB34CD', gpio: 4, raw_value: 22.5, unit: '°C', quality: 'good' }
  t.strictSame(count(), [row])
  t.strictSame(rowAtFrame, [row], 'the row was there when the frame came')
  t.match(data, { esp_id: 'ESP_12AB34CD', gpio: 4, value: 22.5, unit: '°C', quality: 'good', topic: TOPIC })
  t.match(app.stats.subscriber(), { messages_processed: 1, messages_failed: 0, success_rate: 100 })
})
