/** A command that is asked for again is one command, and is answered with what became of it. */
import t from 'tap'
import { house, rows } from '../support/commanded.js'
import { until } from '../support/until.js'

t.test('an id is one command, also long after it was over', async (t) => {
  const { app, device, command, found, reaches } = await house(t)
  t.match(await command({ command: 'OFF', correlation_id: 'mine' }), { status: 200 })
  await device.answers('mine', 'OFF')
  await reaches('mine', 'done')
  app.store.actuatorHistory.tidy(Date.now() + 3_600_000)
  t.equal(app.store.actuatorHistory.find('mine'), undefined, 'memory has forgotten it')
  t.match((await found('mine')).body, { state: 'done', correlation_id: 'mine' })
  const before = device.commands().length
  t.match(await command({ command: 'OFF', correlation_id: 'mine' }), {
    status: 200,
    body: { state: 'done', correlation_id: 'mine', message: /^OFF for GPIO 5 .* is done$/ },
  })
  t.equal(device.commands().length, before)
  t.match(await command({ command: 'ON', correlation_id: 'mine' }), {
    status: 409,
    body: { code: 'already_exists', detail: 'Command mine was given already: its command was OFF, not ON' },
  })
})

t.test('asking twice is one command and one answer, whatever became of it', async (t) => {
  const { app, device, admin, command } = await house(t)
  const wish = { command: 'PWM', value: 0.5, duration: 7_000, correlation_id: 'twice' }
  const first = await command(wish, 18)
  t.match(first, { status: 200, body: { correlation_id: 'twice', duration: 7_000 } })
  const second = await command({ ...wish, command: 'pwm' }, 18)
  t.match(second, { status: 200, body: { correlation_id: 'twice', duration: 7_000, value: 0.5 } })
  await until(() => device.commands(18).length > 0, 'the command')
  for (const [body, gpio, token, difference] of [
    [{ ...wish, value: 0.6 }, 18, undefined, 'value was 0.5, not 0.6'],
    [{ ...wish, duration: 7_001 }, 18, undefined, 'duration was 7000, not 7001'],
    [wish, 5, undefined, 'gpio was 18, not 5'],
    [wish, 18, admin, 'issued_by was user:a-operator, not user:an-admin'],
  ] as const)
    t.match((await command(body, gpio, token)).body, {
      code: 'already_exists',
      detail: new RegExp(`its ${difference.split(' was')[0]} was`),
    })
  const low = { command: 'PWM', value: 0.1, correlation_id: 'low' }
  const refused = await command(low, 18)
  t.match(refused, { status: 400, body: { limit_name: 'range' } })
  t.strictSame((await command(low, 18)).body, refused.body)
  const toggle = { command: 'TOGGLE', correlation_id: 'toggle' }
  t.match(await command(toggle), { body: { command: 'TOGGLE', command_type: 'ON' } })
  await device.is('on')
  t.match(await command(toggle), { status: 200, body: { command: 'TOGGLE', command_type: 'ON' } })
  t.equal(device.commands(18).length, 1)
  t.equal(device.commands().length, 1)
  t.equal(
    rows(app, "SELECT 1 FROM actuator_history WHERE correlation_id IN ('twice', 'low', 'toggle')").length,
    3,
  )
})

t.test('a command that is asked for again is answered with what is true of it by now', async (t) => {
  const { device, command, reaches } = await house(t)
  const again = async (correlation_id: string, command_type: string, gpio: number) =>
    (await command({ command: command_type, correlation_id, value: 1 }, gpio)).body
  t.match(await again('works', 'ON', 5), { success: true })
  await until(() => device.commands().length > 0, 'the command')
  await reaches('works', 'acknowledged')
  t.match(await again('works', 'ON', 5), { success: true, state: 'acknowledged', acknowledged: true })
  await device.answers('works', 'ON')
  await reaches('works', 'done')
  t.match(await again('works', 'ON', 5), { success: true, state: 'done', acknowledged: true })

  t.match(await again('fails', 'PWM', 18), { success: true })
  await until(() => device.commands(18).length > 0, 'the command')
  await device.answers('fails', 'PWM', { gpio: 18, success: false, message: 'no such pin' })
  await reaches('fails', 'failed')
  t.match(await command({ command: 'PWM', correlation_id: 'fails', value: 1 }, 18), {
    status: 200,
    body: { success: false, state: 'failed', acknowledged: false, message: /^PWM for GPIO 18 .* is failed$/ },
  })
})
