/** An ordinary MQTT client for tests, closed when the test ends. */
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import type { Teardown } from './app.js'

export async function connectMqtt(
  t: Teardown,
  port: number,
  options: IClientOptions = {},
): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, ...options })
  client.on('error', () => {})
  t.teardown(() => client.endAsync(true))
  return client
}

/** Resolves when the broker has acknowledged. */
export const publishAcknowledged = (
  client: MqttClient,
  topic: string,
  payload: string,
  qos: 1 | 2 = 1,
): Promise<unknown> => client.publishAsync(topic, payload, { qos })
