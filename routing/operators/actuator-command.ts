/**
 * Somebody wishes something of an actuator, on the topic the device listens to: it is judged like every command, and
 * what the device hears is kaiser's own. The same correlation id again is the same command, delivered twice.
 */

import { OperatorCommand } from '../contract/operator-payloads.js'
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
    if (correlation_id !== undefined && actuators.book.recall(correlation_id)) {
      duplicate()
      return []
    }
    const { esp_id, gpio } = levels
    try {
      return actuators.issue(
        {
          esp_id,
          gpio,
          command,
          value,
          pwm,
          duration,
          issued_by: `user:${by!}`,
          correlation_id,
          wait: wait == null ? undefined : wait * 1000,
          from: { ip_address: address },
        },
        received_at,
      ).effects
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error
      return { code: 'payload_invalid', detail: detailOf(error) }
    }
  },
})
