/** Sensor configs: found for the right sensor, whole after a restart, and as before when a row is withdrawn. */
import t from 'tap'
import type { ConfigFields, SensorKey } from '../../storage/sensor-configs.js'
import { NOON, type Opened, open, outsider } from './open.js'

const ESP = 'ESP_12AB34CD'
const key = (fields: Partial<SensorKey> = {}): SensorKey => ({
  esp_id: ESP,
  gpio: 4,
  sensor_type: 'ds18b20',
  address: '',
  ...fields,
})

const insert = ({ store }: Opened, fields: Partial<SensorKey> = {}, more: ConfigFields = {}) =>
  store.group.run(() => store.sensorConfigs.insert(key(fields), more, NOON))

t.test('the config of its own address holds for a sensor, else the one for every address', async (t) => {
  const opened = await open(t)
  const general = await insert(opened)
  const own = await insert(opened, { address: '28FF641E8D3C0C79' })
  await insert(opened, { gpio: 5 })
  await insert(opened, { esp_id: 'ESP_2' })
  const find = (address: string, gpio = 4, sensor_type = 'ds18b20') =>
    opened.store.sensorConfigs.find(ESP, gpio, sensor_type, address)

  t.equal(find('28FF641E8D3C0C79'), own)
  t.equal(find('28AA'), general)
  t.equal(find(''), general)
  t.equal(find('', 4, 'ph'), undefined)
  t.equal(find('', 6), undefined)
  t.equal(opened.store.sensorConfigs.find('ESP_3', 4, 'ds18b20', ''), undefined)
  t.equal(opened.store.sensorConfigs.count(ESP), 3)
  t.strictSame(
    opened.store.sensorConfigs.list(ESP).map(({ gpio, address }) => [gpio, address]),
    [
      [4, ''],
      [4, '28FF641E8D3C0C79'],
      [5, ''],
    ],
  )
  t.equal(opened.store.sensorConfigs.list().length, 4)
})

t.test('a config is whole after a restart, its JSON parsed', async (t) => {
  const opened = await open(t)
  const calibration = {
    method: 'linear',
    points: [{ raw: 2048, reference: 7 }],
    temperature: 25,
    coefficients: { slope: -3.5, offset: 12.25 },
    id: 3,
    performed_at: NOON,
    due_at: null,
  } as const
  const fields: ConfigFields = {
    sensor_name: 'Tank',
    enabled: 0,
    processing_mode: 'local',
    sample_interval_ms: 60_000,
    threshold_min: 0,
    threshold_max: 30.5,
    probe_serial: 'P-1',
    params: { altitude: 410 },
    calibration,
    metadata: { note: 'left' },
  }
  const before = await insert(opened, {}, fields)
  await opened.reopen()
  t.strictSame(opened.store.sensorConfigs.get(before.id), before)
  t.match(before, fields)
  t.match(opened.rows('SELECT calibration_data, params FROM sensor_configs'), [
    { calibration_data: JSON.stringify(calibration), params: '{"altitude":410}' },
  ])
})

t.test('several changes in one turn leave the last one, also when a config is made anew', async (t) => {
  const opened = await open(t)
  const { sensorConfigs, group } = opened.store
  const last = await group.run(() => {
    const first = sensorConfigs.insert(key(), { sensor_name: 'a' }, NOON)
    const second = sensorConfigs.update(first, { sensor_name: 'b' }, NOON + 1)
    sensorConfigs.remove(second)
    return sensorConfigs.insert(key(), { sensor_name: 'c' }, NOON + 2)
  })
  t.throws(() => sensorConfigs.insert(key(), {}, NOON), /exists/)
  await opened.reopen()
  t.strictSame(opened.store.sensorConfigs.list(), [last])
  t.match(opened.rows('SELECT id, sensor_name FROM sensor_configs'), [{ id: last.id, sensor_name: 'c' }])
})

t.test('what is withdrawn is as it was before', async (t) => {
  const opened = await open(t)
  const { sensorConfigs, group } = opened.store
  const before = await insert(opened, {}, { sensor_name: 'a' })
  await t.rejects(
    group.run(() => {
      sensorConfigs.remove(sensorConfigs.update(before, { sensor_name: 'b' }, NOON))
      sensorConfigs.insert(key({ gpio: 9 }), {}, NOON)
      throw new Error('no')
    }),
    /no/,
  )
  t.equal(sensorConfigs.get(before.id), before)
  t.equal(sensorConfigs.find(ESP, 4, 'ds18b20', ''), before)
  t.equal(sensorConfigs.count(ESP), 1)
  t.match(opened.rows('SELECT gpio, sensor_name FROM sensor_configs'), [{ gpio: 4, sensor_name: 'a' }])
})

t.test('a row that cannot be written takes its record with it, and a change built on it', async (t) => {
  const opened = await open(t)
  const { sensorConfigs, group } = opened.store
  const before = await insert(opened)
  const bad = group.run(() => sensorConfigs.update(before, { sample_interval_ms: 0.5 }, NOON))
  await t.rejects(bad, /cannot store REAL|datatype/i)
  t.equal(sensorConfigs.find(ESP, 4, 'ds18b20', ''), before)
})

t.test('a device that goes takes its configs along, and nobody else’s', async (t) => {
  const opened = await open(t)
  await insert(opened)
  await insert(opened, { gpio: 5 })
  const other = await insert(opened, { esp_id: 'ESP_2' })
  await opened.store.group.run(() => opened.store.sensorConfigs.removeDevice(ESP))
  t.strictSame(opened.store.sensorConfigs.list(), [other])
  await opened.reopen()
  t.strictSame(opened.store.sensorConfigs.list(), [other])
})

t.test('data shows that a config is applied, once', async (t) => {
  const opened = await open(t)
  const { sensorConfigs, group } = opened.store
  const pending = await insert(opened, {}, { config_status: 'failed', config_error: 'GPIO_CONFLICT' })
  await group.run(() => sensorConfigs.heard(pending, NOON + 5))
  const applied = sensorConfigs.get(pending.id)
  t.match(applied, { config_status: 'applied', config_error: null, updated_at: NOON + 5 })
  await group.run(() => sensorConfigs.heard(pending, NOON + 9))
  t.equal(sensorConfigs.get(pending.id), applied, 'an old record changes nothing')
  await group.run(() => {
    sensorConfigs.remove(applied!)
    sensorConfigs.heard(applied!, NOON + 10)
  })
  t.equal(sensorConfigs.get(pending.id), undefined, 'and brings nothing back')
})

t.test('SQL refuses what is no config', async (t) => {
  const opened = await open(t)
  await insert(opened)
  const db = outsider(t, opened.path)
  t.throws(() => db.exec("UPDATE sensor_configs SET calibration_data = 'x'"), /CHECK/)
  t.throws(() => db.exec('UPDATE sensor_configs SET gpio = 256'), /CHECK/)
})
