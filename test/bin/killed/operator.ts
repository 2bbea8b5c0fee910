/** A person with an MQTT client and a browser: what they say counts when it was acknowledged. */
import mqtt from 'mqtt'
import { ask, setUp } from '../../support/administrator.js'
import type { Teardown } from '../../support/app.js'
import type { Child } from '../../support/child.js'

export interface Operator {
  /** Publishes at QoS 1; true when it was acknowledged. */
  publish(topic: string, payload: object): Promise<boolean>
  /** Asks over REST; the answer, or undefined when there was none. */
  ask(path: string, body: object): Promise<{ status: number; body: Record<string, unknown> } | undefined>
}

/** `token`: of an earlier life of the same kaiser; the first one sets itself up. */
export async function createOperator(
  t: Teardown,
  { mqttPort, httpPort }: Child,
  token?: string,
): Promise<{ operator: Operator; token: string }> {
  const origin = `http://127.0.0.1:${httpPort}`
  const bearer = token ?? (await setUp(origin)).access_token
  const client = mqtt.connect(`mqtt://127.0.0.1:${mqttPort}`, { reconnectPeriod: 0 })
  client.on('error', () => {})
  t.teardown(() => client.end(true))
  const gone = new Promise<boolean>((resolve) => client.once('close', () => resolve(false)))
  await new Promise<void>((resolve) => client.once('connect', () => resolve()))
  return {
    token: bearer,
    operator: {
      publish: (topic, payload) =>
        Promise.race([
          client.publishAsync(topic, JSON.stringify(payload), { qos: 1 }).then(
            () => true,
            () => false,
          ),
          gone,
        ]),
      ask: (path, body) => ask(origin, path, bearer, { method: 'POST', body }).catch(() => undefined),
    },
  }
}
