/** Readings as a file: CSV and NDJSON, as they are read, and no faster than somebody takes them. */
import { createConnection } from 'node:net'
import t from 'tap'
import type { Portion, Reading, StoredReading } from '../../storage/readings.js'
import { NOON } from '../storage/open.js'
import type { OpenApp } from '../support/app.js'
import { request } from '../support/http.js'
import { type Asking, opened, PERIOD, series } from '../support/measured.js'
import { until } from '../support/until.js'

async function file({ app, token }: Asking, path: string, accept?: string) {
  const answer = await fetch(`${app.origin}/api/v1${path}`, {
    headers: { authorization: `Bearer ${token}`, ...(accept && { accept }) },
  })
  return { headers: answer.headers, text: await answer.text() }
}

t.test('as CSV: every reading, in words, and nothing a spreadsheet would compute', async (t) => {
  const asking = await opened(t)
  await asking.store(
    { timestamp: NOON - 400 * 86_400_000, raw_value: -1.5, processed_value: null, unit: null },
    { raw_value: 2, unit: '=cmd|"/c calc"!A1', seq: 3 },
    { timestamp: NOON + 1, raw_value: 3, unit: 'a,b', zone_id: '@zone', subzone_id: '-1\r\n2' },
    { esp_id: 'AAA', raw_value: 4, address: '28FF0A' },
  )
  const { headers, text } = await file(asking, '/sensors/data?format=csv')
  t.match(headers.get('content-type'), /^text\/csv; charset=utf-8/)
  t.equal(headers.get('content-disposition'), 'attachment; filename="readings-2025-06-01.csv"')
  t.equal(
    text,
    [
      'esp_id,gpio,sensor_type,address,raw_value,processed_value,unit,quality,processing_mode,timestamp,received_at,time_source,seq,zone_id,subzone_id,data_source',
      'AAA,4,ds18b20,28FF0A,4,21.5,°C,good,local,2025-06-01T12:00:00.000Z,2025-06-01T12:00:00.000Z,device,,,,production',
      'ESP_12AB34CD,4,ds18b20,,-1.5,,,good,local,2024-04-27T12:00:00.000Z,2025-06-01T12:00:00.000Z,device,,,,production',
      `ESP_12AB34CD,4,ds18b20,,2,21.5,"'=cmd|""/c calc""!A1",good,local,2025-06-01T12:00:00.000Z,2025-06-01T12:00:00.000Z,device,3,,,production`,
      `ESP_12AB34CD,4,ds18b20,,3,21.5,"a,b",good,local,2025-06-01T12:00:00.001Z,2025-06-01T12:00:00.000Z,device,,'@zone,"'-1\r\n2",production`,
      '',
    ].join('\r\n'),
  )
  const some = await file(asking, `/sensors/data?esp_id=AAA&${PERIOD}`, 'text/csv;q=0.9, */*')
  t.equal(some.text.split('\r\n').length, 3)
  t.match(some.headers.get('content-disposition'), /readings-AAA-/)
})

t.test('as NDJSON: a reading a line, as many as there are', async (t) => {
  const asking = await opened(t)
  await asking.store(...series(6_000))
  await asking.app.store.maintenance!.round(true)
  await asking.store(...series(500, { gpio: 5 }))
  const { headers, text } = await file(asking, '/sensors/data', 'application/x-ndjson')
  t.equal(headers.get('content-type'), 'application/x-ndjson')
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Reading)
  t.equal(lines.length, 6_500)
  t.equal(
    lines.reduce((sum, { raw_value }) => sum + raw_value, 0),
    (6_000 * 5_999) / 2 + (500 * 499) / 2,
  )
  t.match((await asking.data('format=json&limit=1')).readings, [lines[5_999]])
})

/** Counts the portions that are read for files, and sees when reading ends. */
function watch({ readings }: OpenApp['store']) {
  const seen = { portions: 0, ended: false }
  const { bySensor } = readings
  readings.bySensor = async function* (range): AsyncGenerator<Portion<StoredReading>, void> {
    try {
      for await (const portion of bySensor(range)) {
        seen.portions++
        yield portion
      }
    } finally {
      seen.ended = true
    }
  }
  return seen
}

t.test('who does not read is not read for, and who leaves ends it', async (t) => {
  const { app, token, store } = await opened(t)
  for (let n = 0; n < 60; n++)
    await store(...series(1_000, { gpio: n, zone_id: 'x'.repeat(400), subzone_id: 'y'.repeat(400) }))
  const seen = watch(app.store)
  const socket = createConnection({ host: '127.0.0.1', port: app.httpPort })
  socket.on('error', () => {})
  socket.once('data', () => socket.pause())
  socket.write(
    `GET /api/v1/sensors/data?format=ndjson HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  )
  await until(() => seen.portions > 2, 'the first portions')
  let before = -1
  await until(async () => {
    before = seen.portions
    await new Promise((resolve) => setTimeout(resolve, 300))
    return seen.portions === before
  }, 'the network to be full')
  t.ok(seen.portions < 100, `${seen.portions} of 120 portions are on their way`)
  t.notOk(seen.ended)
  t.equal((await request(app, 'GET', '/sensors/latest', { token })).status, 200, 'others are served')
  socket.destroy()
  await until(() => seen.ended, 'the end of reading')
  t.ok(seen.portions < 110, 'long before the end')
})

t.test('several sensors that are named are one page and one file', async (t) => {
  const { app, token, store, data, get } = await opened(t)
  await store(
    ...series(3),
    ...series(2, { gpio: 5, sensor_type: 'ph', unit: 'pH' }),
    ...series(2, { gpio: 6 }),
    ...series(1, { esp_id: 'ESP_2', sensor_type: 'sht31_temp', address: '0x44' }),
  )
  const both = 'sensor=ESP_12AB34CD,4,ds18b20&sensor=ESP_2,4,sht31_temp,0x44'
  t.match(await data(both), { count: 4, esp_id: null, gpio: 4, sensor_type: null })
  const answer = await fetch(`${app.origin}/api/v1/sensors/data?${both}&format=csv`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const lines = (await answer.text()).trim().split('\r\n').slice(1)
  t.strictSame(
    lines.map((line) => line.split(',').slice(0, 4)),
    [...Array(3).fill(['ESP_12AB34CD', '4', 'ds18b20', '']), ['ESP_2', '4', 'sht31_temp', '0x44']],
  )
  t.match(await get(`/sensors/data?${both}&sensor=ESP_3,1,ph`), {
    status: 422,
    body: { detail: [{ msg: /ESP_3,1,ph is not known/ }] },
  })
})
