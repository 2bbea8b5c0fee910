import t from 'tap'
import type { Effect } from '../../../routing/effect.js'
import { inStore } from '../../support/in-store.js'
import { DEVICE } from '../../support/samples.js'

const error = (payload: object | string) => ({
  topic: `kaiser/god/esp/${DEVICE}/system/error`,
  payload: typeof payload === 'string' ? payload : JSON.stringify({ severity: 2, ...payload }),
})
const told = (effects: Effect[]) => {
  const found = effects.find((effect) => effect.kind === 'emit' && effect.event.type === 'error_event')
  return found?.kind === 'emit' ? (found.event.data as Record<string, unknown>) : undefined
}
const kept = "SELECT error_code, error_description, details FROM audit_logs WHERE event_type = 'mqtt_error'"

t.test('a code is known by its number, its number as text, and its name', async (t) => {
  const { receive } = await inStore(t)
  for (const error_code of [1021, '1021', 'onewire_no_devices'])
    t.match(
      told((await receive(error({ error_code }))).effects),
      { error_code, title: 'ONEWIRE_NO_DEVICES', category: 'HARDWARE', user_action_required: true },
      String(error_code),
    )
  t.match(told((await receive(error({ error_code: 3999 }))).effects), {
    title: '3999',
    category: 'COMMUNICATION',
    troubleshooting: [],
  })
})

t.test('severities are numbers, words in any case, and error when nobody knows them', async (t) => {
  const { receive } = await inStore(t)
  const severities: [number | string, string][] = [
    [0, 'info'],
    [1, 'warning'],
    [2, 'error'],
    [3, 'critical'],
    ['WARN', 'warning'],
    ['Fatal', 'critical'],
    ['splendid', 'error'],
    ['constructor', 'error'],
  ]
  for (const [said, severity] of severities)
    t.match(
      told((await receive(error({ error_code: 1021, severity: said }))).effects),
      { severity },
      `${said}`,
    )
  for (const severity of [4, -1, true, 1.5])
    t.equal((await receive(error({ error_code: 1021, severity }))).code, 'payload_invalid', String(severity))
})

t.test('a context nested thousands of levels deep is cut, told and kept', async (t) => {
  const { receive, rows } = await inStore(t)
  const deep = `${'['.repeat(7_000)}${']'.repeat(7_000)}`
  const { code, effects } = await receive(
    error(`{"error_code":1021,"severity":2,"context":{"gpio":4,"deep":${deep}}}`),
  )
  t.equal(code, 'processed')
  t.strictSame(told(effects)?.context, { gpio: 4, deep: [[[null]]] })
  t.match(rows(kept), [{ error_code: '1021', details: /"gpio":4,"deep":\[\[\[null\]\]\]/ }])
})

t.test('a context may carry any name, and pollutes nothing', async (t) => {
  const { receive } = await inStore(t)
  const { effects } = await receive(
    error(
      '{"error_code":1021,"severity":2,"context":{"__proto__":{"polluted":1},"a":{"__proto__":{"polluted":1}},"constructor":{"prototype":{"polluted":1}},"n":1e400}}',
    ),
  )
  t.strictSame(told(effects)?.context, { a: {}, n: null })
  t.notOk('polluted' in {})
})

t.test('a context that is too long is left out and the error is not', async (t) => {
  const { receive, rows } = await inStore(t)
  const context = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`k${n}`, 'x'.repeat(200)]))
  const { effects } = await receive(error({ error_code: 1021, context }))
  t.match(told(effects), { title: 'ONEWIRE_NO_DEVICES', context: { left_out: 'too long' } })
  t.ok((rows(kept) as { details: string }[])[0]!.details.length < 4_500)
})

t.test('where it happened, as older firmware says it, is part of the context', async (t) => {
  const { receive } = await inStore(t)
  const { effects } = await receive(
    error({
      error_code: 'SENSOR_READ_FAILED',
      module: 'SensorManager',
      function: 'read',
      stack_trace: 'a\nb',
    }),
  )
  t.strictSame(told(effects)?.context, { module: 'SensorManager', function: 'read', stack_trace: 'a\nb' })
})

t.test('bytes of Latin-1 are kept as text that can be read', async (t) => {
  const { receive, rows } = await inStore(t)
  const latin = Buffer.from('{"error_code":1022,"severity":2,"message":"25 °C"}', 'latin1')
  t.equal((await receive({ ...error(''), payload: latin })).code, 'processed')
  t.strictSame(rows(`SELECT message FROM audit_logs WHERE event_type = 'mqtt_error'`), [
    { message: '25 \ufffdC' },
  ])
})
