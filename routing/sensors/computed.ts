/**
 * Values that no sensor measures: made from others (derived.ts), or sent by a device that made them itself.
 * Their entries say unit, range and decimals; the native number is the value.
 */
import { CONTINUOUS } from './rhythm.js'
import { type Declaration, sensor } from './sensor.js'
import type { SensorType } from './sensor-type.js'

type Particular = Pick<
  Declaration,
  'type' | 'aliases' | 'name' | 'unit' | 'decimals' | 'range' | 'mock' | 'source'
>

const computed = (entry: Particular): SensorType =>
  sensor({
    quantity: 'other',
    native: { unit: entry.unit, range: [-10_000, 10_000] },
    calibration: null,
    calibration_days: null,
    ...CONTINUOUS,
    stuck_ms: null,
    formula: (native) => native,
    simulate: (value) => value,
    ...entry,
  })

export const computeds: readonly SensorType[] = [
  computed({
    type: 'vpd',
    aliases: ['vapor_pressure_deficit', 'vapour_pressure_deficit'],
    name: { en: 'Vapour pressure deficit', de: 'Dampfdruckdefizit' },
    unit: 'kPa',
    decimals: 4,
    // Dry air at 80 °C lacks 47.4 kPa; a leaf colder than its air may lack less than nothing.
    range: [-10, 50],
    mock: 1,
    source: 'Tetens equation with the constants of FAO Irrigation and Drainage Paper 56, equation 11',
  }),
  computed({
    type: 'dew_point',
    aliases: ['dewpoint', 'dew_point_temperature'],
    name: { en: 'Dew point', de: 'Taupunkt' },
    unit: '°C',
    decimals: 2,
    range: [-100, 80],
    mock: 12.5,
    source: 'Sonntag 1990, Zeitschrift für Meteorologie 70(5): Magnus formula over water',
  }),
  computed({
    type: 'absolute_humidity',
    aliases: ['abs_humidity', 'humidity_absolute'],
    name: { en: 'Absolute humidity', de: 'Absolute Luftfeuchtigkeit' },
    unit: 'g/m³',
    decimals: 2,
    range: [0, 300],
    mock: 10.7,
    source: 'Sonntag 1990 (vapour pressure) and the ideal gas law with 461.5 J/(kg·K) for water vapour',
  }),
  computed({
    type: 'dli',
    aliases: ['daily_light_integral'],
    name: { en: 'Daily light integral', de: 'Tageslichtsumme' },
    unit: 'mol/m²/d',
    decimals: 3,
    range: [0, 100],
    mock: 17,
    source: 'Faust and Logan 2018, HortScience 53(9): PPFD summed over a day; up to 65 mol/m²/d outdoors',
  }),
]
