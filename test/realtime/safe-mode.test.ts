/** A subzone in safe mode: what runs there is told OFF, and nobody switches it on until people end it. */
import t from 'tap'
import { actuatorDevice } from '../support/actuator-device.js'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'
import { until } from '../support/until.js'

const ESP = 'ESP_12AB34CD'
const SUBZONES = `/subzone/devices/${ESP}/subzones`

t.test('the actuators of a subzone in safe mode rest, whoever wants to switch them on', async (t) => {
  const app = await openApp(t)
  const { admin, operator } = await people(app)
  const ask = (method: string, path: string, body?: object) =>
    request(app, method, path, { token: operator, ...(body && { body }) })
  const order = (command: string, gpio = 5) =>
    ask('POST', `/actuators/${ESP}/${gpio}/command`, { command, ...(command === 'PWM' && { value: 0.5 }) })
  await ask('POST', '/esp/devices', { device_id: ESP })
  for (const gpio of [5, 18]) await ask('POST', `/actuators/${ESP}/${gpio}`, { actuator_type: 'fan' })
  await ask('POST', `/zone/devices/${ESP}/assign`, { zone_id: 'tent' })
  const device = await actuatorDevice(t, app, ESP)
  const { body } = await order('ON')
  await device.is('on')
  await device.answers(body.correlation_id, 'ON')

  t.match(await ask('POST', `${SUBZONES}/assign`, { subzone_id: 'bench', assigned_gpios: [5] }), {
    status: 200,
    body: { safe_mode_active: true, message: /^Subzone bench is assigned and is in safe mode: .* told OFF/ },
  })
  await until(() => device.commands().length === 2, 'OFF')
  t.match(device.commands()[1], { command: 'OFF', issued_by: 'gate:safe_mode' })
  await device.is('off')

  for (const command of ['ON', 'PWM', 'TOGGLE'])
    t.match(await order(command), {
      status: 400,
      body: {
        code: 'limit_refused',
        limit_name: 'safe_mode',
        detail: /subzone bench is in safe mode/,
      },
    })
  const off = await order('OFF')
  t.match(off, { status: 200 })
  await device.answers(off.body.correlation_id, 'OFF')
  t.match(await order('ON', 18), { status: 200 }, 'another actuator of the device is not concerned')
  t.match((await ask('GET', `/actuators/${ESP}/5/status`)).body, {
    limits: { on: { possible: false, limit_name: 'safe_mode' } },
  })

  // Its own button is no way around it.
  const before = device.commands().length
  await device.is('on')
  await until(() => device.commands().length > before, 'OFF again')
  t.match(device.commands().at(-1), { command: 'OFF', issued_by: 'gate:safe_mode' })
  await device.is('off')

  const audited = (event_type: string) =>
    request(app, 'GET', `/audit?event_type=${event_type}`, { token: admin }).then(({ body }) => body.data)
  const at = { limit_name: 'safe_mode', gpio: 5 }
  t.match(await audited('actuator_limited'), [{ details: at }], 'by the name that a refusal has for it')
  t.match((await audited('actuator_command_failed')) as object[], [{ details: at }])

  t.match(await ask('DELETE', `${SUBZONES}/bench/safe-mode`, { reason: 'repaired' }), {
    status: 200,
    body: { safe_mode_active: false, message: /may work again; nothing is switched on/ },
  })
  t.notMatch(device.commands().slice(2), [{ command: 'ON' }], 'nothing comes back by itself')
  const again = await order('ON')
  t.match(again, { status: 200 })
  await until(() => device.commands().at(-1)?.command === 'ON', 'ON')
  await device.is('on')
  await device.answers(again.body.correlation_id, 'ON')

  const count = device.commands().length
  t.match(await ask('POST', `${SUBZONES}/bench/safe-mode`, {}), { body: { safe_mode_active: true } })
  await until(() => device.commands().length > count, 'OFF once more')
  t.match(device.commands()[count], { command: 'OFF', issued_by: 'gate:safe_mode' })
  t.match(await order('ON'), { status: 400 })

  // A subzone that is removed holds nothing any more.
  await ask('DELETE', `${SUBZONES}/bench`)
  t.match(await order('ON'), { status: 200 })
})
