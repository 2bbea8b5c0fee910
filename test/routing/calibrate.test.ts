/** Calibrations of probes, and past values that follow them. */
import t from 'tap'
import { calibrateSensor, historyOf, undoCalibration } from '../../routing/calibrate.js'
import { again } from '../../routing/compute-again.js'
import { createRecomputations } from '../../routing/recompute.js'
import { setConfig } from '../../routing/sensor-configs.js'
import { createLibrary, type KnownType } from '../../routing/sensors/library.js'
import type { SensorConfig } from '../../storage/sensor-configs.js'
import { NOON, open, reading } from '../storage/open.js'
import type { Teardown } from '../support/app.js'

const ESP = 'ESP_12AB34CD'
const library = createLibrary()
const ph = library.find('ph')!

async function greenhouse(t: Teardown) {
  const opened = await open(t)
  const { store } = opened
  const device = await store.group.run(() => store.devices.insert(ESP, { status: 'online' }, NOON))
  const failures: unknown[] = []
  const recomputations = createRecomputations({
    store,
    library,
    now: () => opened.clock.now,
    failed: (error) => failures.push(error),
  })
  const set = (request = {}, sensor_type = 'ph', gpio = 34) =>
    store.group.run(() => setConfig(store, library, device, { gpio, sensor_type }, request, NOON).config)
  const shift = (config: SensorConfig, by: number, more: object = {}) =>
    store.group.run(() => {
      const request = { points: [{ raw: 1861, reference: 7 + by }], ...more }
      return calibrateSensor(store, library, config, request, 'grower', NOON)
    })
  return { ...opened, device, recomputations, failures, set, shift }
}

const probe = (fields: object = {}) =>
  reading({
    gpio: 34,
    sensor_type: 'ph',
    raw_value: 1861,
    processed_value: 7,
    unit: 'pH',
    quality: 'fair',
    processing_mode: 'pi_enhanced',
    ...fields,
  })

t.test('a calibration is due after the type’s own period unless somebody says another', async (t) => {
  const { set, shift } = await greenhouse(t)
  const config = await set()
  t.equal((await shift(config, 0.5)).record.due_at, NOON + 30 * 86_400_000)
  t.equal((await shift(config, 0.5, { due_days: 7 })).record.due_at, NOON + 7 * 86_400_000)
})

t.test('a probe in two places is taken back in both', async (t) => {
  const { store, set, shift } = await greenhouse(t)
  const first = await set({ probe_serial: 'P' })
  await shift(first, 0.2)
  const { record, config } = await shift(store.sensorConfigs.exact(first)!, 0.4)
  const second = await set({ probe_serial: 'P' }, 'ph', 35)
  t.equal(second.calibration?.id, record.id)
  await store.group.run(() => undoCalibration(store, config, record.id, 'grower', NOON))
  t.strictSame(
    store.sensorConfigs.list(ESP).map(({ calibration }) => calibration?.id),
    [1, 1],
  )
  t.strictSame(
    historyOf(store, second).map(({ id }) => id),
    [2, 1],
  )
})

t.test('taking back an older calibration leaves the one that applies', async (t) => {
  const { store, set, shift } = await greenhouse(t)
  const first = await shift(await set(), 0.2)
  const second = await shift(first.config, 0.4)
  await store.group.run(() => undoCalibration(store, second.config, first.record.id, 'grower', NOON))
  t.equal(store.sensorConfigs.exact(second.config)?.calibration?.id, second.record.id)
  await store.group.run(() => undoCalibration(store, second.config, second.record.id, 'grower', NOON))
  t.equal(store.sensorConfigs.exact(second.config)?.calibration, null, 'none is left')
})

t.test('a config made anew does not claim what was calibrated at its place before', async (t) => {
  const { store, set, shift } = await greenhouse(t)
  const { config } = await shift(await set(), 0.2)
  await store.group.run(() => store.sensorConfigs.remove(config))
  t.equal((await set({ probe_serial: 'P' })).calibration, null)
  t.strictSame(
    store.calibrations.list().map(({ probe_serial }) => probe_serial),
    [null],
  )
})

t.test('a sensor that sends values is offset even where its type is a line', async (t) => {
  const { insert, set, shift } = await greenhouse(t)
  const config = await set()
  await insert(probe({ processing_mode: 'local', raw_value: 6.8, processed_value: 6.8 }))
  const made = await shift(config, 0, { points: [{ raw: 6.8, reference: 7 }] })
  t.match(made.record.calibration, { method: 'offset' })
  t.equal(Math.round(made.record.calibration.coefficients.offset! * 1000), 200)
})

