/**
 * The broker says for a device that its connection broke: it is offline at once. A Will that somebody else's
 * newer connection caused is counted and says nothing about the device.
 */
import { Will } from '../contract/payloads.js'
import { fromDevice } from '../contract/topics.js'
import { handler } from '../handler.js'

/** The reasons the original knows; whatever else a Will says is an unexpected disconnect. protocol.md §3.7 */
export const REASONS: ReadonlySet<string> = new Set([
  'unexpected_disconnect',
  'network_failure',
  'power_loss',
  'broker_timeout',
  'watchdog_reset',
  'crash',
])

export const will = handler({
  topic: fromDevice.will,
  payload: Will,
  knownDevice: true,

  handle({ presence }, { topic, device, payload, received_at, taken_over }) {
    // A Will topic may be used to say that all is well.
    if (payload.status != null && payload.status.toLowerCase() !== 'offline')
      return presence.seen(device, received_at, topic)
    const said = payload.reason?.toLowerCase() ?? ''
    return presence.left(
      device,
      REASONS.has(said) ? said : 'unexpected_disconnect',
      received_at,
      topic,
      taken_over,
    )
  },
})
