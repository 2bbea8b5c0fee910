/** Light for the eye (lux) and for plants (PPFD). Dark is a value: a lamp that is off stands still at 0. */
import { steps } from './judge.js'
import { CONTINUOUS } from './rhythm.js'
import { sensor } from './sensor.js'
import type { SensorType } from './sensor-type.js'

const lux = {
  unit: 'lux',
  decimals: 0,
  quantity: 'illuminance',
  range: [0, 200_000],
  calibration: 'offset',
  calibration_days: null,
  mock: 25_000,
  interval_s: 60,
  stale_s: 180,
  stuck_ms: null,
  judge: steps(
    [
      [50, 'poor'],
      [200, 'fair'],
      [1000, 'good'],
      [100_000, 'excellent'],
    ],
    'bad',
  ),
} as const

export const lights: readonly SensorType[] = [
  sensor({
    ...lux,
    type: 'light',
    // Drivers of these chips answer in lux (protocol.md §7.2); a bare BH1750 register is `bh1750_raw`.
    aliases: ['bh1750', 'tsl2561', 'tsl2591', 'veml7700', 'lux', 'illuminance', 'light_sensor'],
    name: { en: 'Light', de: 'Lichtintensität' },
    native: { unit: 'lux', range: [0, 1_000_000] },
    formula: (native) => native,
    simulate: (value) => Math.round(value),
    source:
      'TAOS TSL2561 and ROHM BH1750FVI datasheets (lux, as their drivers compute it); CIE: sunlight ≤ 130 klx',
  }),
  sensor({
    ...lux,
    type: 'bh1750_raw',
    aliases: ['bh1750_count', 'bh1750_register'],
    name: { en: 'Light (BH1750 register)', de: 'Lichtintensität (BH1750-Register)' },
    mock: 12_000,
    native: { unit: 'count, H-resolution mode', range: [0, 65535], whole: true },
    formula: (native) => native / 1.2,
    simulate: (value) => Math.min(65535, Math.round(value * 1.2)),
    source: 'ROHM BH1750FVI datasheet, "Measurement result": count / 1.2 is lux',
  }),
  sensor({
    type: 'ppfd',
    aliases: ['par', 'par_sensor', 'ppfd_sensor', 'quantum_sensor', 'sq521', 'apogee_sq521'],
    name: { en: 'Plant light (PPFD)', de: 'Pflanzenlicht (PPFD)' },
    unit: 'µmol/m²/s',
    decimals: 0,
    quantity: 'ppfd',
    range: [0, 4000],
    native: { unit: 'µmol/m²/s', range: [0, 65535] },
    calibration: 'factor',
    calibration_days: 730,
    mock: 450,
    ...CONTINUOUS,
    stuck_ms: null,
    formula: (native) => native,
    simulate: (value) => Math.round(value),
    tolerance: { slope: { good: [90, 110], fair: [75, 133] } },
    source: 'Apogee SQ-521 specification: 0 to 4,000 µmol m⁻² s⁻¹, recalibration every two years',
  }),
]
