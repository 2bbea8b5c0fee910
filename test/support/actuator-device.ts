/**
 * A device with actuators, over a real connection: it hears commands and emergency stops in order, and says what it is
 * told to say. Nothing is answered by itself unless the test wants it.
 */
import type { OpenApp, Teardown } from './app.js'
import { connected } from './mqtt.js'

export interface Heard {
  /** The topic below the device's branch, or the whole topic of a broadcast. */
  readonly what: string
  readonly payload: Record<string, unknown>
}

export interface ActuatorDevice {
  readonly heard: readonly Heard[]
  /** Commands to one of its actuators, as they came. */
  commands(gpio?: number): Record<string, unknown>[]
  /** An actuator is this now; acknowledged. */
  is(state: 'on' | 'off', gpio?: number, more?: object): Promise<unknown>
  /** It answers a command. */
  answers(correlation_id: unknown, command: string, more?: object): Promise<unknown>
  says(what: string, payload: object): Promise<unknown>
  /** Goes without a word. */
  leaves(): Promise<void>
}

export async function actuatorDevice(
  t: Teardown,
  app: OpenApp,
  esp_id: string,
  { confirms = false } = {},
): Promise<ActuatorDevice> {
  const branch = `kaiser/god/esp/${esp_id}`
  const client = await connected(t, app, { clientId: esp_id })
  const heard: Heard[] = []
  const says = (what: string, payload: object) =>
    client.publishAsync(`${branch}/${what}`, JSON.stringify({ esp_id, ts: Date.now() / 1000, ...payload }), {
      qos: 1,
    })
  client.on('message', (topic, bytes) => {
    const payload = JSON.parse(String(bytes)) as Record<string, unknown>
    heard.push({ what: topic.replace(`${branch}/`, ''), payload })
    if (confirms && topic.endsWith('/actuator/emergency') && payload.command === 'emergency_stop')
      says('actuator/emergency/ack', { command: 'emergency_stop', outcome: 'executed' }).catch(() => {})
  })
  await client.subscribeAsync(
    [`${branch}/actuator/+/command`, `${branch}/actuator/emergency`, 'kaiser/broadcast/emergency'],
    { qos: 1 },
  )
  return {
    heard,
    commands: (gpio = 5) =>
      heard.filter(({ what }) => what === `actuator/${gpio}/command`).map(({ payload }) => payload),
    is: (state, gpio = 5, more = {}) =>
      says(`actuator/${gpio}/status`, {
        gpio,
        actuator_type: 'pump',
        state,
        value: state === 'on' ? 1 : 0,
        ...more,
      }),
    answers: (correlation_id, command, { gpio = 5, ...more }: { gpio?: number } = {}) =>
      says(`actuator/${gpio}/response`, { gpio, command, success: true, correlation_id, ...more }),
    says,
    leaves: () => client.endAsync(true),
  }
}
