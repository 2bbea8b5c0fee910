/** What a sensor can be when nobody says more: a count, a switch, or a line through two known points. */
import { along } from './line.js'
import { CONTINUOUS } from './rhythm.js'
import { sensor } from './sensor.js'
import type { Line, SensorType } from './sensor-type.js'

/** The number itself, until a calibration or `params.slope` and `params.offset` draw another line. */
const ITSELF: Line = { signal: (native) => native, slope: 1, offset: 0, pivot: 0 }

const generic = {
  quantity: 'other',
  calibration_days: null,
  ...CONTINUOUS,
  stuck_ms: null,
} as const

export const generics: readonly SensorType[] = [
  sensor({
    ...generic,
    type: 'linear',
    aliases: ['generic', 'number'],
    name: { en: 'Number', de: 'Zahl' },
    unit: '',
    decimals: 3,
    range: [-1e9, 1e9],
    native: { unit: 'number', range: [-1e12, 1e12] },
    calibration: 'linear',
    mock: 0,
    line: ITSELF,
    formula: along(ITSELF),
    simulate: (value) => value,
    source: 'value = slope · native + offset; no sensor in particular',
  }),
  sensor({
    ...generic,
    type: 'analog',
    aliases: ['adc', 'analog_in', 'analog_sensor'],
    name: { en: 'Analog input', de: 'Analogeingang' },
    unit: 'raw',
    decimals: 2,
    range: [-100_000, 100_000],
    native: { unit: 'ADC count', range: [-32768, 65535] },
    calibration: 'linear',
    mock: 2048,
    line: ITSELF,
    formula: along(ITSELF),
    simulate: (value) => Math.round(value),
    source: 'Espressif ESP32 datasheet, section "ADC" (12 bits); TI ADS1115 datasheet (16 bits, signed)',
  }),
  sensor({
    ...generic,
    type: 'digital',
    aliases: [
      'switch',
      'float_switch',
      'leak',
      'water_leak',
      'reed',
      'button',
      'digital_in',
      'digital_sensor',
    ],
    name: { en: 'Digital input', de: 'Digitaleingang' },
    unit: '',
    decimals: 0,
    range: [0, 1],
    native: { unit: 'level, 0 or 1', range: [0, 1], whole: true },
    calibration: null,
    mock: 0,
    formula: (native, { params }) => (params.invert === true ? 1 - native : native),
    simulate: (value) => (value >= 0.5 ? 1 : 0),
    source: 'Espressif ESP32 datasheet, section "GPIO": a level is low or high',
  }),
]
