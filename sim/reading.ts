/**
 * What a mock says of a sensor: in the shape of the original's mocks, field order included, or as the firmware does,
 * with the native number of the type. protocol.md §2.2, §9
 */
import type { MockSensor } from '../routing/contract/mock.js'
import type { Quality } from '../routing/contract/quality.js'
import { type Board, said, timeOf, zoneOf } from './board.js'
import { library } from './quantities.js'

const addressOf = ({ address }: MockSensor): object => {
  if (!address) return {}
  return address.startsWith('0x') ? { i2c_address: Number(address) } : { onewire_address: address }
}

/** The unit people gave, else the registry's. */
export const unitOf = ({ unit, sensor_type }: MockSensor): string =>
  unit || (library.find(sensor_type)?.unit ?? '')

/** The native number of a value; the value itself where nobody knows the type. */
function nativeOf(sensor_type: string, value: number): number {
  const type = library.find(sensor_type)
  return type && 'simulate' in type ? type.simulate(value) : value
}

export function readingOf(board: Board, sensor: MockSensor, value: number, quality: Quality): object {
  const { gpio, sensor_type, raw_mode } = sensor
  if (board.config.payload === 'native')
    return {
      ...said(board),
      ...zoneOf(board),
      ...(sensor.subzone_id && { subzone_id: sensor.subzone_id }),
      gpio,
      sensor_type,
      ...(raw_mode && { raw: nativeOf(sensor_type, value) }),
      // What the device makes of it by itself, for people who read along: kaiser goes by `raw`.
      value,
      unit: unitOf(sensor),
      quality,
      time_valid: board.time.valid,
      raw_mode,
      ...addressOf(sensor),
    }
  const unit = unitOf(sensor)
  return {
    ts: timeOf(board),
    esp_id: board.esp_id,
    gpio,
    sensor_type,
    // Without a unit nobody could tell a hundredfold from a native number.
    raw: unit ? Math.round(value * 100) : nativeOf(sensor_type, value),
    raw_value: value,
    raw_mode,
    value,
    unit,
    quality,
    ...addressOf(sensor),
  }
}
