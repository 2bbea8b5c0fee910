/** A device says in which state it is. protocol.md §1.1 U23 */
import { DeviceStatusPayload } from '../contract/device-payloads.js'
import { fromDevice } from '../contract/topics.js'
import { emit } from '../effect.js'
import { handler } from '../handler.js'
import { bootOf, givenOf, report, withHealth } from '../self-report.js'

const STATUS = [
  'webserver_active',
  'wifi_connected',
  'wifi_ssid',
  'mqtt_connected',
  'zone_configured',
  'zone_id',
  'master_zone_id',
  'sensors_configured',
  'actuators_configured',
] as const

export const deviceStatus = handler({
  topic: fromDevice.deviceStatus,
  payload: DeviceStatusPayload,
  knownDevice: true,

  handle(context, message) {
    const { topic, device, payload, received_at } = message
    const status = givenOf(payload, STATUS)
    const { device: next, effects } = report(context, message, {
      ...bootOf(device, payload),
      system_state: payload.system_state ?? device.system_state,
      heap_free: payload.heap_free ?? payload.free_heap ?? device.heap_free,
      uptime: payload.uptime ?? device.uptime,
      health: withHealth(device, { status: { ...status, at: received_at } }),
    })
    return [
      emit('esp_status', {
        esp_id: next.device_id,
        system_state: next.system_state,
        status,
        timestamp: received_at / 1000,
        topic,
      }),
      ...effects,
    ]
  },
})
