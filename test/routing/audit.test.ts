import t from 'tap'
import { createDeviceAudit } from '../../routing/audit.js'
import { createAuditStatistics } from '../../routing/audit-statistics.js'
import { createRetention, DEFAULT_RETENTION, retentionFault } from '../../routing/retention.js'
import { createSystemAudit } from '../../routing/system-audit.js'
import type { AuditEntry } from '../../storage/audit-logs.js'
import { NOON, type Opened, open, until } from '../storage/open.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const trouble = (
  fields: Partial<AuditEntry & { source_id: string }> = {},
): AuditEntry & { source_id: string } => ({
  event_type: 'mqtt_error',
  severity: 'error',
  source_type: 'esp32',
  source_id: 'ESP_1',
  status: 'failed',
  ...fields,
})

/** The limiter with what it lets through. */
function limited() {
  const written: AuditEntry[] = []
  let leftOut = 0
  const audit = createDeviceAudit({ insert: (entry) => void written.push(entry) }, () => leftOut++)
  return { audit, written, left: () => leftOut }
}

t.test(
  'the same from the same device is written once a minute, with how often it was repeated',
  async (t) => {
    const { audit, written, left } = limited()
    for (let n = 0; n < 5; n++) audit.record(trouble({ details: { gpio: 4 } }), NOON + n)
    audit.record(trouble({ error_code: '1031' }), NOON)
    audit.record(trouble({ source_id: 'ESP_2' }), NOON)
    t.equal(written.length, 3, 'another code or another device is something else')
    t.equal(left(), 4)
    audit.record(trouble({ details: { gpio: 4 } }), NOON + MINUTE)
    t.strictSame(written.at(-1)!.details, { gpio: 4, repeated: 4 })
  },
)

t.test('a device writes a hundred entries an hour, and again in the next', async (t) => {
  const { audit, written, left } = limited()
  for (let n = 0; n < 150; n++) audit.record(trouble({ error_code: String(n) }), NOON)
  t.equal(written.length, 100)
  t.equal(left(), 50)
  audit.record(trouble({ error_code: 'later' }), NOON + HOUR)
  t.equal(written.length, 101)
})

t.test('made-up ids do not fill the audit: all devices together write 20,000 an hour', async (t) => {
  const { audit, written } = limited()
  for (let n = 0; n < 21_000; n++) audit.record({ ...trouble(), source_id: `ESP_${n}` }, NOON)
  t.equal(written.length, 20_000)
  audit.record({ ...trouble({ severity: 'critical' }), source_id: 'ESP_X' }, NOON)
  t.equal(written.length, 20_001, 'what is critical is written all the same')
  audit.record({ ...trouble(), source_id: 'ESP_Y' }, NOON + HOUR)
  t.equal(written.length, 20_002)
})

t.test('a wrong number for the retention is named with what is allowed', async (t) => {
  for (const [changes, fault] of [
    [{}, undefined],
    [
      { default_days: 1, max_records: 0, batch_size: 100, severity_days: { info: 3650, error: null } },
      undefined,
    ],
    [{ default_days: 0 }, 'default_days is 0; allowed: 1 to 3650'],
    [{ default_days: 3651 }, 'default_days is 3651; allowed: 1 to 3650'],
    [{ severity_days: { warning: -1 } }, 'severity_days.warning is -1; allowed: 1 to 3650'],
    [{ max_records: -1 }, /^max_records is -1; allowed: 0 to /],
    [{ batch_size: 99 }, 'batch_size is 99; allowed: 100 to 10000'],
    [{ batch_size: 10_001 }, 'batch_size is 10001; allowed: 100 to 10000'],
  ] as const)
    t.match(retentionFault(changes), fault, JSON.stringify(changes))
})

const ruleOf = ({ store, clock }: Opened) =>
  createRetention({ store, now: () => clock.now, monotonic: () => performance.now() })

const aged = (opened: Opened, ...entries: [days: number, fields: Partial<AuditEntry>][]): Promise<void> =>
  opened.store.group.run(() => {
    for (const [days, fields] of entries)
      opened.store.auditLogs.insert({ ...trouble(), ...fields }, opened.clock.now - days * DAY)
  })

t.test('the retention starts with defaults, changes in parts, and is there after a restart', async (t) => {
  const opened = await open(t)
  const rule = ruleOf(opened)
  t.strictSame(rule.config(), DEFAULT_RETENTION)
  await opened.store.group.run(() =>
    rule.change({ default_days: 7, severity_days: { info: 3, warning: null } }, NOON),
  )
  await opened.reopen()
  const again = ruleOf(opened)
  t.strictSame(again.config(), {
    ...DEFAULT_RETENTION,
    default_days: 7,
    severity_days: { info: 3, warning: null, error: 90, critical: 365 },
  })
  t.equal(again.daysOf('info'), 3)
  t.equal(again.daysOf('warning'), 7, 'no days of its own')
})

