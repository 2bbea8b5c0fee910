/**
 * Something went wrong on a device: told with what the code means and what to do, and written down once a minute
 * at most. protocol.md §2.9, §3.8
 */
import type { Severity } from '../../storage/audit-logs.js'
import { SystemError } from '../contract/device-payloads.js'
import { fromDevice } from '../contract/topics.js'
import { emit } from '../effect.js'
import { categoryOf, espErrorCode } from '../esp-error-codes.js'
import { handler } from '../handler.js'
import { givenOf } from '../self-report.js'
import { trim } from '../trim.js'

const SEVERITIES: readonly Severity[] = ['info', 'warning', 'error', 'critical']
const WORDS: ReadonlyMap<string, Severity> = new Map([
  ['debug', 'info'],
  ['info', 'info'],
  ['notice', 'info'],
  ['warn', 'warning'],
  ['warning', 'warning'],
  ['err', 'error'],
  ['error', 'error'],
  ['fatal', 'critical'],
  ['critical', 'critical'],
])

const severityOf = (said: number | string): Severity =>
  (typeof said === 'number' ? SEVERITIES[said] : WORDS.get(said.toLowerCase())) ?? 'error'

/** Older firmware says beside the context where it happened. protocol.md §2.9 */
const contextOf = (payload: SystemError): Record<string, unknown> =>
  trim({ ...payload.context, ...givenOf(payload, ['module', 'function', 'stack_trace']) })

export const systemError = handler({
  topic: fromDevice.systemError,
  payload: SystemError,
  knownDevice: true,

  handle({ presence, audit }, { topic, device, payload, received_at }) {
    const { error_code } = payload
    const known = espErrorCode(error_code)
    const severity = severityOf(payload.severity)
    const title = known?.name ?? String(error_code)
    const message = payload.message ?? known?.message ?? `Error ${error_code}`
    const category = payload.category ?? known?.category ?? categoryOf(Number(error_code))
    const context = contextOf(payload)
    audit.record(
      {
        event_type: 'mqtt_error',
        severity,
        source_type: 'esp32',
        source_id: device.device_id,
        status: 'failed',
        message,
        details: { title, category, context },
        error_code: String(error_code),
        error_description: known?.message ?? null,
        correlation_id: payload.correlation_id ?? null,
      },
      received_at,
    )
    return [
      emit('error_event', {
        esp_id: device.device_id,
        esp_name: device.name,
        error_log_id: null,
        error_code,
        severity,
        category,
        title,
        message,
        message_de: known?.message_de ?? message,
        troubleshooting: [...(known?.troubleshooting ?? [])],
        user_action_required: known?.user_action_required ?? severity === 'critical',
        recoverable: known?.recoverable ?? severity !== 'critical',
        context,
        timestamp: received_at / 1000,
        topic,
      }),
      ...presence.seen(device, received_at, topic),
    ]
  },
})
