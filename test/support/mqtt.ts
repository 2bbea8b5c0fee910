/** MQTT clients for tests: mqtt.js over TCP or WebSocket, and the readings they send. */
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import type { OpenApp, Teardown } from './app.js'
import { until } from './until.js'

/** A client that does not come back when it is thrown out. */
export function client(t: Teardown, url: string, options: IClientOptions = {}): MqttClient {
  const opened = mqtt.connect(url, { reconnectPeriod: 0, connectTimeout: 20_000, ...options })
  opened.on('error', () => {})
  t.teardown(() => opened.endAsync(true))
  return opened
}

/** A connected client over TCP. */
export async function connected(t: Teardown, app: OpenApp, options: IClientOptions = {}) {
  const opened = client(t, tcp(app), options)
  await until(() => opened.connected, 'the connection')
  return opened
}

export const tcp = (app: OpenApp): string => `mqtt://127.0.0.1:${app.mqttPort}`
export const webSocket = (app: OpenApp): string => `ws://127.0.0.1:${app.httpPort}/mqtt`

/** Collects what a client hears, as `topic payload`. */
export function hears(opened: MqttClient): string[] {
  const heard: string[] = []
  opened.on('message', (topic, payload) => heard.push(`${topic} ${payload}`))
  return heard
}

const T0 = Date.now() - 60_000

export const topicOf = (esp_id = 'ESP_12AB34CD', gpio = 4): string =>
  `kaiser/god/esp/${esp_id}/sensor/${gpio}/data`

/** The n-th reading of a DS18B20: measured a millisecond after the one before. */
export const reading = (n = 0, esp_id = 'ESP_12AB34CD', gpio = 4): string =>
  JSON.stringify({
    esp_id,
    gpio,
    sensor_type: 'DS18B20',
    raw_mode: false,
    value: 20 + (n % 100) / 10,
    raw_value: 20 + (n % 100) / 10,
    unit: '°C',
    ts: T0 + n,
  })

/** A good client that proves, whenever asked, that kaiser still takes and acknowledges readings. */
export async function witness(t: Teardown, app: OpenApp): Promise<() => Promise<void>> {
  const opened = await connected(t, app, { clientId: 'witness' })
  let n = 0
  return async () => {
    const before = app.stats.subscriber().messages_processed
    await opened.publishAsync(topicOf('ESP_WITNESS'), reading(n++, 'ESP_WITNESS'), { qos: 1 })
    if (app.stats.subscriber().messages_processed <= before) throw new Error('the reading was not handled')
  }
}

/** How often a code was counted. */
export const counted = (app: OpenApp, code: string): number => app.stats.subscriber().codes[code] ?? 0

/** The log lines of a code. */
export const logged = (app: OpenApp, code: string) => app.logged.filter((line) => line.code === code)

/** The rows of a device, as SQL sees them. */
export const stored = (app: OpenApp, esp_id = 'ESP_12AB34CD') => app.store.readings.latest(esp_id)