t.test('a cleanup deletes what is over, says so, and remembers when; a dry run only says', async (t) => {
  const opened = await open(t)
  await aged(
    opened,
    [15, { severity: 'info' }],
    [13, { severity: 'info' }],
    [89, {}],
    [91, {}],
    [900, { severity: 'critical', event_type: 'emergency_stop' }],
  )
  const rule = ruleOf(opened)
  const wanted = {
    deleted_by_severity: { info: 1, warning: 0, error: 1, critical: 0 },
    deleted_count: 2,
    duration_ms: Number,
    errors: [],
  }
  t.match(await rule.cleanup(true), wanted)
  t.equal(rule.lastCleanup(), null)
  t.match(await rule.cleanup(false), wanted)
  t.equal(rule.lastCleanup(), NOON)
  t.strictSame(opened.rows('SELECT id FROM audit_logs ORDER BY id'), [{ id: 2 }, { id: 3 }, { id: 5 }])
  t.match(await rule.cleanup(false), { deleted_count: 0 })
})

t.test('two cleanups at once count each entry once', async (t) => {
  const opened = await open(t)
  await aged(opened, ...Array.from({ length: 1_500 }, (): [number, object] => [99, {}]))
  const rule = ruleOf(opened)
  const counted = await Promise.all([rule.cleanup(false), rule.cleanup(false)])
  t.strictSame(
    counted.map(({ deleted_count }) => deleted_count),
    [1_500, 0],
  )
})

t.test('at start and every hour old entries go by themselves, unless that is off', async (t) => {
  const opened = await open(t)
  await aged(opened, [99, {}])
  const off = ruleOf(opened)
  await opened.store.group.run(() => off.change({ enabled: false }, NOON))
  off.start()
  await off.close()
  t.equal(off.lastCleanup(), null)
  await opened.store.group.run(() => off.change({ enabled: true }, NOON))

  const rule = ruleOf(opened)
  rule.start()
  await until(
    () => opened.rows<{ event_type: string }>('SELECT * FROM audit_logs')[0]?.event_type === 'audit_cleaned',
  )
  await rule.close()
  t.match(opened.rows('SELECT * FROM audit_logs'), [
    { event_type: 'audit_cleaned', source_type: 'scheduler', message: '1 old entries were deleted' },
  ])
})

t.test('the figures: how many of what, since when, and what the next cleanup would delete', async (t) => {
  const opened = await open(t)
  await aged(opened, [99, {}], [1, {}], [0, { severity: 'info', event_type: 'device_online' }])
  const figures = createAuditStatistics(opened.store, ruleOf(opened), () => performance.now())
  t.match(await figures(), {
    total: 3,
    by_severity: { error: 2, info: 1 },
    by_event_type: { mqtt_error: 2, device_online: 1 },
    oldest: NOON - 99 * DAY,
    newest: NOON,
    pending: { info: 0, warning: 0, error: 1, critical: 0 },
  })
})

t.test('many who ask at once are answered by one count, which is used for a while', async (t) => {
  const opened = await open(t)
  await aged(opened, [0, {}])
  let clock = 0
  // Each look at the clock moves it by a millisecond: a count takes two, its answer is good for forty.
  const figures = createAuditStatistics(opened.store, ruleOf(opened), () => clock++)
  const [first, second] = await Promise.all([figures(), figures()])
  t.equal(first, second, 'the very same answer')
  await aged(opened, [0, {}])
  t.equal((await figures()).total, 1)
  clock += 40
  t.equal((await figures()).total, 2)
})

t.test('kaiser writes down its start and stop, and each state of storage once a minute', async (t) => {
  const opened = await open(t)
  let leftOut = 0
  const audit = createSystemAudit(
    opened.store.auditLogs,
    () => opened.clock.now,
    () => leftOut++,
  )
  audit.started('1.2.3')
  for (let n = 0; n < 3; n++) {
    audit.storage('failing', 'disk I/O error')
    audit.storage('open', 'disk I/O error')
    audit.storage('ok', '')
  }
  audit.mqttFailed('EMFILE')
  audit.stopped('1.2.3')
  await opened.store.group.run(() => {})
  t.match(opened.rows('SELECT * FROM audit_logs ORDER BY id'), [
    { event_type: 'service_start', source_id: 'kaiser', details: '{"version":"1.2.3"}' },
    {
      event_type: 'database_error',
      severity: 'error',
      status: 'failed',
      error_description: 'disk I/O error',
    },
    { event_type: 'database_error', severity: 'critical', error_code: 'breaker_open' },
    { event_type: 'database_error', severity: 'info', status: 'success', error_description: null },
    { event_type: 'mqtt_error', source_type: 'mqtt', error_description: 'EMFILE' },
    { event_type: 'service_stop' },
  ])
  t.equal(leftOut, 6)
})
