/**
 * Somebody wishes something of an actuator, on the topic the device listens to: it is judged like every command, and
 * what the device hears is kaiser's own. The same correlation id again is the same command, delivered twice.
 */

import { differenceOf } from '../actuators/repeated.js'
import { OperatorCommand, strangeInCommand } from '../contract/operator-payloads.js'
import { toDevice } from '../contract/topics.js'
import { handler } from '../handler.js'
import { detailOf, RequestRefused } from '../request-refused.js'

export const actuatorCommand = handler({
  topic: toDevice.actuatorCommand,
  payload: OperatorCommand,
  knownDevice: true,
  urgent: true,

  handle({ actuators, duplicate }, { levels, payload, received_at, by, address }) {
    const { command, value, pwm, duration, wait } = payload
    const correlation_id = payload.correlation_id || undefined
    const wish = { ...levels, command, value, pwm, duration, issued_by: `user:${by!}` }
    const known = correlation_id === undefined ? undefined : actuators.book.recall(correlation_id)
    if (known && differenceOf(known, wish) === undefined) {
      duplicate()
      return []
    }
    try {
      return actuators.issue(
        {
          ...wish,
          correlation_id,
          wait: wait == null ? undefined : wait * 1000,
          from: { ip_address: address },
          // Ignored like everywhere in messages, but not without a word: it may be a misspelt duration.
          remark: strangeInCommand(payload),
        },
        received_at,
      ).effects
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error
      return { code: 'payload_invalid', detail: detailOf(error) }
    }
  },
})
