/** What an actuator's limits may name: sensors and other actuators of its device and its zone. */
import { computed } from 'vue'
import { actuatorName } from '../../parts/actuator-words.js'
import { actuators } from '../../store/actuators.js'
import { devices, sensorNames } from '../../store/devices.js'
import { readings } from '../../store/greenhouse.js'
import { t, wordFor } from '../../words/index.js'

export interface Spot {
  readonly device_id: string
  readonly zone_id: string | null
  readonly gpio: number | undefined
}

export function useNearby(spot: Spot) {
  const isNear = (esp_id: string): boolean =>
    esp_id === spot.device_id || (spot.zone_id !== null && devices.get(esp_id)?.zone_id === spot.zone_id)
  /** A name, with its device where that is another one. */
  const where = (esp_id: string, name: string): string =>
    esp_id === spot.device_id ? name : `${name} (${devices.get(esp_id)?.name || esp_id})`
  const others = computed(() => [
    { value: '', label: t('device.choose') },
    ...[...actuators.values()]
      // What nobody has configured cannot be named by an interlock.
      .filter(
        ({ esp_id, gpio, enabled }) =>
          enabled !== null && isNear(esp_id) && !(esp_id === spot.device_id && gpio === spot.gpio),
      )
      .map((actuator) => ({ value: actuator.key, label: where(actuator.esp_id, actuatorName(actuator)) })),
  ])
  const sensorName = (key: string, type: string): string =>
    sensorNames.get(key) ?? wordFor('sensors.types', type)
  const sensors = computed(() => [
    { value: '', label: t('device.choose') },
    ...[...readings.values()]
      .filter(({ esp_id }) => isNear(esp_id))
      .map(({ key, esp_id, sensor_type, gpio }) => ({
        value: key,
        label: where(esp_id, `${sensorName(key, sensor_type)}, ${t('events.gpio', { gpio })}`),
      })),
  ])
  return { where, others, sensors }
}
