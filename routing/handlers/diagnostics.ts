/** A device says how it does, in detail. protocol.md §2.10 */
import { DIAGNOSIS, Diagnostics } from '../contract/device-payloads.js'
import { fromDevice } from '../contract/topics.js'
import { emit } from '../effect.js'
import { handler } from '../handler.js'
import { healthStatusOf } from '../health-status.js'
import { bootOf, givenOf, report, withHealth } from '../self-report.js'

export const diagnostics = handler({
  topic: fromDevice.diagnostics,
  payload: Diagnostics,
  knownDevice: true,

  invalid: ({ heap_free, free_heap }) =>
    heap_free == null && free_heap == null ? 'heap_free (or free_heap) is required' : undefined,

  handle(context, message) {
    const { topic, device, payload, received_at } = message
    const said = givenOf(payload, DIAGNOSIS)
    const vitals = {
      heap_free: payload.heap_free ?? payload.free_heap ?? null,
      wifi_rssi: payload.wifi_rssi,
      error_count: payload.error_count ?? device.error_count,
    }
    const { device: next, effects } = report(context, message, {
      ...vitals,
      ...bootOf(device, { ...payload, uptime: payload.uptime_seconds ?? null }),
      uptime: payload.uptime_seconds ?? device.uptime,
      sensor_count: payload.sensor_count ?? device.sensor_count,
      actuator_count: payload.actuator_count ?? device.actuator_count,
      system_state: payload.system_state ?? device.system_state,
      reset_reason: payload.reset_reason ?? device.reset_reason,
      health_status: healthStatusOf(vitals),
      health: withHealth(device, { diagnostics: { ...said, at: received_at } }),
    })
    return [
      emit('esp_diagnostics', {
        esp_id: next.device_id,
        health_status: next.health_status,
        system_state: next.system_state,
        heap_free: next.heap_free,
        wifi_rssi: next.wifi_rssi,
        uptime: next.uptime,
        error_count: next.error_count,
        diagnostics: said,
        timestamp: received_at / 1000,
        topic,
      }),
      ...effects,
    ]
  },
})
