/** Air pressure, hPa; with `params.altitude` (m) reduced to sea level, as weather reports state it. */
import { goodWithin } from './judge.js'
import { CALM, CONTINUOUS, SLOW } from './rhythm.js'
import { option, sensor } from './sensor.js'
import type { Params, SensorType } from './sensor-type.js'

/** International barometric formula, turned round: pressure at an altitude → pressure at sea level. */
const atSeaLevel = (hPa: number, params: Params): number => {
  const altitude = option(params, 'altitude', -500, 9000)
  return altitude === undefined ? hPa : hPa / (1 - altitude / 44330) ** 5.255
}

const pressure = {
  unit: 'hPa',
  decimals: 2,
  quantity: 'other',
  range: [300, 1100],
  native: { unit: 'hPa', range: [0, 65535] },
  calibration: 'offset',
  calibration_days: null,
  mock: 1013.25,
  stuck_ms: CALM,
  formula: (native: number, { params }: { params: Params }) => atSeaLevel(native, params),
  simulate: (value: number) => Math.round(value * 100) / 100,
  judge: goodWithin(950, 1050),
  tolerance: { offset: { good: 3, fair: 10 } },
} as const

export const pressures: readonly SensorType[] = [
  sensor({
    ...pressure,
    ...SLOW,
    type: 'bmp280_pressure',
    aliases: ['bmp280', 'pressure_bmp280', 'bmp180', 'bmp180_pressure'],
    name: { en: 'Air pressure (BMP280)', de: 'Luftdruck (BMP280)' },
    source:
      'Bosch BMP280 datasheet, section 3.11 (range, trimming); BMP180 datasheet, section 3.7 (pressure at sea level)',
  }),
  sensor({
    ...pressure,
    ...CONTINUOUS,
    type: 'bme280_pressure',
    aliases: ['pressure_bme280'],
    name: { en: 'Air pressure (BME280)', de: 'Luftdruck (BME280)' },
    source:
      'Bosch BME280 datasheet, section 4.2.3 (range, trimming); BMP180 datasheet, section 3.7 (pressure at sea level)',
  }),
  sensor({
    ...pressure,
    ...CONTINUOUS,
    type: 'air_pressure',
    aliases: ['pressure', 'barometer'],
    name: { en: 'Air pressure', de: 'Luftdruck' },
    source: 'WMO-No. 8, part I, chapter 3; BMP180 datasheet, section 3.7 (pressure at sea level)',
  }),
]
