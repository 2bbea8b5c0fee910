/**
 * An MQTT client for recordings: over any stream, back after 1 s to 30 s when it breaks, with a word to whoever wants
 * to know why.
 */
import type { Duplex } from 'node:stream'
import { MqttClient } from 'mqtt'
import type { Login } from '../connection.js'
import type { Random } from '../random.js'

export interface ClientOptions {
  readonly client_id: string
  /** A new stream to the broker. */
  readonly connect: () => Duplex
  readonly login?: Login | undefined
  readonly random: Random
  readonly trouble: (text: string) => void
}

const FIRST_RETRY = 1_000
const LAST_RETRY = 30_000

export function openClient({ client_id, connect, login, random, trouble }: ClientOptions): MqttClient {
  let longest = FIRST_RETRY
  let up = false
  const client = new MqttClient(() => connect() as never, {
    clientId: client_id,
    clean: true,
    protocolVersion: 4,
    keepalive: 30,
    reconnectPeriod: FIRST_RETRY,
    // Many may wait for their turn.
    connectTimeout: 30_000,
    resubscribe: false,
    ...login,
  })
  client.on('error', (error) => trouble(error.message))
  client.on('connect', () => {
    up = true
    longest = FIRST_RETRY
  })
  client.on('close', () => {
    if (up && !client.disconnecting) trouble('the connection was closed')
    up = false
    longest = Math.min(2 * longest, LAST_RETRY)
    client.options.reconnectPeriod = longest * (0.5 + random() / 2)
  })
  return client
}
