/** A device says what became of a subzone; as with zones, only what it was asked for. protocol.md §2.8, §3.8 */
import { fromDevice } from '../contract/topics.js'
import { SubzoneAck } from '../contract/zone-payloads.js'
import { handler } from '../handler.js'

export const subzoneAck = handler({
  topic: fromDevice.subzoneAck,
  payload: SubzoneAck,
  knownDevice: true,

  handle(context, { topic, device, payload, received_at }) {
    const seen = context.presence.seen(device, received_at, topic)
    const answered = context.zoning.subzones.acknowledge(device.device_id, payload, received_at, topic)
    if (answered === 'duplicate') {
      context.duplicate()
      return seen
    }
    return 'code' in answered ? { ...answered, effects: seen } : [...answered, ...seen]
  },
})
