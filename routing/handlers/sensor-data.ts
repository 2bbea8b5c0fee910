/**
 * A sensor reported a value. Measure it, remember it, tell the watchers, ask the rules.
 * A reading that is already stored (redelivery) changes nothing and says nothing.
 */
import { SensorData } from '../contract/payloads.js'
import { fromDevice } from '../contract/topics.js'
import { emit, evaluate, handler } from '../handler.js'
import { invalidReading, measure } from '../measure.js'
import { sensorDataEvent } from '../sensor-data-event.js'
import { isFresh } from '../time.js'

/** A device counts as alive while data flows; its row is written at most this often for it, ms. */
const SEEN_EVERY = 60_000

export const sensorData = handler({
  topic: fromDevice.sensorData,
  payload: SensorData,
  knownDevice: true,
  invalid: invalidReading,

  handle({ store, tolerate, duplicate }, { topic, device, levels: { gpio }, payload, received_at }) {
    const reading = measure(device, gpio, payload, received_at, (what) =>
      tolerate(what, device.device_id, received_at),
    )
    if (!store.readings.insert(reading)) {
      duplicate()
      return []
    }
    if (received_at - (device.last_seen ?? 0) >= SEEN_EVERY)
      store.devices.update(device, { last_seen: received_at, status: 'online' }, received_at)

    const told = emit('sensor_data', sensorDataEvent(reading, topic))
    return isFresh(reading.timestamp, received_at) ? [told, evaluate(reading)] : [told]
  },
})
