/**
 * A device says what became of its zone. An answer to nothing it was asked, such as one about another device's
 * zone, changes nothing and is refused; one that comes again says nothing. protocol.md §2.8, §3.8
 */
import { fromDevice } from '../contract/topics.js'
import { ZoneAck } from '../contract/zone-payloads.js'
import { handler } from '../handler.js'
import { report } from '../self-report.js'

export const zoneAck = handler({
  topic: fromDevice.zoneAck,
  payload: ZoneAck,
  knownDevice: true,

  handle(context, message) {
    const { topic, device, payload, received_at } = message
    const answered = context.zoning.zones.acknowledge(device, payload, received_at, topic)
    if (answered === 'duplicate' || 'code' in answered) {
      const seen = context.presence.seen(device, received_at, topic)
      if (answered !== 'duplicate') return { ...answered, effects: seen }
      context.duplicate()
      return seen
    }
    const { effects } = report(context, message, answered.changes)
    return [...answered.effects, ...effects]
  },
})
