/** OFF that is said ahead of its row: the row is there before the device can answer, and there is one of it. */
import t from 'tap'
import { switchOffAhead } from '../../../routing/handler.js'
import { inStore } from '../../support/in-store.js'
import { DEVICE, NOW } from '../../support/samples.js'

const branch = `kaiser/god/esp/${DEVICE}/actuator/5`
const ON = JSON.stringify({
  esp_id: DEVICE,
  gpio: 5,
  ts: Math.floor(NOW / 1000),
  actuator_type: 'pump',
  state: 'on',
  value: 1,
})
const off = switchOffAhead(DEVICE, 5, 'emergency:ada') as Extract<
  ReturnType<typeof switchOffAhead>,
  { kind: 'switch_off' }
>

t.test('an answer that comes before the row ends the command all the same', async (t) => {
  const { actuators, commanded, receive, rows } = await inStore(t)
  await receive({
    topic: `${branch}/status`,
    payload: ON,
  })
  actuators.switchOff(off)
  t.match(commanded, [{ topic: `${branch}/command` }], 'it was said')
  const { command, correlation_id, issued_by } = JSON.parse(commanded[0]!.payload)
  t.match({ command, issued_by }, { command: 'OFF', issued_by: 'emergency:ada' })
  await receive({
    topic: `${branch}/response`,
    payload: JSON.stringify({
      esp_id: DEVICE,
      gpio: 5,
      ts: Math.floor(NOW / 1000),
      command: 'OFF',
      success: true,
      correlation_id,
    }),
  })
  t.match(rows("SELECT correlation_id, state, issued_by FROM actuator_history WHERE command_type = 'OFF'"), [
    { correlation_id, state: 'done', issued_by: 'emergency:ada' },
  ])
})

t.test('an OFF that is on its way is said again under its own name, once', async (t) => {
  const { actuators, commanded, receive, rows, said } = await inStore(t)
  await receive({
    topic: `${branch}/status`,
    payload: ON,
  })
  actuators.switchOff(off)
  actuators.heardFrom(DEVICE)
  const { correlation_id } = JSON.parse(commanded[0]!.payload)
  actuators.switchOff(off)
  t.equal(commanded.length, 1, 'not under another name')
  actuators.heardFrom(DEVICE)
  const again = said().filter(({ kind }) => kind === 'send_command')
  t.match(again.at(-1), { correlation_id })
  await receive({ topic: `${branch}/status`, payload: ON })
  t.match(rows("SELECT correlation_id FROM actuator_history WHERE command_type = 'OFF'"), [
    { correlation_id },
  ])
})
