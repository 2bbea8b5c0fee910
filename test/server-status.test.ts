/** Whether the server is there, as devices hear it: retained, and the last word when kaiser stops. */
import t from 'tap'
import { openApp } from './support/app.js'
import { connected } from './support/mqtt.js'
import { until } from './support/until.js'

const TOPIC = 'kaiser/god/server/status'

t.test('who comes later hears that the server is there, and who is there that it goes', async (t) => {
  const app = await openApp(t, { serverStatus: true })
  const device = await connected(t, app, { clientId: 'ESP_12AB34CD' })
  const heard: { status: string; retain: boolean; timestamp: number; reason?: string }[] = []
  device.on('message', (_topic, payload, { retain }) =>
    heard.push({ ...JSON.parse(String(payload)), retain }),
  )
  await device.subscribeAsync(TOPIC, { qos: 1 })
  await until(() => heard.length === 1, 'the first word')
  t.match(heard, [{ status: 'online', retain: true }])
  t.ok(Math.abs(heard[0]!.timestamp - Date.now() / 1000) < 60, 'in seconds')
  await device.publishAsync(TOPIC, '{"status":"offline"}', { qos: 1, retain: true })
  await app.close()
  await until(() => heard.length === 2, 'the last word')
  t.match(heard[1], { status: 'offline', reason: 'graceful_shutdown', retain: false })

  const again = await openApp(t, { dir: app.dir, serverStatus: true })
  t.match(
    (await again.broker.retained(TOPIC)).map(({ payload }) => JSON.parse(Buffer.from(payload).toString())),
    [{ status: 'online' }],
  )
})
