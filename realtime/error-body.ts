/** An error a device reported, from its entry in the audit and what its code means. protocol.md §2.9, §5.6 */
import Type from 'typebox'
import type { AuditLog } from '../storage/audit-logs.js'
import { type ErrorCodes, SeverityName } from './error-codes.js'
import { nullable, Time } from './shapes.js'
import { iso } from './web.js'

export const ErrorBody = Type.Object({
  id: Type.Integer(),
  esp_id: Type.String(),
  esp_name: nullable(Type.String()),
  error_code: nullable(Type.Integer()),
  name: nullable(Type.String({ description: 'of the code, where it is known' })),
  severity: SeverityName,
  category: nullable(Type.String()),
  message: Type.String({ description: 'what it means' }),
  esp_raw_message: nullable(Type.String({ description: 'what the device said' })),
  troubleshooting: Type.Array(Type.String()),
  recoverable: Type.Boolean(),
  user_action_required: Type.Boolean(),
  docs_link: Type.Null(),
  context: Type.Record(Type.String(), Type.Unknown()),
  repeated: Type.Integer({ minimum: 0, description: 'how often it was said again before this entry' }),
  timestamp: Time,
})

/** What the handler of `system/error` keeps beside the code. */
interface Details {
  category?: string
  context?: Record<string, unknown>
  repeated?: number
}

const numberOf = ({ error_code }: AuditLog): number | null => {
  const number = Number(error_code ?? Number.NaN)
  return Number.isInteger(number) ? number : null
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const errorBody = (entry: AuditLog, esp_name: string | null, codes: ErrorCodes) => {
  const { category, context, repeated = 0 } = JSON.parse(entry.details) as Details
  const known = entry.error_code === null ? undefined : codes.find(entry.error_code)
  return {
    id: entry.id,
    esp_id: entry.source_id ?? '',
    esp_name,
    error_code: numberOf(entry),
    name: known?.name ?? null,
    severity: entry.severity,
    category: category ?? known?.category ?? null,
    message: known?.message ?? entry.error_description ?? entry.message ?? 'Unknown error',
    esp_raw_message: entry.message,
    troubleshooting: known?.troubleshooting ?? [],
    recoverable: known?.recoverable ?? true,
    user_action_required: known?.user_action_required ?? false,
    docs_link: null,
    context: isObject(context) ? context : {},
    repeated,
    timestamp: iso(entry.created_at)!,
  }
}
