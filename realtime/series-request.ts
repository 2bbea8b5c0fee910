/**
 * Naming several sensors in one query: each as its device, GPIO, type and bus address with commas between, the
 * parameter repeated. A sensor that is configured and was never heard has readings too: none.
 */
import Type from 'typebox'
import type { Library } from '../routing/sensors/library.js'
import type { Sensor } from '../storage/sensors.js'
import type { Store } from '../storage/store.js'
import { wrongField } from './validate.js'

/** Sensors in one chart. */
const MOST = 50

export const SensorList = Type.Array(
  Type.String({
    maxLength: 160,
    pattern: '^[A-Za-z0-9_-]{1,50},[0-9]{1,3},[^,]{1,64}(,[^,]{0,32})?$',
    description: 'esp_id,gpio,sensor_type or esp_id,gpio,sensor_type,address',
  }),
  {
    minItems: 1,
    maxItems: MOST,
    description: `repeated for several: esp_id,gpio,sensor_type and, where several share the GPIO, address; at most ${MOST}`,
  },
)

/** A sensor that was asked for. */
export interface Named {
  readonly esp_id: string
  readonly gpio: number
  /** The canonical name. */
  readonly sensor_type: string
  readonly address: string
  /** undefined while nobody ever heard it */
  readonly sensor: Sensor | undefined
}

/** The sensors that are named, each once, in their order. Throws Problem (422) that says which is not known. */
export function namedSensors(store: Store, library: Library, words: readonly string[]): Named[] {
  const named = new Map<string, Named>()
  for (const word of words) {
    const one = namedSensor(store, library, word)
    named.set(`${one.esp_id},${one.gpio},${one.sensor_type},${one.address}`, one)
  }
  return [...named.values()]
}

function namedSensor(store: Store, library: Library, word: string): Named {
  const wrong = (msg: string) => wrongField('sensor', `${word} ${msg}`, word, 'query')
  const [esp_id, pin, said, address] = word.split(',') as [string, string, string, string | undefined]
  const gpio = Number(pin)
  const sensor_type = library.normalise(said)
  const heard = store.sensors.select({
    esp_id,
    gpio,
    isType: (type) => library.normalise(type) === sensor_type,
    ...(address !== undefined && { address }),
  })
  if (heard.length > 1)
    throw wrong(`is said of several; add one of the addresses ${heard.map((one) => one.address).join(', ')}`)
  const [sensor] = heard
  if (sensor) return { esp_id, gpio, sensor_type, address: sensor.address, sensor }
  if (store.sensorConfigs.find(esp_id, gpio, sensor_type, address ?? ''))
    return { esp_id, gpio, sensor_type, address: address ?? '', sensor: undefined }
  throw wrong('is not known; GET /sensors lists the sensors there are')
}
