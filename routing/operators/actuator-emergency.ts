/** Somebody stops a device, or one actuator of it, on the topic the device listens to. protocol.md §1.2 D2 */
import { OperatorEmergency } from '../contract/operator-payloads.js'
import { toDevice } from '../contract/topics.js'
import { invalid, take } from '../emergency/over-mqtt.js'
import { handler } from '../handler.js'

export const actuatorEmergency = handler({
  topic: toDevice.actuatorEmergency,
  payload: OperatorEmergency,
  knownDevice: true,
  urgent: true,
  invalid: (payload) =>
    payload.zone_id != null
      ? 'zone_id has no meaning on the topic of a device; stop a zone on kaiser/broadcast/emergency'
      : invalid(payload),
  handle: (context, { levels: { esp_id }, payload, received_at, by, address }) =>
    take(context, { esp_id }, payload, { by: by!, from: { ip_address: address } }, received_at),
})
