/**
 * Several sensors reported values in one message. Items carry engineering values unless they say otherwise, and
 * inherit time and sequence number from the message. Each is a reading like any other: what cannot be taken is
 * refused, the rest is kept.
 */
import { SensorBatch } from '../contract/payloads.js'
import { fromDevice } from '../contract/topics.js'
import type { Effect } from '../effect.js'
import { handler, type Refused } from '../handler.js'
import { invalidReading, type Reported } from '../measure.js'
import { takeReading } from '../take-reading.js'

type Item = SensorBatch['sensors'][number]

/** An item with what the message says for all of them. */
const reported = (batch: SensorBatch, item: Item): Reported => ({
  ...item,
  ts: item.ts ?? item.timestamp ?? batch.ts ?? batch.timestamp ?? null,
  time_valid: item.time_valid ?? batch.time_valid ?? null,
  seq: item.seq ?? batch.seq ?? null,
  raw_mode: item.raw_mode ?? item.raw != null,
  ...(batch._test_mode !== undefined && { _test_mode: batch._test_mode }),
  ...(batch._source !== undefined && { _source: batch._source }),
})

export const sensorBatch = handler({
  topic: fromDevice.sensorBatch,
  payload: SensorBatch,
  knownDevice: true,
  invalid(batch) {
    for (const [index, item] of batch.sensors.entries()) {
      const wrong = invalidReading(reported(batch, item))
      if (wrong) return `sensors.${index}: ${wrong}`
    }
    return undefined
  },

  handle(context, { topic, device, payload, received_at }) {
    const effects: Effect[] = []
    let refused: Refused | undefined
    for (const item of payload.sensors) {
      const taken = takeReading(
        context,
        { device, gpio: item.gpio, topic, received_at },
        reported(payload, item),
      )
      if ('code' in taken) refused = taken
      else effects.push(...taken)
    }
    effects.push(...context.presence.seen(device, received_at, topic))
    return refused ? { ...refused, effects } : effects
  },
})
