/**
 * Plain MQTT over a WebSocket at `/mqtt`, with the access token for a password. The broker ends a connection with its
 * token, so another one with the next token stands before; what both hear is heard once. MQTT has no replay.
 */
import mqtt, { type IPublishPacket, type MqttClient } from 'mqtt'
import { call, renewPair } from '../api.js'
import { now } from '../clock.js'
import { tokens } from '../tokens.js'
import { type Hearing, newClientId, PATIENCE, socketAt, type Transport } from './transport.js'

/** How long before its token ends a connection is followed by the next, ms. */
const AHEAD = 60_000
/** How long both stand, ms; and how many messages are remembered in that time. */
const TOGETHER = 2000
const REMEMBERED = 1000
const REFUSED = 128

class SubscriptionRefused extends Error {}

/** When a token ends, by the clock of the server, and how long it lives, ms; undefined when it does not say. */
function lifeOf(token: string): { ends: number; lasts: number } | undefined {
  try {
    const claims = token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')
    const { exp, iat } = JSON.parse(atob(claims)) as { exp: number; iat: number }
    return { ends: exp * 1000, lasts: (exp - iat) * 1000 }
  } catch {
    return undefined
  }
}

/** An access token with more than half of its life before it. */
async function youngToken(): Promise<string> {
  await call('GET', '/auth/me')
  const life = lifeOf(tokens.access() ?? '')
  if (life && life.ends - now.value < life.lasts / 2) await renewPair()
  return tokens.access() ?? ''
}

/** Says each message once while two connections hear it. */
function once(take: (topic: string, payload: Uint8Array, packet: IPublishPacket) => void) {
  const seen = new Set<string>()
  let isDouble = false
  return {
    take(topic: string, payload: Uint8Array, packet: IPublishPacket): void {
      if (isDouble && packet.qos === 0) {
        const key = `${topic} ${new TextDecoder().decode(payload)}`
        if (seen.delete(key)) return
        if (seen.size < REMEMBERED) seen.add(key)
      }
      take(topic, payload, packet)
    },
    double(is: boolean): void {
      isDouble = is
      if (!is) seen.clear()
    },
  }
}

/** Hears these topics. Without `take` each message is a frame. */
export function overMqtt(
  filters: readonly string[],
  take?: (topic: string, payload: Uint8Array, packet: IPublishPacket) => void,
): Transport {
  /** A connection that stands and has subscribed. */
  async function join(ended: (client: MqttClient) => void): Promise<{ client: MqttClient; ends: number }> {
    const password = await youngToken()
    const client = mqtt.connect(socketAt('/mqtt'), {
      clientId: newClientId(),
      username: 'jwt',
      password,
      clean: true,
      keepalive: 30,
      connectTimeout: PATIENCE,
      reconnectPeriod: 0,
      // A worker made of a blob is not allowed here.
      timerVariant: 'native',
    })
    client.on('error', () => {})
    try {
      await new Promise<void>((resolve, reject) => {
        client.once('connect', () => resolve())
        client.once('error', reject)
        client.once('close', () => reject(new Error('closed')))
      })
      const granted = await client.subscribeAsync([...filters], { qos: 0 }).catch(() => [{ qos: REFUSED }])
      if (granted.some(({ qos }) => qos >= REFUSED)) throw new SubscriptionRefused()
    } catch (error) {
      client.end(true)
      throw error
    }
    client.on('close', () => ended(client))
    return { client, ends: lifeOf(password)?.ends ?? Number.POSITIVE_INFINITY }
  }

  return async (hearing: Hearing) => {
    const ear = once(take ?? ((_topic, payload) => hearing.frame(new TextDecoder().decode(payload))))
    let client: MqttClient | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let isOver = false
    const close = (): void => {
      isOver = true
      clearTimeout(timer)
      client?.end(true)
    }
    const ended = (gone: MqttClient): void => {
      if (isOver || gone !== client) return
      close()
      hearing.ended('lost')
    }
    const enter = async (): Promise<void> => {
      const next = await join(ended)
      if (isOver) return void next.client.end(true)
      const before = client
      client = next.client
      ear.double(before !== undefined)
      client.on('message', ear.take)
      if (before)
        setTimeout(() => {
          before.end(true)
          ear.double(false)
        }, TOGETHER)
      const left = next.ends - now.value - AHEAD
      // A timer holds no more than 24 days.
      if (left < 2 ** 31) timer = setTimeout(follow, Math.max(AHEAD / 2, left))
    }
    /** When it fails, the broker ends the connection a minute later, and another one is tried. */
    const follow = (): void => void enter().catch(() => {})

    try {
      await enter()
    } catch (error) {
      if (!(error instanceof SubscriptionRefused)) throw error
      queueMicrotask(() => hearing.ended('refused'))
    }
    if (client) queueMicrotask(() => !isOver && hearing.opened())
    return { probe: () => client?.sendPing(), replay: () => false, close }
  }
}
