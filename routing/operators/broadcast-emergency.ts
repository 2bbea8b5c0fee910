/** Somebody stops everything, or a zone, on the topic all devices listen to. protocol.md §1.2 D3 */
import { OperatorEmergency } from '../contract/operator-payloads.js'
import { toDevice } from '../contract/topics.js'
import { invalid, take } from '../emergency/over-mqtt.js'
import { handler } from '../handler.js'

export const broadcastEmergency = handler({
  topic: toDevice.broadcastEmergency,
  payload: OperatorEmergency,
  knownDevice: false,
  urgent: true,
  invalid: (payload) =>
    payload.esp_id != null || payload.gpio != null
      ? 'a broadcast stops everything, or a zone; for one device use its own topic'
      : invalid(payload),
  handle: (context, { payload, received_at, by, address }) =>
    take(
      context,
      { zone_id: payload.zone_id ?? null },
      payload,
      { by: by!, from: { ip_address: address } },
      received_at,
    ),
})
