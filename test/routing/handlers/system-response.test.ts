import t from 'tap'
import type { Effect } from '../../../routing/effect.js'
import { inStore } from '../../support/in-store.js'
import { DEVICE } from '../../support/samples.js'

const on = (rest: string, payload: object, esp_id = DEVICE) => ({
  topic: `kaiser/god/esp/${esp_id}/${rest}`,
  payload: JSON.stringify(payload),
})
const told = (effects: Effect[]) =>
  effects.flatMap((effect) =>
    effect.kind === 'emit' && effect.event.type.endsWith('_response')
      ? [effect.event.data as Record<string, unknown>]
      : [],
  )[0]

t.test('what an answer carries besides is passed on', async (t) => {
  const { receive, rows } = await inStore(t)
  const devices = [{ rom_code: '28FF641E8B160300', device_type: 'ds18b20' }]
  const { effects } = await receive(
    on('system/command/response', { ts: 1, command: 'onewire/scan', success: true, devices, found_count: 1 }),
  )
  t.strictSame(told(effects)?.details, { devices, found_count: 1 })
  const [{ details }] = rows("SELECT details FROM audit_logs WHERE event_type = 'command_response'") as [
    { details: string },
  ]
  t.match(JSON.parse(details), { command: 'onewire/scan', success: true, devices })
})

t.test('a measurement’s answer carries what was measured', async (t) => {
  const { receive } = await inStore(t)
  const { effects } = await receive(
    on('sensor/4/response', { command: 'measure', success: true, quality: 'good', raw: 2048, unit: 'ADC' }),
  )
  t.match(told(effects), { gpio: 4, quality: 'good', details: { raw: 2048, unit: 'ADC' } })
})

t.test('an answer is found by any of the ids a command has', async (t) => {
  const { receive } = await inStore(t)
  const answer = { command: 'status', success: true }
  for (const rest of ['system/response', 'sensor/4/response'])
    for (const [ids, correlation_id] of [
      [{ correlation_id: 'c', intent_id: 'i', request_id: 'r' }, 'c'],
      [{ intent_id: 'i', request_id: 'r' }, 'i'],
      [{ request_id: 'r' }, 'r'],
      [{}, null],
    ] as const)
      t.match(told((await receive(on(rest, { ...answer, ...ids }))).effects), { correlation_id })
})

t.test('an answer nested thousands of levels deep is cut', async (t) => {
  const { receive } = await inStore(t)
  const payload = `{"command":"get_config","success":true,"config":${'{"a":'.repeat(2_500)}1${'}'.repeat(2_500)}}`
  for (const rest of ['system/response', 'system/command/response', 'sensor/4/response']) {
    const { code, effects } = await receive({ ...on(rest, {}), payload })
    t.equal(code, 'processed')
    t.strictSame(told(effects)?.details, { config: { a: { a: { a: null } } } }, rest)
  }
})

t.test('with discovery pending or off a stranger’s answer is told and registers nobody', async (t) => {
  for (const discovery of ['pending', 'off'] as const) {
    const { receive, store } = await inStore(t, { discovery })
    const { code, effects } = await receive(
      on('system/response', { command: 'reboot', success: true }, 'ESP_NEW'),
    )
    t.equal(code, 'processed')
    t.match(told(effects), { esp_id: 'ESP_NEW', command: 'reboot' })
    t.equal(store.devices.find('ESP_NEW'), undefined)
  }
})
