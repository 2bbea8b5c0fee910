import t from 'tap'
import { createErrorCodes } from '../../realtime/error-codes.js'
import { codes } from '../../routing/contract/codes.js'
import type { Severity } from '../../storage/tables.js'
import { type OpenApp, openApp } from '../support/app.js'
import { people, request } from '../support/http.js'

const HOUR = 3_600_000

/** An error as the audit keeps one that a device reported. */
const reported = (app: OpenApp, source_id: string, error_code: string, severity: Severity, ago = 0) =>
  app.store.group.run(() =>
    app.store.auditLogs.insert(
      {
        event_type: 'mqtt_error',
        severity,
        source_type: 'esp32',
        source_id,
        status: 'failed',
        message: 'CRC mismatch',
        error_code,
        details: { category: 'HARDWARE', context: { rom: '28FF' } },
      },
      Date.now() - ago,
    ),
  )

t.test('errors of a device are listed latest first, by severity, time and page', async (t) => {
  const app = await openApp(t)
  const { viewer } = await people(app)
  await app.store.group.run(() =>
    app.store.devices.insert('ESP_1', { status: 'online', name: 'North' }, Date.now()),
  )
  await reported(app, 'ESP_1', '9999', 'error', 3 * HOUR)
  await reported(app, 'ESP_1', '1023', 'critical', HOUR)
  await reported(app, 'ESP_1', '1023', 'error', 30 * HOUR)
  await reported(app, 'ESP_2', '1023', 'error')
  const ask = (query = '') => request(app, 'GET', `/errors/esp/ESP_1${query}`, { token: viewer })

  const { body } = await ask()
  t.match(body, {
    success: true,
    total_count: 2,
    pagination: { page: 1, total_items: 2, has_next: false },
    errors: [
      {
        esp_id: 'ESP_1',
        esp_name: 'North',
        error_code: 1023,
        severity: 'critical',
        category: 'HARDWARE',
        esp_raw_message: 'CRC mismatch',
        context: { rom: '28FF' },
        timestamp: /Z$/,
      },
      { error_code: 9999, name: null, message: 'CRC mismatch', troubleshooting: [] },
    ],
  })
  t.match((await ask('?severity=critical')).body, { total_count: 1 })
  t.match((await ask('?hours=48')).body, { total_count: 3 })
  t.match((await ask('?page=2&page_size=1')).body, {
    errors: [{ error_code: 9999 }],
    pagination: { page: 2, total_pages: 2, has_prev: true },
  })
  t.equal((await ask('?hours=0')).status, 422)
  t.equal((await request(app, 'GET', '/errors/esp/ESP_9', { token: viewer })).status, 404)
})

t.test('the summary counts by severity, category, device and code', async (t) => {
  const app = await openApp(t)
  const { viewer } = await people(app)
  for (const [esp_id, code, severity] of [
    ['ESP_1', '1023', 'error'],
    ['ESP_1', '1040', 'warning'],
    ['ESP_2', '1023', 'error'],
  ] as const)
    await reported(app, esp_id, code, severity)
  t.match((await request(app, 'GET', '/errors/summary', { token: viewer })).body, {
    period_hours: 24,
    total_errors: 3,
    counted: 3,
    errors_by_severity: { error: 2, warning: 1 },
    errors_by_category: { HARDWARE: 3 },
    errors_by_esp: { ESP_1: 2, ESP_2: 1 },
    top_error_codes: [
      { error_code: 1023, count: 2 },
      { error_code: 1040, count: 1 },
    ],
  })
})

t.test('every code of kaiser is explained, by name and by number', async (t) => {
  const app = await openApp(t)
  const { viewer } = await people(app)
  const ask = async (path: string) => request(app, 'GET', `/errors/codes${path}`, { token: viewer })
  const { body } = await ask('?source=kaiser')
  t.equal(body.total_count, Object.keys(codes).length)
  t.match((await ask('/payload_not_json')).body, {
    error_code: 5209,
    source: 'kaiser',
    category: 'VALIDATION',
    severity: 'error',
    http_status: 400,
    message: codes.payload_not_json.sentence,
  })
  t.match((await ask('/5007')).body, { name: 'device_offline', user_action_required: true })
  t.match((await ask('?category=mqtt')).body.error_codes, [{ category: 'MQTT' }])
  t.equal((await ask('/nonsense')).status, 404)
  t.equal((await ask('/a%20b')).status, 422)
})

t.test('codes of the firmware stand beside kaiser’s', async (t) => {
  const { find, list } = createErrorCodes([
    {
      code: 1023,
      name: 'ONEWIRE_CRC',
      category: 'HARDWARE',
      severity: 'warning',
      message: 'The checksum of a OneWire sensor was wrong',
      troubleshooting: ['Check the cable'],
      recoverable: true,
      user_action_required: false,
    },
  ])
  t.match(find('1023'), { source: 'esp32', name: 'ONEWIRE_CRC', troubleshooting: ['Check the cable'] })
  t.equal(find('onewire_crc'), find('1023'))
  t.equal(list().length, Object.keys(codes).length + 1)
})
