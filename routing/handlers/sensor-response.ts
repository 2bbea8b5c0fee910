/** What became of a command to a sensor, such as a measurement somebody asked for. protocol.md §1.1 U3 */
import { SensorResponse } from '../contract/device-payloads.js'
import { fromDevice } from '../contract/topics.js'
import { emit } from '../effect.js'
import { handler } from '../handler.js'
import { isKnown } from '../registry.js'
import { besides } from '../self-report.js'
import { trim } from '../trim.js'

export const sensorResponse = handler({
  topic: fromDevice.sensorResponse,
  payload: SensorResponse,
  knownDevice: false,

  handle({ presence, audit }, { topic, levels: { esp_id, gpio }, device, payload, received_at }) {
    const { success } = payload
    const command = payload.command ?? null
    const message = payload.message ?? null
    const correlation_id = payload.correlation_id ?? payload.intent_id ?? payload.request_id ?? null
    const details = trim(besides(payload, SensorResponse))
    audit.record(
      {
        event_type: 'sensor_response',
        severity: success ? 'info' : 'warning',
        source_type: 'esp32',
        source_id: esp_id,
        status: success ? 'success' : 'failed',
        message: `${esp_id} gpio ${gpio}: ${command ?? 'command'} ${success ? 'done' : 'failed'}${message ? `: ${message}` : ''}`,
        details: { ...details, gpio, command, success, message, quality: payload.quality ?? null },
        correlation_id,
      },
      received_at,
    )
    return [
      emit('sensor_response', {
        esp_id,
        gpio,
        command,
        success,
        message,
        quality: payload.quality ?? null,
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
