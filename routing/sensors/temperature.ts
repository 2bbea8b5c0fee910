/**
 * Temperatures, °C. A DS18B20 sends its register; compensated chips (BMP280, BME280, SCD30) can only be read
 * with their own trimming data or send floats, so their native number is °C already.
 */
import { goodWithin } from './judge.js'
import { CALM, CONTINUOUS, LIVELY } from './rhythm.js'
import { type Declaration, fault, sensor } from './sensor.js'
import type { SensorType } from './sensor-type.js'

const temperature = {
  unit: '°C',
  quantity: 'air_temperature',
  calibration: 'offset',
  calibration_days: null,
  mock: 22,
  ...CONTINUOUS,
  stuck_ms: LIVELY,
  tolerance: { offset: { good: 1, fair: 3 } },
} as const

const celsius = {
  native: { unit: '°C', range: [-273.15, 1000], signed: 16 },
  formula: (native: number) => native,
  simulate: (value: number) => Math.round(value * 100) / 100,
} as const

/** 12 bits of two's complement, sign-extended; one step is 1/16 °C. */
const ds18b20Register = {
  // The register is 16 bits wide; what no sensor of this type can measure is kept and `critical`.
  native: { unit: '1/16 °C', range: [-32768, 32767], signed: 16, whole: true },
  formula: (native: number) => native * 0.0625,
  simulate: (value: number) => Math.round(value * 16),
  quirk: (value: number) => {
    if (value === -127) return fault('−127 °C is what the driver answers when no sensor does')
    if (value !== 85) return undefined
    return {
      value,
      quality: 'suspect',
      reason: '85 °C is the power-on value: perhaps no conversion took place',
    } as const
  },
} as const

const ds18b20 = {
  ...temperature,
  ...ds18b20Register,
  decimals: 2,
  range: [-55, 125],
  mock: 20,
  stuck_ms: CALM,
  judge: goodWithin(-10, 85),
  source:
    'Maxim DS18B20 datasheet, table 1 (register), "Operation: measuring temperature" (85 °C at power-on)',
} as const

/** Humidity chips of Sensirion: 16 bits over 175 °C from −45 °C. */
const sensirion = {
  native: { unit: '16-bit register', range: [0, 65535], whole: true },
  simulate: (value: number) => Math.round(((value + 45) / 175) * 65535),
} as const
const fromSensirion = (native: number): number => -45 + (175 * native) / 65535

/** The measured limits of a chip at its edge: everything but the middle is `fair`. */
const chip = (entry: Pick<Declaration, 'type' | 'aliases' | 'name' | 'range' | 'source'>): SensorType =>
  sensor({ ...temperature, ...celsius, decimals: 2, judge: goodWithin(-20, 85), ...entry })

export const temperatures: readonly SensorType[] = [
  sensor({
    ...ds18b20,
    type: 'ds18b20',
    aliases: ['temperature_ds18b20', 'ds18b20_temp', 'ds18b20_temperature', 'dallas'],
    name: { en: 'Temperature (DS18B20)', de: 'Temperatur (DS18B20)' },
    // A probe on a cable may hang in the air, in the tank or in the soil: it is paired with nothing.
    quantity: 'other',
  }),
  sensor({
    ...ds18b20,
    type: 'water_temperature',
    aliases: ['water_temp', 'temperature_water', 'ds18b20_water'],
    name: { en: 'Water temperature', de: 'Wassertemperatur' },
    quantity: 'water_temperature',
    range: [-5, 100],
  }),
  sensor({
    ...ds18b20,
    type: 'soil_temperature',
    aliases: ['soil_temp', 'temperature_soil', 'ds18b20_soil'],
    name: { en: 'Soil temperature', de: 'Bodentemperatur' },
    quantity: 'other',
    range: [-40, 85],
    mock: 18,
  }),
  sensor({
    ...temperature,
    ...sensirion,
    type: 'sht31_temp',
    aliases: ['sht31', 'temperature_sht31', 'sht31_temperature', 'sht30', 'sht35', 'sht3x', 'sht3x_temp'],
    name: { en: 'Temperature', de: 'Temperatur' },
    decimals: 1,
    range: [-40, 125],
    // Below 125 the register would mean less than −44 °C, which the chip cannot measure: it is °C already.
    formula: (native) => (native > 0 && native <= 125 ? native : fromSensirion(native)),
    // Some firmware sends °C, with a fraction.
    native: { unit: '16-bit register', range: [0, 65535] },
    judge: goodWithin(0, 65),
    source: 'Sensirion SHT3x-DIS datasheet, section 4.13 "Conversion of signal output"',
  }),
  sensor({
    ...temperature,
    ...sensirion,
    type: 'scd4x_temp',
    aliases: ['scd40_temp', 'scd41_temp', 'temperature_scd4x', 'temperature_scd40', 'temperature_scd41'],
    name: { en: 'Temperature', de: 'Temperatur' },
    decimals: 1,
    range: [-10, 60],
    formula: fromSensirion,
    judge: goodWithin(0, 50),
    source: 'Sensirion SCD4x datasheet, section 3.6.2 "read_measurement"',
  }),
  chip({
    type: 'bmp280_temp',
    aliases: ['temperature_bmp280', 'bmp280_temperature', 'bmp180_temp'],
    name: { en: 'Temperature (BMP280)', de: 'Temperatur (BMP280)' },
    range: [-40, 85],
    source: 'Bosch BMP280 datasheet, section 3.11 (°C after the chip’s own trimming)',
  }),
  chip({
    type: 'bme280_temp',
    aliases: ['bme280', 'temperature_bme280', 'bme280_temperature'],
    name: { en: 'Temperature (BME280)', de: 'Temperatur (BME280)' },
    range: [-40, 85],
    source: 'Bosch BME280 datasheet, section 4.2.3 (°C after the chip’s own trimming)',
  }),
  chip({
    type: 'scd30_temp',
    aliases: ['temperature_scd30', 'scd30_temperature'],
    name: { en: 'Temperature (SCD30)', de: 'Temperatur (SCD30)' },
    range: [-40, 70],
    source: 'Sensirion SCD30 interface description, section 1.4.5 (the chip sends floats)',
  }),
  chip({
    type: 'air_temperature',
    aliases: ['temperature', 'temp', 'air_temp', 'temperature_sensor'],
    name: { en: 'Air temperature', de: 'Lufttemperatur' },
    range: [-60, 80],
    source: 'WMO-No. 8, part I, chapter 2: range of air temperature sensors',
  }),
  sensor({
    ...temperature,
    type: 'dht22_temp',
    aliases: ['dht22', 'am2302', 'temperature_dht22', 'dht22_temperature', 'am2302_temp'],
    name: { en: 'Temperature (DHT22)', de: 'Temperatur (DHT22)' },
    decimals: 1,
    range: [-40, 80],
    native: { unit: '1/10 °C, bit 15 is the sign', range: [-32768, 65535], whole: true },
    // Sign and magnitude by the datasheet (8065h = −10.1 °C); some clones send two's complement (FF9Bh).
    formula: (native) => {
      if (native < 0x8000) return native / 10
      return (native <= 0x8fff ? 0x8000 - native : native - 0x10000) / 10
    },
    simulate: (value) => (value < 0 ? 0x8000 : 0) + Math.round(Math.abs(value) * 10),
    judge: goodWithin(-20, 60),
    source: 'Aosong AM2302 (DHT22) datasheet, section 7 "single-bus communication"',
  }),
]
