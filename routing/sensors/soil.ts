/** Moisture of the soil, % between the probe's own dry and wet; its temperature stands with the others. */
import { percentScale } from './judge.js'
import { between } from './line.js'
import { CALM, SLOW } from './rhythm.js'
import { sensor } from './sensor.js'
import type { SensorType } from './sensor-type.js'

/** ADC counts of a capacitive probe in air and in water. */
const CAPACITIVE = { dry: 3200, wet: 1500 }

export const soils: readonly SensorType[] = [
  sensor({
    type: 'moisture',
    aliases: ['soil_moisture', 'moisture_sensor', 'soil_moisture_sensor', 'capacitive_soil_moisture', 'soil'],
    name: { en: 'Soil moisture', de: 'Bodenfeuchtigkeit' },
    unit: '%',
    decimals: 1,
    quantity: 'other',
    range: [0, 100],
    native: { unit: 'ADC count, 12 bits', range: [0, 4095] },
    calibration: 'dry_wet',
    calibration_days: 90,
    mock: 45,
    ...SLOW,
    stuck_ms: CALM,
    span: CAPACITIVE,
    formula: between(CAPACITIVE),
    simulate: (value) => Math.round(CAPACITIVE.dry + (value / 100) * (CAPACITIVE.wet - CAPACITIVE.dry)),
    held: 'poor',
    judge: percentScale(10, 95),
    tolerance: { slope: { good: [50, 250], fair: [25, 250] } },
    source: 'protocol.md §7.3; DFRobot SEN0193 capacitive probe: the output falls as the soil gets wetter',
  }),
]
