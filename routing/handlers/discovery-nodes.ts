/**
 * How older firmware asks to be let in (deprecated: a heartbeat does the same). The device stands in the payload,
 * because the topic has no level for it. protocol.md §1.1 U27
 */
import type { Device } from '../../storage/devices.js'
import { DiscoveryNodes } from '../contract/device-payloads.js'
import { fromDevice } from '../contract/topics.js'
import { askAgain, discovered, list } from '../discovery.js'
import { handler } from '../handler.js'
import { isKnown } from '../registry.js'

/** What it says of itself; what it leaves out stays as it was. */
const said = (device: Device | undefined, payload: DiscoveryNodes, address: string | null) => ({
  ...(payload.hardware_type != null && { hardware_type: payload.hardware_type }),
  firmware_version: payload.firmware_version ?? device?.firmware_version ?? null,
  ip_address: payload.ip_address ?? payload.wifi_ip ?? address ?? device?.ip_address ?? null,
  mac_address: payload.mac_address ?? device?.mac_address ?? null,
  heap_free: payload.heap_free ?? payload.free_heap ?? device?.heap_free ?? null,
  wifi_rssi: payload.wifi_rssi ?? device?.wifi_rssi ?? null,
  sensor_count: payload.sensor_count ?? device?.sensor_count ?? 0,
  actuator_count: payload.actuator_count ?? device?.actuator_count ?? 0,
})

export const discoveryNodes = handler({
  topic: fromDevice.discoveryNodes,
  payload: DiscoveryNodes,
  knownDevice: false,

  handle(context, { topic, payload, received_at, address }) {
    const { presence, store } = context
    const device = store.devices.find(payload.esp_id)
    if (isKnown(device)) return presence.seen(device, received_at, topic)
    const introduction = said(device, payload, address)
    if (device) {
      const again = askAgain(context, device, introduction, received_at)
      return again ? [discovered(again, topic, received_at)] : []
    }
    const listed = list(context, payload.esp_id, introduction, received_at)
    if ('code' in listed) return listed
    return isKnown(listed)
      ? presence.seen(listed, received_at, topic)
      : [discovered(listed, topic, received_at)]
  },
})
