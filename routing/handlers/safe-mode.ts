/** A device went into safe mode, or left it. protocol.md §1.1 U24 */
import { SafeMode } from '../contract/device-payloads.js'
import { fromDevice } from '../contract/topics.js'
import { emit } from '../effect.js'
import { handler } from '../handler.js'
import { report, withHealth } from '../self-report.js'

export const safeMode = handler({
  topic: fromDevice.safeMode,
  payload: SafeMode,
  knownDevice: true,

  handle(context, message) {
    const { topic, device, payload, received_at } = message
    const { safe_mode_active } = payload
    const reason = payload.reason ?? null
    const left = device.system_state === 'SAFE_MODE' ? 'OPERATIONAL' : device.system_state
    const { effects } = report(context, message, {
      system_state: safe_mode_active ? 'SAFE_MODE' : left,
      health: withHealth(device, { safe_mode: { safe_mode_active, reason, at: received_at } }),
    })
    context.audit.record(
      {
        event_type: 'safe_mode',
        severity: safe_mode_active ? 'warning' : 'info',
        source_type: 'esp32',
        source_id: device.device_id,
        status: safe_mode_active ? 'active' : 'cleared',
        message: `${device.device_id} ${safe_mode_active ? 'is in safe mode' : 'left safe mode'}${reason ? `: ${reason}` : ''}`,
        details: { safe_mode_active, reason },
      },
      received_at,
    )
    return [
      emit('esp_safe_mode', {
        esp_id: device.device_id,
        safe_mode_active,
        reason,
        timestamp: received_at / 1000,
        topic,
      }),
      ...effects,
    ]
  },
})
