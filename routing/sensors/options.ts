/** Which options of a sensor's config (`params`) the conversion of a type reads, so that people can be asked for them. */
import type { SensorTypeDescription } from './sensor-type.js'

export interface SensorOption {
  readonly name: string
  /** A number, yes or no, or one of `choices`. */
  readonly kind: 'number' | 'yes' | 'choice'
  /** '' for a bare number. */
  readonly unit: string
  readonly least?: number
  readonly most?: number
  readonly choices?: readonly string[]
  /** What holds when it is not given; null where the value is then taken as it is. */
  readonly default: number | string | null
}

const number = (name: string, unit: string, more: Partial<SensorOption> = {}): SensorOption => ({
  name,
  kind: 'number',
  unit,
  default: null,
  ...more,
})
const INVERT: SensorOption = { name: 'invert', kind: 'yes', unit: '', default: null }
const ALTITUDE = number('altitude', 'm', { least: -500, most: 9000 })
const LINE = [number('slope', ''), number('offset', '')]
/** Of 12 bits, until a number over 4095 tells otherwise. */
const ADC: SensorOption = {
  name: 'adc_type',
  kind: 'choice',
  unit: '',
  choices: ['auto', '16bit'],
  default: 'auto',
}

const byType: Readonly<Record<string, readonly SensorOption[]>> = {
  ph: [...LINE, ADC],
  ec: [...LINE, ADC, number('ec_reference', '°C', { least: 0, most: 40, default: 25 })],
  flow: [
    {
      name: 'input_type',
      kind: 'choice',
      unit: '',
      choices: ['pulses', 'frequency', 'flow_rate'],
      default: 'pulses',
    },
    number('factor', 'pulses/L', { least: 0.001, default: 450 }),
    number('time_window', 's', { least: 0.001, default: 1 }),
  ],
  digital: [INVERT],
  bmp280_pressure: [ALTITUDE],
  bme280_pressure: [ALTITUDE],
  air_pressure: [ALTITUDE],
}

/** None for a type that a module of the user converts: what it reads, only its author knows. */
export function optionsOf({
  type,
  calibration,
  remote,
}: Pick<SensorTypeDescription, 'type' | 'calibration'> & { remote?: true }): readonly SensorOption[] {
  if (remote) return []
  if (byType[type]) return byType[type]
  if (calibration === 'dry_wet') return [INVERT]
  return calibration === 'linear' ? LINE : []
}
