/** Registers the demo's devices, gives them connections from inside, and starts them. */
import type { Broker } from '../broker/broker.js'
import { isKnown, register } from '../routing/registry.js'
import type { Store } from '../storage/store.js'

export interface DemoOptions {
  store: Store
  broker: Broker
  kaiser_id: string
  now: () => number
}

export async function openDemo({
  store,
  broker,
  kaiser_id,
  now,
}: DemoOptions): Promise<{ stop(): Promise<void> }> {
  // Loaded only when asked for: the MQTT client is not part of a server's memory.
  const { DEMO_DEVICES, startDemo } = await import('../sim/demo.js')
  await store.group.run(() => {
    for (const device_id of Object.keys(DEMO_DEVICES))
      if (!isKnown(store.devices.find(device_id)))
        register(store, device_id, { hardware_type: 'MOCK_ESP32' }, 'demo', now())
  })
  return startDemo(
    (stream, esp_id) => broker.attach(stream, { address: null, identity: { kind: 'device', esp_id } }),
    kaiser_id,
    now,
  )
}
