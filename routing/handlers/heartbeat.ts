/**
 * A device is alive. Remember its health and tell the watchers; answer at once, without waiting for the disk,
 * because the answer feeds the device's safety timer. A stranger is listed for approval, as discovery says.
 */
import type { Device } from '../../storage/devices.js'
import { CONDITION, Heartbeat, type HeartbeatAck } from '../contract/payloads.js'
import { format, fromDevice, toDevice } from '../contract/topics.js'
import { askAgain, discovered, list } from '../discovery.js'
import { answer, type Effect, emit } from '../effect.js'
import { espHealthEvent } from '../esp-health-event.js'
import { type Context, handler, type Message, type Refused } from '../handler.js'
import { healthStatusOf } from '../health-status.js'
import { isKnown } from '../registry.js'
import { bootOf, givenOf, withHealth } from '../self-report.js'
import { measuredAt } from '../time.js'

type Beat = Message<typeof fromDevice.heartbeat, Heartbeat>

const ack = ({ store }: Context, device: Device, { levels, received_at }: Beat): Effect =>
  answer(format(toDevice.heartbeatAck, levels), {
    status: device.status,
    config_available: [store.sensorConfigs, store.actuatorConfigs].some((configs) =>
      configs.list(device.device_id).some(({ config_status }) => config_status === 'pending'),
    ),
    server_time: Math.floor(received_at / 1000),
    ack_type: 'heartbeat',
    contract_version: 2,
    handover_epoch: 1,
  } satisfies HeartbeatAck)

/** What a heartbeat says about the device's health; what it leaves out stays as it was. */
function health(device: Device | undefined, { payload, received_at, address }: Beat) {
  const vitals = {
    heap_free: payload.heap_free ?? payload.free_heap ?? null,
    wifi_rssi: payload.wifi_rssi,
    error_count: payload.error_count ?? device?.error_count ?? 0,
  }
  return {
    ...vitals,
    last_seen: received_at,
    last_heartbeat: received_at,
    uptime: payload.uptime,
    sensor_count: payload.sensor_count ?? payload.active_sensors ?? device?.sensor_count ?? 0,
    actuator_count: payload.actuator_count ?? payload.active_actuators ?? device?.actuator_count ?? 0,
    firmware_version: payload.firmware_version ?? device?.firmware_version ?? null,
    ip_address: payload.wifi_ip ?? address ?? device?.ip_address ?? null,
    system_state: payload.system_state ?? device?.system_state ?? null,
    reset_reason: payload.reset_reason ?? device?.reset_reason ?? null,
    health_status: healthStatusOf(vitals),
    health: withHealth(device, givenOf(payload, CONDITION)),
  }
}

function discover(context: Context, beat: Beat): readonly Effect[] | Refused {
  const { levels, payload, received_at, topic } = beat
  const { hardware_type, boot_sequence_id } = payload
  const listed = list(
    context,
    levels.esp_id,
    {
      ...(hardware_type != null && { hardware_type }),
      ...(boot_sequence_id != null && { boot_sequence_id: String(boot_sequence_id) }),
      ...health(undefined, beat),
    },
    received_at,
  )
  return 'code' in listed ? listed : [ack(context, listed, beat), discovered(listed, topic, received_at)]
}

/** A device that waits for approval, or was rejected, is only answered; now and then it is announced again. */
function wait(context: Context, beat: Beat, device: Device): readonly Effect[] {
  const { received_at, topic, payload } = beat
  const said = { ...health(device, beat), ...bootOf(device, payload) }
  const next = askAgain(context, device, said, received_at)
  return next
    ? [ack(context, next, beat), discovered(next, topic, received_at)]
    : [ack(context, device, beat)]
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

    const { presence, store } = context
    const ts = payload.ts ?? payload.timestamp
    if (ts != null && measuredAt(ts, payload.time_valid, received_at).time_source === 'server')
      context.tolerate('clock_wrong', device.device_id, received_at)
    const { device: next, effects } = presence.alive(
      device,
      {
        ...health(device, beat),
        ...bootOf(device, payload),
        // Nobody described it: what it says of itself is better than a guess.
        ...(device.approved_by === 'discovery' &&
          payload.hardware_type != null && { hardware_type: payload.hardware_type }),
        heartbeat_interval: presence.interval(device, received_at),
      },
      received_at,
    )
    store.deviceHealth.sample(next, received_at)
    const told = presence.mayTell(next, received_at)
      ? [emit('esp_health', espHealthEvent(next, received_at, { topic }))]
      : []
    const zones = context.zoning.heard(next, payload, received_at, topic)
    if (next.boot !== device.boot) context.configuration.back(next.device_id)
    const configs = context.configuration.heard(next, payload, received_at)
    return [ack(context, next, beat), ...told, ...effects, ...zones, ...configs]
  },
})
