/** Load cells on a HX711, g. Nobody knows the cell before it is calibrated: one point tares, two weigh. */
import { onceCalibrated } from './judge.js'
import { along } from './line.js'
import { CONTINUOUS, LIVELY } from './rhythm.js'
import { sensor } from './sensor.js'
import type { Line, SensorType } from './sensor-type.js'

/**
 * Counts of a 5 kg cell of 1 mV/V at gain 128, excited by AVDD. Full scale of the HX711 is ±0.5 AVDD / 128, so
 * 5 kg give 0.001 · 128 / 0.5 of 2²³ counts.
 */
const COUNTS_PER_GRAM = ((0.001 * 128) / 0.5) * (2 ** 23 / 5000)

const CELL: Line = { signal: (native) => native, slope: 1 / COUNTS_PER_GRAM, offset: 0, pivot: 0 }

export const weights: readonly SensorType[] = [
  sensor({
    type: 'weight',
    aliases: ['hx711', 'load_cell', 'loadcell', 'scale', 'weight_sensor'],
    name: { en: 'Weight', de: 'Gewicht' },
    unit: 'g',
    decimals: 1,
    quantity: 'other',
    range: [-200_000, 200_000],
    // Saturated at 800000h and 7FFFFFh: those two are not numbers but "out of range".
    native: { unit: 'count, 24 bits', range: [-8_388_607, 8_388_606], signed: 24, whole: true },
    calibration: 'linear',
    calibration_days: 180,
    mock: 1200,
    ...CONTINUOUS,
    stuck_ms: LIVELY,
    line: CELL,
    formula: along(CELL),
    simulate: (value) => Math.round(value * COUNTS_PER_GRAM),
    judge: onceCalibrated('poor'),
    source:
      'Avia HX711 datasheet: 24 bits of two’s complement, full scale ±0.5 (AVDD / gain), saturation codes',
  }),
]
