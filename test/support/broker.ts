/** The broker alone on a port, with nothing behind it: what it receives is settled at once. */
import { type Broker, createBroker } from '../../broker/broker.js'
import { listen } from '../../broker/listener.js'
import type { BrokerOptions } from '../../broker/options.js'
import { openStore } from '../../storage/store.js'
import type { Teardown } from './app.js'

export async function openBroker(
  t: Teardown & { fail(message: string): unknown },
  options: Partial<BrokerOptions> = {},
): Promise<{ broker: Broker; port: number }> {
  const store = openStore({ path: ':memory:', now: Date.now, monotonic: () => performance.now() })
  const broker = await createBroker({
    receive: (_message, _sender, settle) => settle(),
    report: (code) => t.fail(code),
    kaiser_id: 'god',
    identify: (_credentials, settle) => settle({ kind: 'anonymous' }),
    gate: () => undefined,
    now: Date.now,
    store: store.mqttState,
    sessionExpiry: 0,
    ...options,
  })
  const { port, close } = await listen({
    host: '127.0.0.1',
    port: 0,
    accept: (socket) => broker.attach(socket, { address: socket.remoteAddress ?? null }),
    failed: (error) => t.fail(error.message),
  })
  t.teardown(async () => {
    await close()
    await broker.close()
    await store.close()
  })
  return { broker, port }
}
