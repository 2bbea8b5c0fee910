/** A sensor reported a value. Measure it, remember it, tell the watchers, ask the rules. */
import { SensorData } from '../contract/payloads.js'
import { fromDevice } from '../contract/topics.js'
import { handler } from '../handler.js'
import { invalidReading } from '../measure.js'
import { takeReading } from '../take-reading.js'

export const sensorData = handler({
  topic: fromDevice.sensorData,
  payload: SensorData,
  knownDevice: true,
  invalid: invalidReading,

  handle(context, { topic, device, levels: { gpio }, payload, received_at }) {
    const effects = takeReading(context, { device, gpio, topic, received_at }, payload)
    const alive = context.presence.seen(device, received_at, topic)
    return alive.length === 0 || 'code' in effects ? effects : [...effects, ...alive]
  },
})
