/** What kaiser makes of devices whose messages, clocks and sensors are at fault: real mocks on a real kaiser. */
import t from 'tap'
import { mockSensor } from '../../routing/contract/mock.js'
import { counting, illMock } from '../support/ill-mock.js'
import { counted } from '../support/mqtt.js'
import { until } from '../support/until.js'

const SECOND = 1_000
const HOUR = 3_600_000

t.test('without a fault each second has its row', async (t) => {
  const { rows, live, clock } = await illMock(t)
  const before = (await rows()).length
  await live(10)
  const found = await rows()
  t.equal(found.length - before, 10)
  t.ok(found.every(({ quality, time_source }) => quality === 'good' && time_source === 'device'))
  t.ok(Math.abs(found.at(-1)!.timestamp - clock.now()) < SECOND)
})

t.test('what is dropped is missing, and nothing else is', async (t) => {
  const { rows, live } = await illMock(t, {}, [{ fault: 'drop', parameters: { share: 0.5, of: 'sensor' } }])
  await live(60)
  const found = (await rows()).length
  t.ok(found > 15 && found < 45, `${found} of 60`)
})

t.test('what comes late is stored with the time at which it was measured', async (t) => {
  const { rows, live, clock, mock } = await illMock(t)
  await live(1)
  const before = (await rows()).length
  mock.inject({ fault: 'delay', parameters: { seconds: 5, of: 'sensor' } })
  const from = clock.now()
  await live(4)
  t.equal((await rows()).length, before, 'not there yet')
  await live(4)
  const late = (await rows()).slice(before)
  t.equal(late.length, 3)
  t.ok(late.every(({ timestamp }) => timestamp > from && timestamp <= from + 4 * SECOND))
})

t.test('what comes three times is stored once, however late it comes again', async (t) => {
  const { rows, live, app } = await illMock(t, {}, [
    { fault: 'duplicate', parameters: { times: 2, seconds: 4, of: 'sensor' } },
  ])
  const before = (await rows()).length
  await live(30)
  t.equal((await rows()).length - before, 30)
  t.ok(app.stats.subscriber().duplicates >= 40, `${app.stats.subscriber().duplicates} were known already`)
})

t.test('what overtakes something else lies where it belongs in time', async (t) => {
  const { rows, live, mock } = await illMock(t, {}, [
    { fault: 'reorder', parameters: { seconds: 10, of: 'sensor' } },
  ])
  await live(30)
  mock.heal()
  await live(12)
  const found = await rows()
  const order = found.map(({ received_at }) => received_at)
  t.ok(
    order.some((received, n) => n > 0 && received < order[n - 1]!) || found.length > 30,
    'they came in another order',
  )
  const values = found.map(({ processed_value }) => processed_value!)
  t.strictSame(
    values.slice(1),
    [...values].sort((a, b) => a - b).slice(1),
    'each a tenth of a degree above the one before',
  )
})

t.test('a clock that nobody set is replaced by the server’s, and people are told', async (t) => {
  for (const payload of ['mock', 'native'] as const)
    for (const how of ['none', '1970']) {
      const { rows, live, app } = await illMock(t, { payload }, [
        { fault: 'wrong_clock', parameters: { how } },
      ])
      const before = (await rows()).length
      await live(3)
      const found = (await rows()).filter(({ time_source }) => time_source === 'server')
      t.ok(found.length >= 3 && before <= 2, `${payload} ${how}: ${found.length} rows`)
      t.ok(found.every(({ timestamp, received_at }) => timestamp === received_at))
      t.ok(app.findings.list('MOCK_001').some(({ kind }) => kind === 'clock_wrong'))
      t.equal(app.store.devices.find('MOCK_001')!.status, 'online')
    }
})

t.test('a clock that is two hours ahead keeps its times, and no rule hears of them', async (t) => {
  const { rows, live, clock } = await illMock(t, {}, [{ fault: 'wrong_clock', parameters: { how: 'ahead' } }])
  await live(3)
  const ahead = (await rows()).filter(({ timestamp }) => timestamp > clock.now() + HOUR)
  t.equal(ahead.length, 3)
  t.ok(ahead.every(({ time_source }) => time_source === 'device'))
})

t.test('a clock that jumps loses no reading', async (t) => {
  const { rows, live } = await illMock(t, {}, [
    { fault: 'wrong_clock', parameters: { how: 'jumping', seconds: 7_200, every_seconds: 2 } },
  ])
  const before = (await rows()).length
  await live(20)
  t.equal((await rows()).length - before, 20)
})

t.test('a sensor that is stuck for hours is suspect, unless it says that it is a mock’s', async (t) => {
  const [start, esp_id] = [Date.now() - 8 * HOUR, 'ESP_STUCK']
  const sensor = counting({ interval_seconds: 1_200 })
  const { clock, mock, rows, app } = await illMock(
    t,
    { start, esp_id, payload: 'native', sensors: [sensor] },
    [{ fault: 'stuck' }],
  )
  const answered = () => mock.messages.findLast(({ topic }) => topic.endsWith('heartbeat/ack'))?.timestamp
  for (let n = 0; n < 1_050; n++) {
    // Often enough that neither side takes the other for gone.
    clock.step(25 * SECOND)
    mock.heartbeat()
    await until(() => answered() === clock.now(), 'the answer')
  }
  const found = await rows()
  t.equal(found.at(-1)!.quality, 'suspect')
  t.equal(found[5]!.quality, 'good', 'a few equal readings are chance')
  t.ok(app.findings.list(esp_id).some(({ kind }) => kind === 'sensor_stuck'))
})

t.test('85 °C is suspect, in their unit and as a register', async (t) => {
  for (const payload of ['mock', 'native'] as const) {
    const { rows, live, mock } = await illMock(t, { payload }, [{ fault: 'power_on_value' }])
    await live(2)
    t.match((await rows()).at(-1), { processed_value: 85, quality: 'suspect' }, payload)
    mock.heal('power_on_value')
    await live(2)
    t.equal((await rows()).at(-1)!.quality, 'good')
  }
})

t.test('what is no number is refused and kept for people to see, and the device stays', async (t) => {
  for (const [as, code] of [
    ['nan', 'payload_not_json'],
    ['NaN', 'payload_not_json'],
    ['inf', 'payload_not_json'],
    ['text', 'payload_invalid'],
    ['null', 'payload_invalid'],
  ] as const) {
    const { rows, live, app } = await illMock(t, {}, [{ fault: 'not_a_number', parameters: { as } }])
    const before = (await rows()).length
    await live(3)
    t.equal((await rows()).length, before, `${as} is stored nowhere`)
    t.equal(counted(app, code), 3, `${as} is ${code}`)
    t.equal(app.store.rejects.list().filter((reject) => reject.code === code).length, 3)
    t.equal(app.store.devices.find('MOCK_001')!.status, 'online')
  }
})

t.test('several sensors on one gpio have their own faults', async (t) => {
  const { live, app } = await illMock(
    t,
    {
      sensors: [
        counting(),
        mockSensor({
          gpio: 4,
          sensor_type: 'sht31_humidity',
          unit: '%RH',
          base_value: 50,
          interval_seconds: 1,
        }),
      ],
    },
    [{ fault: 'stuck', parameters: { sensor: '4_sht31_humidity', value: 77 } }],
  )
  await live(3)
  const latest = app.store.readings.latest('MOCK_001')
  t.equal(latest.find(({ sensor_type }) => sensor_type === 'sht31_humidity')!.processed_value, 77)
  t.not(latest.find(({ sensor_type }) => sensor_type === 'ds18b20')!.processed_value, 77)
})
