/**
 * What became of a system command. It needs no registered device: what was done is told and written down, whoever
 * says it. protocol.md §1.1 U18
 */
import { SystemResponse } from '../contract/device-payloads.js'
import { fromDevice } from '../contract/topics.js'
import { emit } from '../effect.js'
import { handler } from '../handler.js'
import { isKnown } from '../registry.js'
import { besides } from '../self-report.js'
import { trim } from '../trim.js'

export const systemResponse = handler({
  topic: fromDevice.systemResponse,
  payload: SystemResponse,
  knownDevice: false,

  handle({ presence, audit }, { topic, levels: { esp_id }, device, payload, received_at }) {
    const { command, success } = payload
    const message = payload.message ?? null
    const correlation_id = payload.correlation_id ?? payload.intent_id ?? payload.request_id ?? null
    const details = trim(besides(payload, SystemResponse))
    audit.record(
      {
        event_type: 'command_response',
        severity: success ? 'info' : 'warning',
        source_type: 'esp32',
        source_id: esp_id,
        status: success ? 'success' : 'failed',
        message: `${esp_id}: ${command} ${success ? 'done' : 'failed'}${message ? `: ${message}` : ''}`,
        details: { ...details, command, success, message },
        correlation_id,
      },
      received_at,
    )
    return [
      emit('system_response', {
        esp_id,
        command,
        success,
        message,
        correlation_id,
        request_id: payload.request_id ?? null,
        details,
        timestamp: received_at / 1000,
        topic,
      }),
      ...(isKnown(device) ? presence.seen(device, received_at, topic) : []),
    ]
  },
})
