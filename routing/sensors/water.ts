/** The nutrient solution: pH and conductivity behind an ADC, flow in pulses, and how full the tank is. */
import { onceCalibrated, probe, steps } from './judge.js'
import { along, between, countAt, volts } from './line.js'
import { CALM, CONTINUOUS, ON_DEMAND } from './rhythm.js'
import { clamp, option, sensor } from './sensor.js'
import type { Compensation, Line, SensorType } from './sensor-type.js'

/** An amplifier that gives 1.5 V at pH 7 and falls by one volt per 3.5 pH. */
const PH_LINE: Line = { signal: volts, slope: -3.5, offset: 12.25, pivot: 7 }

/**
 * An electrode's slope is proportional to absolute temperature (Nernst: 59.16 mV per pH at 25 °C), which is
 * 0.3 % per °C around 25 °C; pH 7 gives no voltage and so does not move.
 */
const towards25: Compensation = {
  apply: (ph, temperature) => ph + (temperature - 25) * 0.003 * (7 - ph),
  undo: (ph, temperature) => {
    const part = (temperature - 25) * 0.003
    return (ph - 7 * part) / (1 - part)
  },
}

/** 12,880 µS/cm gives 2.13 V. */
const EC_LINE: Line = { signal: volts, slope: 6060, offset: 0, pivot: 0 }

/** Conductivity rises by 2 % per °C; stated for 25 °C, or for `params.ec_reference` °C. */
const ec25: Compensation = {
  apply: (ec, temperature, params) => {
    const reference = option(params, 'ec_reference', 0, 40) ?? 25
    return (ec / (1 + 0.02 * (temperature - 25))) * (1 + 0.02 * (reference - 25))
  },
  undo: (ec, temperature) => ec * (1 + 0.02 * (temperature - 25)),
}

export const PULSES_PER_LITRE = 450
const flowing = steps(
  [
    [0.1, 'fair'],
    [1, 'good'],
    [10, 'excellent'],
    [20, 'good'],
  ],
  'fair',
)

/** Microseconds of an echo there and back, per cm of distance: sound travels 343 m/s at 20 °C. */
const ECHO = 58

const level = {
  unit: '%',
  decimals: 1,
  quantity: 'other',
  range: [0, 100],
  calibration: 'dry_wet',
  calibration_days: null,
  mock: 70,
  ...CONTINUOUS,
  stuck_ms: null,
  held: 'fair',
  judge: onceCalibrated('fair'),
  tolerance: { slope: { good: [20, 400], fair: [10, 800] } },
} as const

const EMPTY_TO_FULL = { dry: 0, wet: 4095 }
/** A tank of 80 cm whose sensor hangs 20 cm above the full mark. */
const FAR_TO_NEAR = { dry: 100 * ECHO, wet: 20 * ECHO }

