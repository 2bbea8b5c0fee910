/**
 * kaiser is killed, again and again, while a publisher and a lasting session go on: nothing that was acknowledged is
 * lost, QoS 2 comes once, QoS 1 at least once, both in order. Both clients are mqtt.js, which resumes as MQTT demands.
 */
import { createConnection } from 'node:net'
import { MqttClient, Store } from 'mqtt'
import t from 'tap'
import { directory } from '../support/app.js'
import { type Child, startKaiser } from '../support/child.js'
import { until } from '../support/until.js'

const ROUNDS = 5
/** Messages of each QoS per round. */
const MESSAGES = 60

/** What a client has begun to send and to receive; it keeps it when it ends, as MQTT demands of both sides [MQTT-4.1.0-1]. */
const memory = () => ({
  incomingStore: new Store({ clean: false }),
  outgoingStore: new Store({ clean: false }),
})

/** A client that comes back to wherever kaiser is now. */
function resuming(
  t: { teardown(work: () => unknown): unknown },
  clientId: string,
  port: () => number,
): MqttClient {
  const client = new MqttClient(() => createConnection({ host: '127.0.0.1', port: port() }), {
    clientId,
    clean: false,
    reconnectPeriod: 20,
    resubscribe: false,
    protocolVersion: 4,
    ...memory(),
  })
  client.on('error', () => {})
  client.stream?.on('error', () => {})
  t.teardown(() => client.endAsync(true))
  return client
}

t.test('whenever kaiser is killed, everything queued arrives, in order', async (t) => {
  const dir = directory(t)
  let kaiser: Child = await startKaiser(t, dir)
  const port = () => kaiser.mqttPort
  let reader = resuming(t, 'reader', port)
  const heard: { topic: string; n: number }[] = []
  const listen = (): void =>
    void reader.on('message', (topic, payload) => heard.push({ topic, n: Number(payload) }))
  const of = (topic: string): number[] => heard.filter((one) => one.topic === topic).map(({ n }) => n)
  listen()
  await reader.subscribeAsync({ 'lab/one': { qos: 1 }, 'lab/two': { qos: 2 } })

  const sender = resuming(t, 'sender', port)
  let acknowledged = 0
  let sent = 0
  const publish = (): void => {
    sent++
    for (const [topic, qos] of [
      ['lab/one', 1],
      ['lab/two', 2],
    ] as const)
      sender.publish(topic, String(sent), { qos }, (error) => {
        if (!error) acknowledged++
      })
  }

  for (let round = 1; round <= ROUNDS; round++) {
    // In every other round the session is away, with its own memory of what it has begun to receive.
    const away = round % 2 === 0
    if (away) await new Promise<void>((resolve) => void reader.end(true, () => resolve()))
    const before = acknowledged
    for (let n = 0; n < MESSAGES; n++) publish()
    await until(() => acknowledged >= before + round * 15, 'some acknowledgements')
    await kaiser.end('SIGKILL')
    kaiser = await startKaiser(t, dir)
    const { incomingStore, outgoingStore } = reader
    if (away) reader = reader.reconnect({ incomingStore, outgoingStore })
  }

  await until(() => acknowledged === 2 * sent, 'all acknowledgements')
  await until(() => of('lab/two').length >= sent && new Set(of('lab/one')).size >= sent, 'all messages')
  const all = Array.from({ length: sent }, (_, n) => n + 1)
  t.strictSame(of('lab/two'), all, 'QoS 2: each once, in order [MQTT-4.3.3-1] [MQTT-4.6.0-6]')
  t.strictSame([...new Set(of('lab/one'))], all, 'QoS 1: each at least once, in order [MQTT-4.3.2-1]')
  t.notMatch(kaiser.said, /error/i)
})
