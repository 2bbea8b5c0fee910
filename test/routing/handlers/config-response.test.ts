/** Answers to configurations: each config learns its own result. */
import t from 'tap'
import { told } from '../../support/actuators.js'
import { type InStore, inStore } from '../../support/in-store.js'
import { DEVICE, NOW, seedConfigResponse } from '../../support/samples.js'

const answer = (payload: object) => ({
  topic: `kaiser/god/esp/${DEVICE}/config_response`,
  payload: JSON.stringify({ ...seedConfigResponse, ...payload }),
})
const configured = async (t: Parameters<typeof inStore>[0]): Promise<InStore> => {
  const house = await inStore(t)
  const { store } = house
  await store.group.run(() => {
    for (const gpio of [4, 5])
      store.sensorConfigs.insert({ esp_id: DEVICE, gpio, sensor_type: 'ds18b20', address: '' }, {}, NOW)
    store.sensorConfigs.insert(
      { esp_id: DEVICE, gpio: 6, sensor_type: 'ph', address: '' },
      { config_status: 'applied' },
      NOW,
    )
    for (const gpio of [25, 26]) store.actuatorConfigs.insert(DEVICE, gpio, { actuator_type: 'pump' }, NOW)
    store.actuatorConfigs.insert(DEVICE, 27, { actuator_type: 'pump', enabled: 0 }, NOW)
  })
  return house
}
const sensors = 'SELECT gpio, config_status, config_error FROM sensor_configs ORDER BY gpio'
const actuators = 'SELECT gpio, config_status, config_error FROM actuator_configs ORDER BY gpio'
const is = (gpio: number, config_status: string, config_error: string | null = null) => ({
  gpio,
  config_status,
  config_error,
})

t.test(
  'the seed’s answer: what waited is applied, of this kind only; one audit entry, one event',
  async (t) => {
    const { receive, rows } = await configured(t)
    const { effects } = await receive(answer({}))
    t.strictSame(rows(sensors), [is(4, 'applied'), is(5, 'applied'), is(6, 'applied')])
    t.strictSame(rows(actuators), [is(25, 'pending'), is(26, 'pending'), is(27, 'pending')])
    t.match(told(effects, 'config_response'), [
      {
        esp_id: DEVICE,
        config_type: 'sensor',
        status: 'success',
        count: 2,
        message: 'Configured 2 sensor(s) successfully',
        error_code: null,
        topic: `kaiser/god/esp/${DEVICE}/config_response`,
      },
    ])
    t.match(rows(`SELECT status, severity FROM audit_logs WHERE event_type = 'config_response'`), [
      { status: 'success', severity: 'info' },
    ])
  },
)

t.test('a partial success names what failed, and the others are applied', async (t) => {
  const { receive, rows } = await configured(t)
  await receive(
    answer({
      status: 'PARTIAL_SUCCESS',
      count: 1,
      failed_count: 2,
      failures: [
        { type: 'sensor', gpio: 5, error_code: 1041, error: 'GPIO_CONFLICT', detail: 'taken by pump' },
        { type: 'sensor', gpio: 6, error: 'NVS_WRITE_FAILED' },
      ],
    }),
  )
  t.strictSame(rows(sensors), [
    is(4, 'applied'),
    is(5, 'failed', 'GPIO_CONFLICT: taken by pump'),
    is(6, 'failed', 'NVS_WRITE_FAILED'),
  ])
})

t.test('what is not named among too many failures stays as it was', async (t) => {
  const { receive, rows } = await configured(t)
  for (const more of [{ failures_truncated: true }, { failed_count: 3 }, { total_failures: 2 }])
    await receive(answer({ status: 'partial_success', failures: [{ gpio: 5, error: 'X' }], ...more }))
  t.strictSame(rows(sensors), [is(4, 'pending'), is(5, 'failed', 'X'), is(6, 'applied')])
})

t.test('an error without names fails all that wait, and disabled ones wait for nothing', async (t) => {
  const { receive, rows } = await configured(t)
  const { effects } = await receive(
    answer({
      status: 'error',
      config_type: 'actuator',
      type: undefined,
      count: 0,
      message: 'no memory',
      error_code: 'NVS',
    }),
  )
  t.strictSame(rows(actuators), [
    is(25, 'failed', 'no memory'),
    is(26, 'failed', 'no memory'),
    is(27, 'pending'),
  ])
  t.match(told(effects, 'config_response'), [{ config_type: 'actuator', status: 'error', error_code: 'NVS' }])
})

t.test('older firmware names one item', async (t) => {
  const { receive, rows } = await configured(t)
  const { effects } = await receive(
    answer({
      status: 'failed',
      type: 'actuator',
      count: 0,
      message: 'GPIO conflict',
      error_code: 'GPIO_CONFLICT',
      failed_item: { gpio: 25, actuator_type: 'pump' },
    }),
  )
  t.strictSame(rows(actuators), [
    is(25, 'failed', 'GPIO_CONFLICT: GPIO conflict'),
    is(26, 'pending'),
    is(27, 'pending'),
  ])
  t.match(told(effects, 'config_response'), [
    { status: 'error', failed_item: { gpio: 25 }, failures: [{ gpio: 25 }] },
  ])
})

t.test('an answer that is delivered again is one answer; without any identity each is new', async (t) => {
  const { receive, rows } = await configured(t)
  for (const seq of [1, 1]) await receive(answer({ ts: NOW, seq }))
  t.equal(rows(`SELECT * FROM audit_logs WHERE event_type = 'config_response'`).length, 1)
  for (let n = 0; n < 2; n++) t.equal(told((await receive(answer({}))).effects, 'config_response').length, 1)
})

t.test('zone and system are answered too, and change no config', async (t) => {
  const { receive, rows } = await configured(t)
  for (const type of ['zone', 'SYSTEM']) t.equal((await receive(answer({ type }))).code, 'processed')
  t.strictSame(rows(sensors), [is(4, 'pending'), is(5, 'pending'), is(6, 'applied')])
})
