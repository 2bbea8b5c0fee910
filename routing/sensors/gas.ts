/**
 * CO₂ and volatile organic compounds. The chips compute their own values, so native numbers are in the unit;
 * a VOC index is stateful on the device (Sensirion's gas index algorithm) and cannot be made here from ticks.
 */
import { steps } from './judge.js'
import { CONTINUOUS, LIVELY } from './rhythm.js'
import { type Declaration, sensor } from './sensor.js'
import type { SensorType } from './sensor-type.js'

type Particular = Pick<Declaration, 'type' | 'aliases' | 'name' | 'range' | 'source'>

const asIs = {
  formula: (native: number) => native,
  simulate: (value: number) => Math.round(value),
} as const

const co2 = (entry: Particular): SensorType =>
  sensor({
    ...asIs,
    unit: 'ppm',
    decimals: 0,
    quantity: 'other',
    native: { unit: 'ppm', range: [-1000, 65535] },
    calibration: 'offset',
    calibration_days: null,
    mock: 800,
    ...CONTINUOUS,
    stuck_ms: LIVELY,
    judge: steps(
      [
        [400, 'excellent'],
        [1000, 'good'],
        [1500, 'fair'],
        [2000, 'poor'],
      ],
      'bad',
    ),
    tolerance: { offset: { good: 100, fair: 300 } },
    ...entry,
  })

/** Clean air stands at the lower end for hours: standing still means nothing here. */
const air = (entry: Particular & Pick<Declaration, 'unit' | 'mock'>): SensorType =>
  sensor({
    ...asIs,
    decimals: 0,
    quantity: 'other',
    native: { unit: entry.unit || 'index', range: [0, 65535] },
    calibration: null,
    calibration_days: null,
    ...CONTINUOUS,
    stuck_ms: null,
    ...entry,
  })

export const gases: readonly SensorType[] = [
  co2({
    type: 'co2',
    aliases: ['co2_sensor', 'carbon_dioxide'],
    name: { en: 'CO₂', de: 'CO₂' },
    range: [0, 10_000],
    source: 'EN 13779 (classes of indoor air); limits of the NDIR sensors below',
  }),
  co2({
    type: 'mhz19_co2',
    aliases: ['mhz19', 'mhz19b', 'mhz19c', 'co2_mhz19'],
    name: { en: 'CO₂ (MH-Z19)', de: 'CO₂ (MH-Z19)' },
    range: [0, 10_000],
    source: 'Winsen MH-Z19B datasheet, command 86h: high byte × 256 + low byte is ppm',
  }),
  co2({
    type: 'scd30_co2',
    aliases: ['scd30', 'co2_scd30'],
    name: { en: 'CO₂ (SCD30)', de: 'CO₂ (SCD30)' },
    range: [0, 40_000],
    source: 'Sensirion SCD30 datasheet, table 1 (0 to 40,000 ppm)',
  }),
  co2({
    type: 'scd4x_co2',
    aliases: ['scd4x', 'scd40', 'scd41', 'scd40_co2', 'scd41_co2', 'co2_scd4x', 'co2_scd40', 'co2_scd41'],
    name: { en: 'CO₂ (SCD4x)', de: 'CO₂ (SCD4x)' },
    range: [0, 40_000],
    source: 'Sensirion SCD4x datasheet, section 3.6.2 (word 0 is ppm) and table 1 (0 to 40,000 ppm)',
  }),
  air({
    type: 'sgp30_tvoc',
    aliases: ['sgp30', 'tvoc', 'tvoc_sgp30'],
    name: { en: 'VOC (SGP30)', de: 'VOC (SGP30)' },
    unit: 'ppb',
    range: [0, 60_000],
    mock: 120,
    source: 'Sensirion SGP30 datasheet, table 1 (0 to 60,000 ppb)',
  }),
  air({
    type: 'sgp30_eco2',
    aliases: ['eco2', 'eco2_sgp30'],
    name: { en: 'CO₂ equivalent (SGP30)', de: 'CO₂-Äquivalent (SGP30)' },
    unit: 'ppm',
    range: [400, 60_000],
    mock: 600,
    source: 'Sensirion SGP30 datasheet, table 1 (400 to 60,000 ppm)',
  }),
  air({
    type: 'voc_index',
    aliases: ['voc', 'sgp40', 'sgp41', 'sgp40_voc', 'sgp41_voc', 'sgp40_voc_index', 'sgp41_voc_index'],
    name: { en: 'VOC index', de: 'VOC-Index' },
    unit: '',
    range: [0, 500],
    mock: 100,
    source: 'Sensirion, "What is Sensirion’s VOC Index?": 1 to 500, 100 is the usual air (0 while it learns)',
  }),
  air({
    type: 'nox_index',
    aliases: ['nox', 'sgp41_nox', 'sgp41_nox_index'],
    name: { en: 'NOx index', de: 'NOx-Index' },
    unit: '',
    range: [0, 500],
    mock: 1,
    source: 'Sensirion, "What is Sensirion’s NOx Index?": 1 to 500, 1 is the usual air (0 while it learns)',
  }),
  air({
    type: 'ens160_tvoc',
    aliases: ['ens160', 'tvoc_ens160'],
    name: { en: 'VOC (ENS160)', de: 'VOC (ENS160)' },
    unit: 'ppb',
    range: [0, 65_000],
    mock: 120,
    source: 'ScioSense ENS160 datasheet, section 8 "TVOC" (0 to 65,000 ppb)',
  }),
  air({
    type: 'ens160_eco2',
    aliases: ['eco2_ens160'],
    name: { en: 'CO₂ equivalent (ENS160)', de: 'CO₂-Äquivalent (ENS160)' },
    unit: 'ppm',
    range: [400, 65_000],
    mock: 600,
    source: 'ScioSense ENS160 datasheet, section 8 "eCO2" (400 to 65,000 ppm)',
  }),
  air({
    type: 'ens160_aqi',
    aliases: ['aqi', 'aqi_ens160', 'air_quality'],
    name: { en: 'Air quality (1 to 5)', de: 'Luftqualität (1 bis 5)' },
    unit: '',
    range: [1, 5],
    mock: 2,
    source: 'ScioSense ENS160 datasheet, section 8 "AQI-UBA" (1 excellent to 5 unhealthy)',
  }),
]
