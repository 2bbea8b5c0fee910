/**
 * A device is alive. Remember its health and tell the watchers; answer at once, without waiting for the disk,
 * because the answer feeds the device's safety timer. A stranger is listed for approval, as discovery says.
 */
import type { Device } from '../../storage/devices.js'
import { Heartbeat, type HeartbeatAck } from '../contract/payloads.js'
import { format, fromDevice, toDevice } from '../contract/topics.js'
import { hardwareTypeOf } from '../data-source.js'
import { answer, type Context, type Effect, emit, handler, type Message, type Refused } from '../handler.js'
import { isKnown } from '../registry.js'

/** A waiting device is announced again at most this often; a rejected one may ask again after it, ms. */
const ASK_AGAIN = 300_000

type Beat = Message<typeof fromDevice.heartbeat, Heartbeat>

const ack = (device: Device, { levels, received_at }: Beat): Effect =>
  answer(format(toDevice.heartbeatAck, levels), {
    status: device.status,
    config_available: false,
    server_time: Math.floor(received_at / 1000),
    ack_type: 'heartbeat',
    contract_version: 2,
    handover_epoch: 1,
  } satisfies HeartbeatAck)

/** What a heartbeat says about the device's health; what it leaves out stays as it was. */
const health = (device: Device | undefined, { payload, received_at, address }: Beat) => ({
  last_seen: received_at,
  heap_free: payload.heap_free ?? payload.free_heap ?? null,
  wifi_rssi: payload.wifi_rssi,
  uptime: payload.uptime,
  sensor_count: payload.sensor_count ?? payload.active_sensors ?? device?.sensor_count ?? 0,
  actuator_count: payload.actuator_count ?? payload.active_actuators ?? device?.actuator_count ?? 0,
  error_count: payload.error_count ?? device?.error_count ?? 0,
  firmware_version: payload.firmware_version ?? device?.firmware_version ?? null,
  ip_address: payload.wifi_ip ?? address ?? device?.ip_address ?? null,
})

/** A device has booted when it says so, or when its uptime fell; `seq` counts anew from there. */
const boot = (device: Device, payload: Heartbeat) => {
  const id = payload.boot_sequence_id == null ? device.boot_sequence_id : String(payload.boot_sequence_id)
  const booted = id !== device.boot_sequence_id || payload.uptime < (device.uptime ?? 0)
  return { boot_sequence_id: id, boot: booted ? device.boot + 1 : device.boot }
}

function discover(context: Context, beat: Beat): readonly Effect[] | Refused {
  const { levels, payload, received_at, topic } = beat
  const { esp_id } = levels
  if (context.discovery === 'off') return { code: 'device_unknown', detail: `${esp_id} is not registered` }
  if (!context.admit(received_at))
    return {
      code: 'device_unknown',
      detail: `${esp_id} is not listed: too many new devices at once, it may ask again`,
    }

  const device = context.store.devices.insert(
    esp_id,
    {
      hardware_type: payload.hardware_type ?? hardwareTypeOf(esp_id),
      status: 'pending_approval',
      discovered_at: received_at,
      boot_sequence_id: payload.boot_sequence_id == null ? null : String(payload.boot_sequence_id),
      ...health(undefined, beat),
    },
    received_at,
  )
  return [ack(device, beat), discovered(device, topic, received_at)]
}

const discovered = (device: Device, topic: string, received_at: number): Effect =>
  emit('device_discovered', {
    esp_id: device.device_id,
    device_id: device.device_id,
    discovered_at: (device.discovered_at ?? received_at) / 1000,
    last_seen: received_at / 1000,
    zone_id: device.zone_id,
    heap_free: device.heap_free,
    wifi_rssi: device.wifi_rssi,
    sensor_count: device.sensor_count,
    actuator_count: device.actuator_count,
    hardware_type: device.hardware_type,
    ip_address: device.ip_address,
    topic,
  })

/** A device that waits for approval, or was rejected, is only answered; now and then it is announced again. */
function wait({ store }: Context, beat: Beat, device: Device): readonly Effect[] {
  const { received_at, topic } = beat
  const asked = device.status === 'rejected' ? (device.last_rejection_at ?? 0) : (device.last_seen ?? 0)
  if (received_at - asked < ASK_AGAIN) return [ack(device, beat)]
  const next = store.devices.update(
    device,
    { ...health(device, beat), ...boot(device, beat.payload), status: 'pending_approval' },
    received_at,
  )
  return [ack(next, beat), discovered(next, topic, received_at)]
}

export const heartbeat = handler({
  topic: fromDevice.heartbeat,
  payload: Heartbeat,
  knownDevice: false,
  invalid: ({ heap_free, free_heap }) =>
    heap_free == null && free_heap == null ? 'heap_free (or free_heap) is required' : undefined,

  handle(context, beat) {
    const { device, payload, received_at, topic } = beat
    if (!device) return discover(context, beat)
    if (!isKnown(device)) return wait(context, beat, device)

    const next = context.store.devices.update(
      device,
      { ...health(device, beat), ...boot(device, payload), status: 'online' },
      received_at,
    )
    return [
      ack(next, beat),
      emit('esp_health', {
        esp_id: next.device_id,
        device_id: next.device_id,
        status: next.status,
        heap_free: next.heap_free,
        wifi_rssi: next.wifi_rssi,
        uptime: next.uptime,
        sensor_count: next.sensor_count,
        actuator_count: next.actuator_count,
        timestamp: received_at / 1000,
        topic,
      }),
    ]
  },
})
