/** What became of a configuration: each config learns its own result, and one entry goes into the audit. protocol.md §2.7 */
import { firstHeard } from '../actuators/first-heard.js'
import { answered, type Failure, statusOf } from '../configuration/answered.js'
import { CONFIG_STATUSES, CONFIG_TYPES, ConfigResponse } from '../contract/actuator-payloads.js'
import { fromDevice } from '../contract/topics.js'
import { emit } from '../effect.js'
import { type Context, handler, type Message } from '../handler.js'
import { trim } from '../trim.js'

type Answer = Message<typeof fromDevice.configResponse, ConfigResponse, true>

const SEVERITIES = { success: 'info', partial_success: 'warning', error: 'error' } as const

const textOf = ({ payload }: Answer, type: string, failures: readonly Failure[]): string =>
  payload.message ||
  `${payload.count ?? 0} ${type} configs applied, ${payload.failed_count ?? failures.length} failed`

const idOf = ({ correlation_id, intent_id, request_id }: ConfigResponse): string | null =>
  correlation_id ?? intent_id ?? request_id ?? null

function write({ audit }: Context, answer: Answer, type: string, failures: readonly Failure[]): void {
  const { device, payload, received_at } = answer
  const status = statusOf(payload)
  audit.record(
    {
      event_type: 'config_response',
      severity: SEVERITIES[status],
      source_type: 'esp32',
      source_id: device.device_id,
      status: status === 'error' ? 'failed' : status,
      message: textOf(answer, type, failures),
      details: {
        config_type: type,
        count: payload.count ?? 0,
        failed_count: payload.failed_count ?? failures.length,
        failures,
        generation: payload.generation ?? null,
        reason_code: payload.reason_code ?? null,
        config_fingerprint: payload.config_fingerprint ?? null,
      },
      error_code: payload.error_code == null ? null : String(payload.error_code),
      error_description: failures[0]?.detail ?? null,
      correlation_id: idOf(payload),
      request_id: payload.request_id ?? null,
    },
    received_at,
  )
}

export const configResponse = handler({
  topic: fromDevice.configResponse,
  payload: ConfigResponse,
  knownDevice: true,
  invalid({ status, type, config_type }) {
    if (!CONFIG_STATUSES.some((word) => word === status.toLowerCase()))
      return `status is ${status}; allowed: ${CONFIG_STATUSES.join(', ')}`
    const word = (type ?? config_type)?.toLowerCase()
    if (word === undefined) return 'type (or config_type) is required'
    return CONFIG_TYPES.some((known) => known === word)
      ? undefined
      : `type is ${word}; allowed: ${CONFIG_TYPES.join(', ')}`
  },

  handle(context, answer) {
    const { presence } = context
    const { topic, device, payload, received_at } = answer
    const { device_id: esp_id } = device
    const type = (payload.type ?? payload.config_type)!.toLowerCase()
    const seen = presence.seen(device, received_at, topic)
    // One configuration may be answered like the one before it.
    const words = [
      'config_response',
      esp_id,
      type,
      statusOf(payload),
      payload.count,
      payload.failed_count,
      payload.message,
      payload.request_id,
      payload.generation,
    ]
    if (!firstHeard(context, answer, words)) return seen

    const failures = answered(context, device, payload, received_at)
    write(context, answer, type, failures)
    return [
      emit('config_response', {
        esp_id,
        config_type: type,
        status: statusOf(payload),
        count: payload.count ?? 0,
        failed_count: payload.failed_count ?? failures.length,
        message: textOf(answer, type, failures),
        error_code: payload.error_code == null ? null : String(payload.error_code),
        error_description: failures[0]?.detail ?? failures[0]?.error ?? null,
        failed_item: payload.failed_item ? trim(payload.failed_item) : null,
        failures,
        correlation_id: idOf(payload),
        request_id: payload.request_id ?? null,
        generation: payload.generation ?? null,
        config_fingerprint: payload.config_fingerprint ?? null,
        timestamp: received_at / 1000,
        topic,
      }),
      ...seen,
    ]
  },
})
