/**
 * One reported value, all the way: measured, kept, derived from, told. Shared by the messages that carry one
 * reading and those that carry many. A reading that is stored already (redelivery) changes nothing and says
 * nothing.
 */
import type { Device } from '../storage/devices.js'
import type { Reading } from '../storage/readings.js'
import { worse } from './contract/quality.js'
import { format, toDevice } from './contract/topics.js'
import { convertLater, type Effect, emit, evaluate, publish } from './effect.js'
import type { Context, Refused } from './handler.js'
import { type Measured, measure, type Reported } from './measure.js'
import { sensorDataEvent } from './sensor-data-event.js'
import { isFresh } from './time.js'

/** Sensors (gpio, type, bus address) a device may have; the original's firmware has 20 at most. */
export const SENSORS_PER_DEVICE = 128

/** Where a reading came from. */
export interface Origin {
  readonly device: Device
  readonly gpio: number
  readonly topic: string
  /** ms since 1970 */
  readonly received_at: number
}

/** What subscribers and rules are told of a stored reading. */
export const tell = (reading: Reading, topic: string): readonly Effect[] => {
  const told = emit('sensor_data', sensorDataEvent(reading, topic))
  return isFresh(reading.timestamp, reading.received_at) ? [told, evaluate(reading)] : [told]
}

/** Does the device want its converted values back? Cached per record, records are immutable. */
const wishes = new WeakMap<Device, boolean>()
function wantsProcessed(device: Device): boolean {
  const known = wishes.get(device)
  if (known !== undefined) return known
  const { processed, pi_enhanced } = JSON.parse(device.capabilities) as Record<string, unknown>
  const wants = processed === true || pi_enhanced === true
  wishes.set(device, wants)
  return wants
}

/** The seed's Pi-Enhanced step: the converted value goes back to the device. protocol.md §1.2 D5 */
export const processedValue = (device: Device, kaiser_id: string, reading: Reading): readonly Effect[] =>
  reading.processing_mode === 'pi_enhanced' && wantsProcessed(device)
    ? [
        publish(format(toDevice.sensorProcessed, { kaiser_id, esp_id: reading.esp_id, gpio: reading.gpio }), {
          processed_value: reading.processed_value,
          unit: reading.unit,
          quality: reading.quality,
          timestamp: Math.floor(reading.timestamp / 1000),
        }),
      ]
    : []

/** A new sensor has its place only while the device has fewer than it may. */
function crowded({ store, findings }: Context, { esp_id, gpio, sensor_type, received_at }: Reading) {
  if (store.sensors.count(esp_id) < SENSORS_PER_DEVICE) return undefined
  findings.note('sensors_full', esp_id, received_at, { gpio, sensor_type })
  return {
    code: 'sensors_full',
    detail: `${esp_id} has ${SENSORS_PER_DEVICE} sensors; ${sensor_type} on gpio ${gpio} would be one more`,
  } as const
}

/** A converted reading: what is told of it, what goes back to the device, what is made of it. Inside the group. */
export function spread(
  { store, instruments, kaiser_id }: Pick<Context, 'store' | 'instruments' | 'kaiser_id'>,
  { device, topic }: Pick<Origin, 'device' | 'topic'>,
  { reading, type, config }: Pick<Measured, 'reading' | 'type' | 'config'>,
): readonly Effect[] {
  const told = tell(reading, topic)
  const back = processedValue(device, kaiser_id, reading)
  const derived = type ? instruments.derive(reading, type, config) : []
  if (derived.length === 0) return back.length === 0 ? told : [...told, ...back]
  const made = derived.flatMap((one) => (store.readings.insert(one) ? tell(one, topic) : []))
  return [...told, ...back, ...made]
}

/** Inside the group. Refused when the device has too many sensors. */
export function takeReading(
  context: Context,
  origin: Origin,
  reported: Reported,
): readonly Effect[] | Refused {
  const { store, instruments, findings } = context
  const { device, gpio, topic, received_at } = origin
  const measured = measure(device, gpio, reported, received_at, instruments, (what) =>
    context.tolerate(what, device.device_id, received_at),
  )
  const { reading, type, config, later } = measured
  const { sensor_type, raw_value } = reading
  const sensor = store.sensors.find(reading.esp_id, gpio, sensor_type, reading.address)
  const refused = sensor ? undefined : crowded(context, reading)
  if (refused) return refused
  if (sensor && type && instruments.standsStill(sensor, reading, type)) {
    reading.quality = worse(reading.quality, 'suspect')
    findings.note('sensor_stuck', device.device_id, received_at, { gpio, sensor_type, raw_value })
  }

  const id = store.readings.insert(reading)
  if (!id) {
    context.duplicate()
    return []
  }
  if (!type) findings.note('sensor_type_unknown', device.device_id, received_at, { gpio, sensor_type })
  if (config && config.config_status !== 'applied') store.sensorConfigs.heard(config, received_at)
  if (!later) return spread(context, origin, measured)
  store.readings.expectAmendment(id)
  return [convertLater({ id, device, topic, measured, later })]
}
