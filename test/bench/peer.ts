/**
 * The script half of "Mosquitto with a script": subscribes to every sensor, stores each reading with better-sqlite3
 * (WAL, synchronous=FULL, one transaction per turn of the loop) and pushes it to every WebSocket. Written to be as
 * fast as an ordinary script of this kind can be: no validation, no device, no index; one stringify per reading.
 */
import Database from 'better-sqlite3'
import mqtt from 'mqtt'
import { type WebSocket, WebSocketServer } from 'ws'

interface Reading {
  ts: number
  esp_id: string
  gpio: number
  sensor_type: string
  raw: number
  quality: string
}

const [mqttPort, wsPort, file] = process.argv.slice(2) as [string, string, string]

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
const dashboards = new Set<WebSocket>()

function flush(): void {
  commit.run()
  const committed_at = Number(process.hrtime.bigint()) / 1e6
  const readings = group
  group = []
  stored += readings.length
  if (dashboards.size === 0) return
  for (const reading of readings) {
    const event = JSON.stringify({
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
    })
    for (const dashboard of dashboards) dashboard.send(event)
  }
}

const client = mqtt.connect({
  host: '127.0.0.1',
  port: Number(mqttPort),
  clientId: 'script',
  protocolVersion: 4,
})
client.on('message', (_topic, payload) => {
  const reading = JSON.parse(payload.toString()) as Reading
  if (group.length === 0) {
    begin.run()
    setImmediate(flush)
  }
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

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(wsPort), perMessageDeflate: false })
server.on('connection', (dashboard: WebSocket) => {
  dashboards.add(dashboard)
  dashboard.once('close', () => dashboards.delete(dashboard))
  dashboard.on('error', () => {})
})

process.on('message', () => process.send!({ stored, at: Number(process.hrtime.bigint()) / 1e6 }))
process.once('disconnect', () => process.exit(1))
process.once('SIGTERM', () => {
  client.end(true)
  if (group.length > 0) flush()
  db.close()
  process.exit(0)
})

client.once('connect', () =>
  client.subscribe('kaiser/+/esp/+/sensor/+/data', { qos: 1 }, (error) => {
    if (error) throw error
    process.send!({ ready: true })
  }),
)
