/**
 * Formulas of sensors that are calibrated by a line: over volts behind an ADC (pH, EC), over the native number
 * itself (load cell), or between a dry and a wet end (soil moisture, water level).
 */
import type { Formula } from './sensor.js'
import { option } from './sensor.js'
import type { Line, Params } from './sensor-type.js'

/**
 * Volts at the pin: the ESP32's own ADC has 12 bits over 3.3 V; an external one (ADS1115) 16 bits, of which 15
 * are positive, over 5 V (protocol.md §7.3).
 */
export const volts = (native: number, bits: number): number =>
  bits === 16 ? (native / 32767) * 5 : (native / 4095) * 3.3

export const countAt = (volt: number): number => Math.round((volt / 3.3) * 4095)

/** Bits of the ADC, as far as one number tells; `params.adc_type` `16bit` says it for good. */
export const bitsOf = (native: number, params: Params): number =>
  params.adc_type === '16bit' || native > 4095 ? 16 : 12

/** The line of a sensor nobody calibrated. */
export const idealOf = (line: Line, params: Params): { slope: number; offset: number } => ({
  slope: option(params, 'slope') ?? line.slope,
  offset: option(params, 'offset') ?? line.offset,
})

/**
 * Along the calibrated line, else along the ideal one. A calibration of three points has two lines that meet
 * in the middle point: `split` is its signal, `slope_above` and `offset_above` hold from there on.
 */
export const along =
  (line: Line): Formula =>
  (native, { calibration, params }) => {
    const bits = calibration?.coefficients.adc_bits ?? bitsOf(native, params)
    const signal = line.signal(native, bits)
    if (calibration?.method !== 'linear') {
      const { slope, offset } = idealOf(line, params)
      return slope * signal + offset
    }
    const { slope, offset, split, slope_above, offset_above } = calibration.coefficients
    if (slope === undefined || offset === undefined) return 'its calibration has no slope and offset'
    if (split === undefined || signal <= split) return slope * signal + offset
    return slope_above! * signal + offset_above!
  }

/** Percent of the way from dry to wet; `params.invert` turns it round. */
export const between =
  (span: { readonly dry: number; readonly wet: number }): Formula =>
  (native, { calibration, params }) => {
    const drawn = calibration?.method === 'dry_wet' ? calibration.coefficients : undefined
    const dry = drawn?.dry_value ?? span.dry
    const wet = drawn?.wet_value ?? span.wet
    if (dry === wet) return 'its calibration has the same number for dry and wet'
    const percent = ((native - dry) / (wet - dry)) * 100
    return params.invert === true ? 100 - percent : percent
  }
