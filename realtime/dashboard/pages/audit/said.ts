/**
 * What an entry says, put together from its facts in the language of the page. English is what the server wrote; where
 * the facts do not say all of it, as with a device's own words, the server's sentence stays.
 */
import type { Said } from '../../../../routing/contract/said.js'
import { language, t, wordFor, wordIf } from '../../words/index.js'
import { saidIn } from '../../words/said.js'
import { number } from '../../words/times.js'
import type { AuditEntry } from './entries.js'

type Say = (entry: AuditEntry) => string | undefined

const place = ({ details }: AuditEntry) => ({
  command: wordFor('actuators.commands', String(details.command)),
  gpio: String(details.gpio),
  esp_id: String(details.esp_id),
})
const byReason: Say = ({ source_id, details }) =>
  typeof details.reason === 'string' ? `${source_id}: ${details.reason}` : undefined

const sayings: Readonly<Record<string, Say>> = {
  actuator_command: (entry) =>
    t('audit.said.command', { ...place(entry), issued_by: String(entry.details.issued_by) }),
  actuator_command_failed(entry) {
    const reason = saidIn('command', entry.details.said as Said | undefined)
    return reason && t('audit.said.command_failed', { ...place(entry), reason })
  },
  audit_cleaned: ({ details }) =>
    typeof details.deleted_count === 'number'
      ? t('audit.said.cleaned', { n: number(details.deleted_count) }, details.deleted_count)
      : undefined,
  device_offline({ source_id, details }) {
    const reason = wordIf('actuators.silences', String(details.reason))
    return reason && `${source_id}: ${reason}`
  },
  device_online: ({ source_id }) => t('audit.said.online', { source_id }),
  emergency_armed: byReason,
  emergency_released: byReason,
  emergency_stop: byReason,
  safe_mode: ({ source_id, details }) =>
    details.reason
      ? undefined
      : t(details.safe_mode_active ? 'audit.said.safe_mode' : 'audit.said.safe_mode_over', { source_id }),
  zone_acknowledged: ({ source_id, status, details }) =>
    status === 'success'
      ? t('audit.said.zone_taken', { source_id, zone_id: String(details.zone_id) })
      : undefined,
}

/** Undefined where the server's own sentence is to be shown. */
export function entrySaid(entry: AuditEntry): string | undefined {
  if (language() === 'en' || !Object.hasOwn(sayings, entry.event_type)) return undefined
  return sayings[entry.event_type]!(entry)
}
