/** Relative humidity of the air, %RH: one rule of trust, least certain near dry and near saturated air. */
import { percentScale } from './judge.js'
import { CALM, CONTINUOUS } from './rhythm.js'
import { type Declaration, sensor } from './sensor.js'
import type { SensorType } from './sensor-type.js'

const humidity = {
  unit: '%RH',
  decimals: 1,
  quantity: 'relative_humidity',
  range: [0, 100],
  calibration: 'offset',
  calibration_days: null,
  mock: 55,
  ...CONTINUOUS,
  stuck_ms: CALM,
  judge: percentScale(5, 95),
  tolerance: { offset: { good: 5, fair: 10 } },
} as const

type Particular = Pick<Declaration, 'type' | 'aliases' | 'name' | 'source'>

/** 16 bits over 100 %RH. */
const sensirion = (entry: Particular): SensorType =>
  sensor({
    ...humidity,
    ...entry,
    native: { unit: '16-bit register', range: [0, 65535], whole: true },
    formula: (native) => (100 * native) / 65535,
    simulate: (value) => Math.round((value / 100) * 65535),
  })

/** %RH as the driver made it. */
const percent = (entry: Particular): SensorType =>
  sensor({
    ...humidity,
    ...entry,
    native: { unit: '%RH', range: [-100, 1000] },
    formula: (native) => native,
    simulate: (value) => Math.round(value * 100) / 100,
  })

export const humidities: readonly SensorType[] = [
  sensirion({
    type: 'sht31_humidity',
    aliases: ['humidity_sht31', 'sht30_humidity', 'sht35_humidity', 'sht3x_humidity'],
    name: { en: 'Humidity', de: 'Luftfeuchtigkeit' },
    source: 'Sensirion SHT3x-DIS datasheet, section 4.13 "Conversion of signal output"',
  }),
  sensirion({
    type: 'scd4x_humidity',
    aliases: ['scd40_humidity', 'scd41_humidity', 'humidity_scd4x', 'humidity_scd40', 'humidity_scd41'],
    name: { en: 'Humidity (SCD4x)', de: 'Luftfeuchtigkeit (SCD4x)' },
    source: 'Sensirion SCD4x datasheet, section 3.6.2 "read_measurement"',
  }),
  percent({
    type: 'bme280_humidity',
    aliases: ['humidity_bme280'],
    name: { en: 'Humidity (BME280)', de: 'Luftfeuchtigkeit (BME280)' },
    source: 'Bosch BME280 datasheet, section 4.2.3 (%RH after the chip’s own trimming)',
  }),
  percent({
    type: 'scd30_humidity',
    aliases: ['humidity_scd30'],
    name: { en: 'Humidity (SCD30)', de: 'Luftfeuchtigkeit (SCD30)' },
    source: 'Sensirion SCD30 interface description, section 1.4.5 (the chip sends floats)',
  }),
  percent({
    type: 'air_humidity',
    aliases: ['humidity', 'rh', 'relative_humidity', 'humidity_sensor'],
    name: { en: 'Air humidity', de: 'Luftfeuchtigkeit' },
    source: 'WMO-No. 8, part I, chapter 4: relative humidity lies between 0 and 100 %',
  }),
  sensor({
    ...humidity,
    type: 'dht22_humidity',
    aliases: ['humidity_dht22', 'am2302_humidity'],
    name: { en: 'Humidity (DHT22)', de: 'Luftfeuchtigkeit (DHT22)' },
    native: { unit: '1/10 %RH', range: [0, 65535], whole: true },
    formula: (native) => native / 10,
    simulate: (value) => Math.round(value * 10),
    source: 'Aosong AM2302 (DHT22) datasheet, section 7 "single-bus communication"',
  }),
]
