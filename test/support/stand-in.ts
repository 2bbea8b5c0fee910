/**
 * A device that takes configurations as the firmware does: it adds what it is told to what it has, and says what
 * became of it on `config_response`. Over a real connection.
 */
import type { MqttClient } from 'mqtt'
import type { OpenApp, Teardown } from './app.js'
import { connected } from './mqtt.js'

export interface ConfigMessage {
  readonly sensors?: Record<string, unknown>[]
  readonly actuators?: Record<string, unknown>[]
  readonly offline_rules?: Record<string, unknown>[]
  readonly correlation_id: string
  readonly request_id: string
  readonly intent_id: string
  readonly reason_code: string
  readonly generation: number
  readonly config_fingerprint: string
  readonly timestamp: number
  readonly part_index?: number
  readonly total_parts?: number
}

export interface StandIn {
  readonly client: MqttClient
  /** Configurations it was told, oldest first. */
  readonly told: readonly ConfigMessage[]
  /** Bytes of the payload of each. */
  readonly bytes: readonly number[]
  /** Commands to its actuators and configurations, as they came. */
  readonly order: readonly string[]
  /** Says something on its branch, acknowledged. */
  says(what: string, payload: object): Promise<unknown>
  /** A heartbeat, acknowledged. */
  beats(payload?: object): Promise<unknown>
}

export async function standIn(
  t: Teardown,
  app: OpenApp,
  esp_id: string,
  answer?: (message: ConfigMessage) => readonly object[],
): Promise<StandIn> {
  const client = await connected(t, app, { clientId: esp_id })
  const branch = `kaiser/god/esp/${esp_id}`
  const told: ConfigMessage[] = []
  const bytes: number[] = []
  const order: string[] = []
  let uptime = 100
  const says = (what: string, payload: object) =>
    client.publishAsync(`${branch}/${what}`, JSON.stringify({ esp_id, ts: Date.now() / 1000, ...payload }), {
      qos: 1,
    })
  client.on('message', (topic, payload) => {
    order.push(topic.slice(branch.length + 1))
    if (topic !== `${branch}/config`) return
    const message = JSON.parse(String(payload)) as ConfigMessage
    told.push(message)
    bytes.push(payload.length)
    // The last answers of a test may not be acknowledged any more.
    for (const said of answer?.(message) ?? []) says('config_response', said).catch(() => {})
  })
  await client.subscribeAsync([`${branch}/config`, `${branch}/actuator/+/command`], { qos: 1 })
  return {
    client,
    told,
    bytes,
    order,
    says,
    beats: (payload = {}) =>
      says('system/heartbeat', { uptime: uptime++, heap_free: 90_000, wifi_rssi: -50, ...payload }),
  }
}

/** As firmware answers a message that has items: one answer per kind, the failures named. */
export const firmware =
  (refuses: readonly number[] = []) =>
  ({ sensors = [], actuators = [], correlation_id, generation }: ConfigMessage): object[] =>
    (
      [
        ['sensor', sensors],
        ['actuator', actuators],
      ] as const
    )
      .filter(([, items]) => items.length > 0)
      .map(([type, items]) => {
        const failed = items.filter(({ gpio }) => refuses.includes(gpio as number))
        const count = items.length - failed.length
        return {
          status: failed.length === 0 ? 'success' : count === 0 ? 'error' : 'partial_success',
          type,
          count,
          failed_count: failed.length,
          message: `Configured ${count} ${type}(s)`,
          failures: failed.map(({ gpio }) => ({
            type,
            gpio,
            error_code: 1042,
            error: 'NVS_WRITE_FAILED',
            detail: 'no room',
          })),
          correlation_id,
          generation,
        }
      })