export const waters: readonly SensorType[] = [
  sensor({
    type: 'ph',
    aliases: ['ph_sensor', 'ph_probe', 'ph_value'],
    name: { en: 'pH', de: 'pH-Wert' },
    unit: 'pH',
    decimals: 2,
    quantity: 'other',
    range: [0, 14],
    native: { unit: 'ADC count, 12 bits over 3.3 V', range: [0, 4095] },
    calibration: 'linear',
    calibration_days: 30,
    mock: 6.2,
    ...ON_DEMAND,
    stuck_ms: CALM,
    line: PH_LINE,
    formula: along(PH_LINE),
    simulate: (value) => clamp(countAt((value - 12.25) / -3.5), 0, 4095),
    compensation: towards25,
    held: 'critical',
    judge: probe([3, 11], [4, 10]),
    tolerance: { slope: { good: [95, 105], fair: [85, 110] }, offset: { good: 0.35, fair: 0.6 } },
    source:
      'protocol.md §7.3 (amplifier); Nernst equation, slope 59.16 mV/pH at 25 °C; Mettler-Toledo "A Guide to pH Measurement" (slope and offset of a good electrode)',
  }),
  sensor({
    type: 'ec',
    aliases: ['ec_sensor', 'ec_probe', 'conductivity'],
    name: { en: 'Conductivity (EC)', de: 'Leitfähigkeit (EC)' },
    unit: 'µS/cm',
    decimals: 1,
    quantity: 'other',
    range: [0, 20_000],
    native: { unit: 'ADC count, 12 bits over 3.3 V, or 15 over 5 V', range: [0, 32767] },
    calibration: 'linear',
    calibration_days: 30,
    mock: 1500,
    ...ON_DEMAND,
    stuck_ms: CALM,
    line: EC_LINE,
    formula: along(EC_LINE),
    simulate: (value) => clamp(countAt(value / 6060), 0, 4095),
    compensation: ec25,
    held: 'critical',
    judge: probe([100, 15_000]),
    tolerance: { slope: { good: [80, 125], fair: [66, 200] }, offset: { good: 150, fair: 400 } },
    source:
      'protocol.md §7.3 (amplifier); Standard Methods 2510 B (conductivity at 25 °C, about 2 % per °C); DFRobot Gravity EC: cell constants 0.5 to 1.5 are accepted',
  }),
  sensor({
    type: 'flow',
    aliases: ['yfs201', 'flow_rate', 'flow_sensor', 'water_flow'],
    name: { en: 'Flow', de: 'Durchfluss' },
    unit: 'L/min',
    decimals: 2,
    quantity: 'other',
    range: [0, 1000],
    native: { unit: 'pulses in params.time_window s (1)', range: [0, 1_000_000] },
    calibration: 'factor',
    calibration_days: 365,
    mock: 0,
    interval_s: 10,
    stale_s: 180,
    stuck_ms: null,
    formula: (native, { params }) => {
      if (params.input_type === 'flow_rate') return native
      const factor = option(params, 'factor', 0.001) ?? PULSES_PER_LITRE
      if (params.input_type === 'frequency') return (native * 60) / factor
      return native / factor / ((option(params, 'time_window', 0.001) ?? 1) / 60)
    },
    simulate: (value) => Math.round((value * PULSES_PER_LITRE) / 60),
    judge: (value, calibrated) => (value === 0 ? 'good' : flowing(value, calibrated)),
    tolerance: { slope: { good: [80, 125], fair: [50, 200] } },
    source: 'YF-S201 datasheet: frequency (Hz) = 7.5 × flow (L/min), which is 450 pulses per litre',
  }),
  sensor({
    ...level,
    type: 'level',
    aliases: ['water_level', 'level_analog', 'level_sensor', 'water_level_analog', 'tank_level'],
    name: { en: 'Water level', de: 'Füllstand' },
    native: { unit: 'ADC count, 12 bits', range: [0, 4095] },
    span: EMPTY_TO_FULL,
    formula: between(EMPTY_TO_FULL),
    simulate: (value) => Math.round((value / 100) * 4095),
    source: 'Espressif ESP32 datasheet, section "ADC" (12 bits); empty and full are the tank’s own',
  }),
  sensor({
    ...level,
    type: 'level_ultrasonic',
    aliases: ['water_level_ultrasonic', 'level_hcsr04', 'level_jsnsr04t'],
    name: { en: 'Water level (ultrasonic)', de: 'Füllstand (Ultraschall)' },
    // No echo within 38 ms is how the module says that nothing is there.
    native: { unit: 'echo, µs', range: [1, 38_000] },
    span: FAR_TO_NEAR,
    formula: between(FAR_TO_NEAR),
    simulate: (value) => Math.round(FAR_TO_NEAR.dry + (value / 100) * (FAR_TO_NEAR.wet - FAR_TO_NEAR.dry)),
    source: 'HC-SR04 datasheet: echo (µs) / 58 = distance (cm); 38 ms without an echo',
  }),
  sensor({
    type: 'distance',
    aliases: ['hcsr04', 'jsnsr04t', 'ultrasonic', 'water_distance'],
    name: { en: 'Distance', de: 'Abstand' },
    unit: 'cm',
    decimals: 1,
    quantity: 'other',
    range: [2, 400],
    native: { unit: 'echo, µs', range: [1, 38_000] },
    calibration: 'offset',
    calibration_days: null,
    mock: 50,
    ...CONTINUOUS,
    stuck_ms: null,
    formula: (native) => native / ECHO,
    simulate: (value) => Math.round(value * ECHO),
    // Sound is faster in warm air: 331.3 m/s at 0 °C and 0.606 m/s more per °C, against 344.8 m/s in 1/58.
    compensation: {
      apply: (cm, temperature) => cm * ((331.3 + 0.606 * temperature) * 0.0001 * (ECHO / 2)),
      undo: (cm, temperature) => cm / ((331.3 + 0.606 * temperature) * 0.0001 * (ECHO / 2)),
    },
    source: 'HC-SR04 datasheet: echo (µs) / 58 = distance (cm), 2 to 400 cm; speed of sound: ISO 9613-1',
  }),
]
