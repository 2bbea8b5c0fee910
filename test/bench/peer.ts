/**
 * The script half of "Mosquitto with a script": subscribes to every sensor, stores each reading with better-sqlite3
 * (WAL, synchronous=FULL, one transaction per turn of the loop) and pushes it to every WebSocket. Written to be as
 * fast as an ordinary script of this kind can be: no validation, no device, no index; one stringify per reading.
 * What an operator asks for over HTTP is in `peer-control.ts`.
 */
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import Database from 'better-sqlite3'
import mqtt from 'mqtt'
import { type WebSocket, WebSocketServer } from 'ws'
import { createAudience } from './peer-audience.js'
import { createControl, HEARD } from './peer-control.js'

interface Reading {
  ts: number
  esp_id: string
  gpio: number
  sensor_type: string
  raw: number
  quality: string
}

const [mqttPort, httpPort, file, token] = process.argv.slice(2) as [string, string, string, string]

const db = new Database(file)
db.pragma('journal_mode = WAL')
db.pragma('synchronous = FULL')
db.exec(`CREATE TABLE IF NOT EXISTS sensor_data (
  id INTEGER PRIMARY KEY, esp_id TEXT NOT NULL, gpio INTEGER NOT NULL, sensor_type TEXT NOT NULL,
  raw_value REAL, quality TEXT, timestamp INTEGER NOT NULL, received_at INTEGER NOT NULL)`)
const insert = db.prepare(
  'INSERT INTO sensor_data (esp_id, gpio, sensor_type, raw_value, quality, timestamp, received_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
)
const begin = db.prepare('BEGIN IMMEDIATE')
const commit = db.prepare('COMMIT')

let stored = 0
let group: Reading[] = []
let isOpen = false
let whenCommitted: (() => void)[] = []
const audience = createAudience()

/** Whatever is written in a turn of the loop is one transaction. */
function join(): void {
  if (isOpen) return
  isOpen = true
  begin.run()
  setImmediate(flush)
}

function flush(): void {
  commit.run()
  isOpen = false
  const committed_at = Number(process.hrtime.bigint()) / 1e6
  const waited = whenCommitted
  whenCommitted = []
  for (const go of waited) go()
  const readings = group
  group = []
  stored += readings.length
  if (audience.isEmpty) return
  for (const reading of readings) {
    const event = {
      type: 'sensor_data',
      timestamp: Date.now() / 1000,
      committed_at,
      data: {
        esp_id: reading.esp_id,
        gpio: reading.gpio,
        sensor_type: reading.sensor_type,
        value: reading.raw,
        quality: reading.quality,
        timestamp: reading.ts / 1000,
      },
    }
    audience.tell(event)
  }
}

const client = mqtt.connect({
  host: '127.0.0.1',
  port: Number(mqttPort),
  clientId: 'script',
  protocolVersion: 4,
})
const control = createControl({
  db,
  token,
  join,
  committed: (go) => void whenCommitted.push(go),
  publish: (topic, payload) => void client.publish(topic, payload, { qos: 1 }),
})
client.on('message', (topic, payload) => {
  if (topic.endsWith('/alert')) {
    const data = JSON.parse(payload.toString()) as { esp_id: string }
    return audience.tell({ type: 'actuator_alert', data }, true)
  }
  if (!topic.endsWith('/data')) return control.heard(topic, payload)
  const reading = JSON.parse(payload.toString()) as Reading
  join()
  insert.run(
    reading.esp_id,
    reading.gpio,
    reading.sensor_type,
    reading.raw,
    reading.quality,
    reading.ts,
    Date.now(),
  )
  group.push(reading)
})

const http = createServer(control.ask).listen(Number(httpPort), '127.0.0.1')
new WebSocketServer({ server: http, perMessageDeflate: false }).on('connection', (dashboard: WebSocket) => {
  audience.join(dashboard)
})

process.on('message', () => process.send!({ stored, at: Number(process.hrtime.bigint()) / 1e6 }))
process.once('disconnect', () => process.exit(1))
process.once('SIGTERM', () => {
  client.end(true)
  if (isOpen) flush()
  db.close()
  process.exit(0)
})

client.once('connect', () => {
  // mqtt.js writes a packet in pieces, which Nagle's algorithm holds back for up to 40 ms.
  ;(client.stream as Socket).setNoDelay(true)
  client.subscribe(
    ['kaiser/+/esp/+/sensor/+/data', 'kaiser/+/esp/+/actuator/+/alert', ...HEARD],
    { qos: 1 },
    (error) => {
      if (error) throw error
      process.send!({ ready: true })
    },
  )
})