t.test('what a stored reading becomes', async (t) => {
  const plain = { calibration: null, params: {}, processing_mode: 'pi_enhanced' } as const
  const offset = {
    ...plain,
    calibration: { method: 'offset', points: [], temperature: null, coefficients: { offset: 1 } },
  } as const
  const ds18b20 = library.find('ds18b20')!
  const become = (type: KnownType, config: Parameters<typeof again>[1], fields: object) =>
    again(type, config, () => null)(probe(fields))

  t.equal(become(ph, plain, {}), undefined, 'nothing changes, nothing is written')
  t.match(
    become(ph, plain, { processing_mode: 'raw', processed_value: null, unit: null, quality: 'unknown' }),
    {
      processed_value: 7,
      unit: 'pH',
      quality: 'fair',
      processing_mode: 'pi_enhanced',
    },
  )
  t.match(become(ph, plain, { raw_value: 70_000 }), { processed_value: null, quality: 'error' }, 'never 0')
  t.match(become(ds18b20, offset, { raw_value: 20, processed_value: 20, processing_mode: 'local' }), {
    processed_value: 21,
    processing_mode: 'local',
  })
  t.match(become(ds18b20, offset, { raw_value: 320, quality: 'suspect' }), {
    processed_value: 21,
    quality: 'suspect',
  })
  t.match(become(ds18b20, offset, { raw_value: 320, quality: 'critical' }), { quality: 'good' })
  t.equal(become(ph, plain, { processing_mode: 'computed' }), undefined)
  t.equal(become(ph, { ...plain, processing_mode: 'raw' }, { raw_value: 5 }), undefined)
})

t.test('a past reading is compensated with the temperature of its time', async (t) => {
  const { store, insert, set, recomputations, clock } = await greenhouse(t)
  const config = await set({}, 'ec')
  const day = 86_400_000
  const water = (timestamp: number, processed_value: number, more: object = {}) =>
    reading({ gpio: 5, sensor_type: 'water_temperature', timestamp, processed_value, ...more })
  const ec = (timestamp: number) =>
    probe({ sensor_type: 'ec', raw_value: 1000, processed_value: 1, unit: 'µS/cm', timestamp })
  clock.now = NOON + 3 * day
  await insert(
    water(NOON, 35),
    ec(NOON + 60_000),
    water(NOON + 120_000, 99, { quality: 'suspect' }),
    ec(NOON + 130_000),
    ec(NOON + 700_000),
    water(NOON + 2 * day, 15),
    ec(NOON + 2 * day + 1_000),
  )
  const job = recomputations.request(config, NOON, clock.now, 'grower', clock.now)
  await recomputations.settled(job.id, 20_000)
  t.match(job, { status: 'done', read: 4, changed: 4 })
  const { readings } = await store.readings.range({
    sensors: [store.sensors.find(ESP, 34, 'ec', '')!],
    from: 0,
    to: clock.now,
    order: 'asc',
    limit: 10,
  })
  const [warm, still, unknown, cold] = readings.map(({ processed_value }) => processed_value!)
  t.equal(warm, still, 'a suspect temperature is nobody’s')
  t.ok(Math.abs(warm! / unknown! - 1 / 1.2) < 0.001, '2 % a degree: 35 °C; after ten minutes nobody knows')
  t.ok(Math.abs(cold! / unknown! - 1 / 0.8) < 0.001, '15 °C two days later')
})

t.test('only the sensors a config is about are computed again', async (t) => {
  const { store, insert, set, shift, recomputations, device } = await greenhouse(t)
  const config = await set()
  await insert(probe(), probe({ address: '0x48' }), probe({ address: '0x49' }), probe({ gpio: 35 }))
  await store.group.run(() =>
    setConfig(store, library, device, { gpio: 34, sensor_type: 'ph', address: '0x49' }, {}, NOON),
  )
  const made = await shift(config, 1)
  const job = recomputations.request(made.config, 0, NOON, 'grower', NOON)
  await recomputations.settled(job.id, 20_000)
  t.match(job, { read: 2, changed: 2 })
  t.strictSame(
    store.readings.latest(ESP).map(({ gpio, address, processed_value }) => [gpio, address, processed_value]),
    [
      [34, '', 8],
      [34, '0x48', 8],
      [34, '0x49', 7],
      [35, '', 7],
    ],
  )
})

t.test(
  'recomputations run one after the other, a bounded number of them, and end when kaiser stops',
  async (t) => {
    const { insert, set, store, recomputations, failures } = await greenhouse(t)
    const config = await set()
    await insert(...Array.from({ length: 1_000 }, (_, n) => probe({ timestamp: NOON + n, quality: 'poor' })))
    const jobs = Array.from({ length: 16 }, () => recomputations.request(config, 0, NOON + 2_000, 'g', NOON))
    t.throws(() => recomputations.request(config, 0, NOON, 'g', NOON), { code: 'recompute_busy' })
    await recomputations.settled(jobs[0]!.id, 20_000)
    t.match(jobs[0], { status: 'done', changed: 1_000 })
    await store.group.run(() => store.sensorConfigs.remove(config))
    await recomputations.close()
    t.match(jobs.at(-1), { status: 'failed', error: /deleted|stopped/ })
    t.strictSame(failures, [], 'neither is a failure of kaiser')
  },
)

t.test('what has nothing to compute is refused', async (t) => {
  const { set, recomputations } = await greenhouse(t)
  const request = async (sensor_type: string, fields = {}) =>
    recomputations.request(await set(fields, sensor_type, 5), 0, NOON, 'g', NOON)
  await t.rejects(request('geiger'), /knows no sensor type geiger/)
  await t.rejects(request('co2', { processing_mode: 'raw' }), /processing_mode is raw/)
})
