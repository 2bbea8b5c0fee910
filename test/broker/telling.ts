/** What tests of telling share: a kaiser whose device has credentials, who listens, and lives that are written down. */
import { register } from '../../routing/registry.js'
import type { Life } from '../../routing/tell.js'
import { type OpenApp, type OpenOptions, openApp, type Teardown } from '../support/app.js'
import { type Hello, openWire, SUBACK, subscribe, type Wire } from '../support/mqtt-wire.js'

export const DEVICE = 'ESP_12AB34CD'
export const branch = `kaiser/god/esp/${DEVICE}`
export const COMMAND = `${branch}/actuator/5/command`

/** kaiser with a registered device, its credentials, and nobody anonymous. */
export async function withDevice(t: Teardown, options: OpenOptions = {}): Promise<[OpenApp, Hello]> {
  const app = await openApp(t, { allowAnonymous: false, ...options })
  const { credentials } = await app.store.group.run(() => register(app.store, DEVICE, {}, 'test', Date.now()))
  return [app, { clientId: DEVICE, username: DEVICE, password: credentials.mqtt_password }]
}

/** A connection that subscribed. */
export async function listening(
  t: Teardown,
  app: OpenApp,
  hello: Hello,
  filters: readonly [string, number][],
): Promise<Wire> {
  const wire = await openWire(t, app.mqttPort, hello)
  for (const [n, [filter, qos]] of filters.entries()) {
    wire.send(subscribe(filter, qos, n + 1))
    await wire.packet(SUBACK, n + 1)
  }
  return wire
}

/** A life that writes down what becomes of it. */
export function follow(name = '', lived: string[] = []): Life & { lived: string[] } {
  return {
    lived,
    written: () => void lived.push(`${name}written`),
    acknowledged: () => void lived.push(`${name}acknowledged`),
  }
}

export const tell = (app: OpenApp, payload: string, life: Life = follow(), topic = COMMAND): boolean =>
  app.broker.tell(DEVICE, { topic, payload }, life)
