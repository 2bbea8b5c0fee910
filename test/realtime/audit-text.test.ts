/** Entries of the audit found by a text that is somewhere in them. rest-contract §12 */
import t from 'tap'
import type { AuditEntry } from '../../storage/audit-logs.js'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'

t.test('an entry is found by a text in any of its words, together with the other filters', async (t) => {
  const app = await openApp(t)
  const { viewer: token } = await people(app)
  const about = (source_id: string, more: Partial<AuditEntry>): AuditEntry => ({
    event_type: 'config_response',
    severity: 'info',
    source_type: 'esp32',
    source_id,
    status: 'success',
    ...more,
  })
  await app.store.group.run(() => {
    const entries = [
      about('A', { message: 'Pump is 100 % on' }),
      about('B', { details: { pin: 'PUMP_2' }, severity: 'error' }),
      about('C', { error_description: 'the pump answered nothing', status: 'failed' }),
      about('pump_house', {}),
      about('E', { message: 'nothing of that kind' }),
    ]
    for (const entry of entries) app.store.auditLogs.insert(entry, Date.now())
  })
  const found = async (query: string): Promise<unknown> => {
    const { body } = await request(app, 'GET', `/audit?source_type=esp32&${query}`, { token })
    const ids = (body.data as { source_id: string }[]).map(({ source_id }) => source_id).sort()
    t.equal(body.total, ids.length)
    return ids
  }
  t.strictSame(await found('text=pump'), ['A', 'B', 'C', 'pump_house'])
  t.strictSame(await found('text=pump&severity=error'), ['B'])
  t.strictSame(await found('text=100%20%25'), ['A'], 'a percent sign stands for itself')
  t.strictSame(await found('text=config_resp'), ['A', 'B', 'C', 'E', 'pump_house'])
  t.strictSame(await found(`text=${encodeURIComponent("' OR 1=1 --")}`), [])
  const long = await request(app, 'GET', `/audit?text=${'x'.repeat(201)}`, { token })
  t.equal(long.status, 422)
})
