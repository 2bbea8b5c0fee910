/**
 * Three mock devices for a first look: real MQTT clients over an in-memory stream, so that their messages
 * walk the same way as an ESP32's. Values wander the way a greenhouse's do.
 */
import { type Duplex, duplexPair } from 'node:stream'
import { MqttClient } from 'mqtt'
import { format, fromDevice } from '../routing/contract/topics.js'

/** Gives a connection to the broker: the other end of this stream, for this device. */
export type Attach = (stream: Duplex, esp_id: string) => void

interface DemoSensor {
  gpio: number
  sensor_type: string
  unit: string
  /** value at a moment, t in seconds */
  value: (t: number) => number
}

/** A day passes in ten minutes. */
const DAY_SECONDS = 600
const sun = (t: number): number => Math.sin((2 * Math.PI * t) / DAY_SECONDS)
const noise = (size: number): number => (Math.random() - 0.5) * size

export const DEMO_DEVICES: Readonly<Record<string, readonly DemoSensor[]>> = {
  MOCK_NORTH: [
    { gpio: 4, sensor_type: 'DS18B20', unit: '°C', value: (t) => 22 + 5 * sun(t) + noise(0.2) },
    { gpio: 21, sensor_type: 'sht31_humidity', unit: '%RH', value: (t) => 62 - 14 * sun(t) + noise(0.8) },
  ],
  MOCK_SOUTH: [
    { gpio: 4, sensor_type: 'DS18B20', unit: '°C', value: (t) => 23.5 + 6 * sun(t - 20) + noise(0.2) },
    { gpio: 34, sensor_type: 'moisture', unit: '%', value: (t) => 55 - (t % 180) / 9 + noise(0.5) },
  ],
  MOCK_TANK: [
    { gpio: 34, sensor_type: 'ph', unit: 'pH', value: (t) => 6.1 + 0.25 * sun(t / 2) + noise(0.03) },
    { gpio: 35, sensor_type: 'ec', unit: 'µS/cm', value: (t) => 1450 + 90 * sun(t / 3) + noise(8) },
  ],
}

const READING_MS = 3_000
const HEARTBEAT_MS = 30_000
const FIRST_RETRY = 1_000
const LAST_RETRY = 30_000

/** Starts them; `stop` ends all. */
export function startDemo(attach: Attach, kaiser_id: string, now: () => number): { stop(): Promise<void> } {
  const clients = Object.entries(DEMO_DEVICES).map(([esp_id, sensors]) =>
    run(attach, kaiser_id, esp_id, sensors, now),
  )
  return {
    stop: async () => {
      await Promise.all(clients.map((stop) => stop()))
    },
  }
}

function run(
  attach: Attach,
  kaiser_id: string,
  esp_id: string,
  sensors: readonly DemoSensor[],
  now: () => number,
): () => Promise<void> {
  const started = now()
  const client = new MqttClient(
    () => {
      const [ours, theirs] = duplexPair()
      // A pair in memory does not notice that its other end is gone; a socket would.
      theirs.once('close', () => ours.destroy())
      ours.once('close', () => theirs.destroy())
      attach(theirs, esp_id)
      return ours as never
    },
    { clientId: esp_id, clean: true, reconnectPeriod: FIRST_RETRY, keepalive: 30, protocolVersion: 4 },
  )

  const measure = (): void => {
    const at = now()
    for (const { gpio, sensor_type, unit, value } of sensors) {
      const measured = Math.round(value((at - started) / 1000) * 100) / 100
      const payload = {
        ts: at,
        esp_id,
        gpio,
        sensor_type,
        raw: Math.round(measured * 100),
        raw_value: measured,
        raw_mode: true,
        value: measured,
        unit,
        quality: 'good',
      }
      client.publish(format(fromDevice.sensorData, { kaiser_id, esp_id, gpio }), JSON.stringify(payload), {
        qos: 1,
      })
    }
  }
  const beat = (): void => {
    const payload = {
      esp_id,
      ts: Math.floor(now() / 1000),
      uptime: Math.floor((now() - started) / 1000),
      heap_free: 180_000 + Math.round(noise(8_000)),
      wifi_rssi: -55 + Math.round(noise(10)),
      sensor_count: sensors.length,
      actuator_count: 0,
    }
    client.publish(format(fromDevice.heartbeat, { kaiser_id, esp_id }), JSON.stringify(payload))
  }

  let retry = FIRST_RETRY / 2
  let timers: NodeJS.Timeout[] = []
  const rest = (): void => {
    for (const timer of timers) clearInterval(timer)
    timers = []
  }
  client.on('error', () => {})
  client.on('connect', () => {
    rest()
    retry = FIRST_RETRY / 2
    beat()
    measure()
    timers = [setInterval(measure, READING_MS), setInterval(beat, HEARTBEAT_MS)]
  })
  client.on('close', () => {
    rest()
    // 1 s to 30 s with jitter, for ever: many devices must not come back in the same moment.
    retry = Math.min(retry * 2, LAST_RETRY)
    client.options.reconnectPeriod = retry * (0.5 + Math.random() / 2)
  })

  return () => {
    rest()
    return new Promise((resolve) => client.end(true, {}, () => resolve()))
  }
}
