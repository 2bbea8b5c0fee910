/** Commands to a device that is away: over, or told when it is back, and never late. */
import t from 'tap'
import { actuatorDevice } from '../support/actuator-device.js'
import { ESP, house } from '../support/commanded.js'
import { until } from '../support/until.js'

t.test('a device that is away takes nothing late, unless the command may wait', async (t) => {
  const { app, command, found, reaches } = await house(t, { connected: false })
  const away = await command({ command: 'ON' })
  t.match(away, {
    status: 409,
    body: {
      code: 'device_offline',
      detail: /^Device ESP_12AB34CD is not connected: .*`wait`/,
      correlation_id: String,
    },
  })
  t.match((await found(away.body.correlation_id)).body, { state: 'failed', success: false })
  t.match(await command({ command: 'OFF' }), { status: 409, body: { detail: /told OFF when it is back/ } })
  const waits = await command({ command: 'ON', wait: 30, duration: 20, correlation_id: 'waits' })
  t.match(waits, {
    status: 200,
    body: {
      state: 'pending',
      correlation_id: 'waits',
      message: /^ON for GPIO 5 .* waits for the device until 20/,
    },
  })
  t.match(await command({ command: 'ON', wait: 30, correlation_id: 'waits' }), {
    status: 409,
    body: { code: 'already_exists' },
  })
  const device = await actuatorDevice(t, app, ESP)
  await reaches('waits', 'acknowledged')
  t.match(device.commands(), [{ correlation_id: 'waits', command: 'ON' }])
  t.equal(device.commands().length, 1)
})

t.test('a command that waited in vain is over, and the device never hears it', async (t) => {
  const { app, command, found, reaches } = await house(t, { connected: false })
  const { body } = await command({ command: 'ON', wait: 1 })
  t.match(body, { success: true, state: 'pending' })
  await reaches(body.correlation_id, 'expired')
  t.match((await found(body.correlation_id)).body, {
    success: false,
    sent_at: null,
    error_message: 'the device did not take it in time',
    stages: [{ state: 'pending' }, { state: 'expired' }],
  })
  const device = await actuatorDevice(t, app, ESP)
  await device.is('off')
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  t.strictSame(device.commands(), [])
})

t.test('what was answered with a no is not wanted when the device comes back', async (t) => {
  const { app, device, command } = await house(t)
  await device.leaves()
  await until(() => !app.broker.present(ESP), 'it is gone')
  t.match(await command({ command: 'ON' }), { status: 409 })
  const back = await actuatorDevice(t, app, ESP)
  await app.store.group.run(() =>
    app.store.actuatorStates.upsert(ESP, 5, { stale_since: Date.now(), stale_reason: 'test' }, Date.now()),
  )
  await back.is('off')
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  t.strictSame(back.commands(), [])
})

t.test('OFF that found nobody is told when the device comes back and still runs', async (t) => {
  const { app, device, command } = await house(t)
  await device.is('on')
  await device.leaves()
  await until(() => !app.broker.present(ESP), 'it is gone')
  t.match(await command({ command: 'OFF' }), { status: 409 })
  const back = await actuatorDevice(t, app, ESP)
  await app.store.group.run(() =>
    app.store.actuatorStates.upsert(ESP, 5, { stale_since: Date.now(), stale_reason: 'test' }, Date.now()),
  )
  await back.is('on')
  await until(() => back.commands().length > 0, 'OFF')
  t.match(back.commands(), [{ command: 'OFF', issued_by: 'reassert' }])
})
