/**
 * Setting what is connected to a pin and within which limits it may run: checked by itself, against what is set
 * already, against the pins of the board and the other sensors and actuators. Whoever calls is inside the group. A
 * field that is not given stays as it is, null puts its default back.
 */
import type { ActuatorConfig, ActuatorFields } from '../../storage/actuator-configs.js'
import type { Device } from '../../storage/devices.js'
import type { Store } from '../../storage/store.js'
import { sanityIn } from '../actuators/evidence.js'
import { neededBy } from '../actuators/interlocks.js'
import { findKind, formOf, kindOf } from '../actuators/kinds.js'
import { createMissingOf } from '../actuators/named-sensors.js'
import { isSamePlace } from '../actuators/place.js'
import { settingsOf } from '../actuators/settings.js'
import { sensorsIn } from '../actuators/surroundings.js'
import { RequestRefused, refusedField } from '../request-refused.js'
import type { Library } from '../sensors/library.js'
import { checkOfflineRules } from './offline-rules.js'
import { createPins, NO_PIN } from './pins.js'

/** Configs a device may have. */
export const ACTUATORS_PER_DEVICE = 64

export type ActuatorRequest = Readonly<Record<string, unknown>>

/** The config of a pin. Throws RequestRefused when there is none. */
export function locateActuator(store: Store, esp_id: string, gpio: number): ActuatorConfig {
  if (!store.devices.find(esp_id)) throw new RequestRefused('not_found', `Device ${esp_id} is not known`)
  const config = store.actuatorConfigs.find(esp_id, gpio)
  if (!config) throw new RequestRefused('not_found', `${esp_id} has no actuator config on GPIO ${gpio}`)
  return config
}

/** The same, when no other config depends on it. Throws RequestRefused. */
export function removableActuator(store: Store, esp_id: string, gpio: number): ActuatorConfig {
  const config = locateActuator(store, esp_id, gpio)
  const needed = neededBy(store.actuatorConfigs, (place) => isSamePlace(place, { esp_id, gpio }))
  if (needed) throw new RequestRefused('actuator_needed', needed)
  return config
}

/** Pages write back the form they were shown; that makes a light no relay. */
function withoutForm(request: ActuatorRequest, before: ActuatorConfig | undefined): ActuatorRequest {
  const { actuator_type, ...others } = request
  if (!before || typeof actuator_type !== 'string') return request
  const before_kind = kindOf(before.actuator_type)
  const isForm = ['digital', 'pwm', 'servo'].includes(actuator_type.trim().toLowerCase())
  if (!isForm || findKind(actuator_type) === before_kind) return request
  return formOf(before_kind, before) === actuator_type.trim().toLowerCase() ? others : request
}

/** A rule that stands in `metadata` is stored whole; the others of that object are people's own. */
function metadataOf(fields: ActuatorFields, device: Device, gpio: number, store: Store, library: Library) {
  const { metadata } = fields
  if (metadata?.offline_rules === undefined || metadata.offline_rules === null) return fields
  const place = { esp_id: device.device_id, gpio }
  const offline_rules = checkOfflineRules(metadata.offline_rules, place, { store, library })
  return { ...fields, metadata: { ...metadata, offline_rules } }
}

/**
 * Makes or changes a config; it is `pending` until the device answers. Throws RequestRefused.
 */
export function setActuator(
  store: Store,
  library: Library,
  device: Device,
  gpio: number,
  request: ActuatorRequest,
  now: number,
): { config: ActuatorConfig; before: ActuatorConfig | undefined } {
  const { device_id: esp_id } = device
  if (gpio === NO_PIN)
    throw refusedField('gpio', gpio, 'must be from 0 to 254: 255 is no actuator', 'gpio_no_pin')
  const before = store.actuatorConfigs.find(esp_id, gpio)
  if (!before && store.actuatorConfigs.count(esp_id) >= ACTUATORS_PER_DEVICE)
    throw new RequestRefused(
      'actuators_full',
      `${esp_id} has ${ACTUATORS_PER_DEVICE} actuator configs, which is all it may have: delete one first`,
    )
  const given = settingsOf(withoutForm(request, before), {
    before,
    place: { esp_id, gpio },
    find: (place) => store.actuatorConfigs.find(place.esp_id, place.gpio),
    normalise: library.normalise,
    missing: createMissingOf(store, library),
    named: before ? [...sensorsIn(before), sanityIn(before)].filter((sensor) => sensor !== undefined) : [],
  })
  const fields = metadataOf(given, device, gpio, store, library)
  const { enabled = 1, aux_gpio = NO_PIN } = { ...before, ...fields }
  if (enabled === 1) {
    const taken = createPins(store, library).actuator(device, { gpio, aux_gpio })
    if (taken) throw new RequestRefused('gpio_conflict', taken)
  }
  const pending = { ...fields, config_status: 'pending', config_error: null } as const
  const config = before
    ? store.actuatorConfigs.update(before, pending, now)
    : store.actuatorConfigs.insert(
        esp_id,
        gpio,
        { ...pending, actuator_type: fields.actuator_type ?? 'digital' },
        now,
      )
  return { config, before }
}
