/**
 * Who is on which pin of a device, and who may not be there too: a pin drives one actuator or carries one sensor,
 * except that buses and chips that measure several things are shared. What is disabled is not connected. Every no
 * names the owner.
 */
import type { ActuatorConfig } from '../../storage/actuator-configs.js'
import type { Device } from '../../storage/devices.js'
import type { SensorConfig, SensorKey } from '../../storage/sensor-configs.js'
import type { Store } from '../../storage/store.js'
import type { Library } from '../sensors/library.js'
import { interfaceOf, isVirtual } from '../sensors/wiring.js'
import { type Board, boardOf, unusable } from './boards.js'

/** No second pin. */
export const NO_PIN = 255

/** How a pin is used; `addressed` is a bus nobody knows more about. */
type Use = 'actuator' | 'i2c' | 'onewire' | 'addressed' | 'analog' | 'digital'

/** Who has a pin. */
export interface Owner {
  readonly use: Use
  /** As people read it. */
  readonly who: string
  readonly sensor_type?: string
}

const SHARED: Readonly<Record<Exclude<Use, 'actuator' | 'analog'>, readonly Use[]>> = {
  i2c: ['i2c', 'addressed', 'digital'],
  onewire: ['onewire', 'addressed'],
  addressed: ['i2c', 'onewire', 'addressed', 'analog', 'digital'],
  // A digital sensor may be one of several values of a chip, or a type nobody knows on somebody's bus.
  digital: ['i2c', 'addressed', 'digital'],
}

function together(a: Owner, b: Owner): boolean {
  if (a.use === 'actuator' || b.use === 'actuator') return false
  // One of them is for all addresses of that type.
  if (a.sensor_type === b.sensor_type) return true
  if (a.use === 'analog') return b.use === 'addressed'
  return SHARED[a.use].includes(b.use)
}

const ROM = /^[0-9A-F]{16}$|^28-/i

function useOf(sensor: SensorKey, library: Library): Use {
  const found = interfaceOf(sensor, library)
  if (found === 'ONEWIRE') return sensor.address === '' || ROM.test(sensor.address) ? 'onewire' : 'addressed'
  return ({ I2C: 'i2c', ANALOG: 'analog', DIGITAL: 'digital' } as const)[found]
}

const named = (name: string | null | undefined): string => (name ? ` (${name})` : '')

/** A sensor as an owner, and the pins it is on: both of the bus for one on the I²C bus of the board. */
function sensorOwner(
  sensor: SensorKey & { readonly sensor_name?: string | null },
  library: Library,
  board: Board | undefined,
): { owner: Owner; pins: readonly number[] } {
  const { gpio, sensor_type } = sensor
  const use = useOf(sensor, library)
  const onBus = use === 'i2c' && board !== undefined && (gpio === 0 || board.i2c.includes(gpio))
  // Without a pin of its own it is at 0. protocol.md §0.2
  const pins = onBus ? board.i2c : use === 'i2c' && gpio === 0 ? [] : [gpio]
  const where = use === 'i2c' ? ' on the I²C bus' : ''
  return {
    owner: { use, sensor_type, who: `is read as ${sensor_type}${named(sensor.sensor_name)}${where}` },
    pins,
  }
}

/** A pin that a config takes. */
export interface Taken {
  readonly gpio: number
  readonly owner: Owner
  readonly config: SensorConfig | ActuatorConfig
}

export interface Pins {
  /** Every pin that a config of the device takes, second pins and both of a bus included. */
  taken(device: Device): Iterable<Taken>
  /** Why an actuator cannot be on these pins; undefined when it can. */
  actuator(device: Device, config: Pick<ActuatorConfig, 'gpio' | 'aux_gpio'>): string | undefined
  /** Why a sensor cannot be read there; undefined when it can. */
  sensor(device: Device, sensor: SensorKey): string | undefined
}

const isSame = (a: SensorKey, b: SensorKey): boolean =>
  a.gpio === b.gpio && a.sensor_type === b.sensor_type && a.address === b.address

export function createPins(store: Pick<Store, 'sensorConfigs' | 'actuatorConfigs'>, library: Library): Pins {
  function* owners(device: Device): Generator<Taken & { of: SensorKey | number }> {
    const { device_id } = device
    const board = boardOf(device.hardware_type)
    for (const config of store.sensorConfigs.list(device_id)) {
      if (config.enabled === 0 || isVirtual(config.sensor_type)) continue
      const { owner, pins } = sensorOwner(config, library, board)
      for (const gpio of pins) yield { gpio, owner, config, of: config }
    }
    for (const config of store.actuatorConfigs.list(device_id)) {
      const { gpio, aux_gpio, actuator_type, actuator_name, enabled } = config
      if (enabled === 0) continue
      const what = `the ${actuator_type}${named(actuator_name)}`
      yield { gpio, owner: { use: 'actuator', who: `drives ${what}` }, config, of: gpio }
      if (aux_gpio === NO_PIN) continue
      const who = `is the second pin of ${what} on GPIO ${gpio}`
      yield { gpio: aux_gpio, owner: { use: 'actuator', who }, config, of: gpio }
    }
  }

  const sentence = (device: Device, gpio: number, why: string): string =>
    `GPIO ${gpio} of ${device.device_id} ${why}`
  const TAKEN = 'delete or disable that config, or choose another pin'

  return {
    taken: owners,
    actuator(device, { gpio, aux_gpio }) {
      const board = boardOf(device.hardware_type)
      for (const pin of aux_gpio === NO_PIN ? [gpio] : [gpio, aux_gpio]) {
        const why = unusable(board, pin, 'driven')
        if (why) return sentence(device, pin, `${why}: choose another pin, or correct its hardware_type`)
        for (const other of owners(device))
          if (other.gpio === pin && other.of !== gpio)
            return sentence(device, pin, `${other.owner.who}: ${TAKEN}`)
      }
      return undefined
    },
    sensor(device, sensor) {
      if (isVirtual(sensor.sensor_type)) return undefined
      const board = boardOf(device.hardware_type)
      const { owner, pins } = sensorOwner(sensor, library, board)
      for (const pin of pins) {
        const why = unusable(board, pin, 'read')
        if (why) return sentence(device, pin, `${why}: choose another pin, or correct its hardware_type`)
        for (const other of owners(device)) {
          if (other.gpio !== pin || together(owner, other.owner)) continue
          if (typeof other.of === 'object' && isSame(other.of, sensor)) continue
          const only = [owner.use, other.owner.use].includes('analog')
            ? ', an analog pin carries one sensor'
            : ''
          const single = other.owner.use === 'actuator' ? '' : only
          return sentence(device, pin, `${other.owner.who}${single}: ${TAKEN}`)
        }
      }
      return undefined
    },
  }
}
