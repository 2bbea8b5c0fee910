/**
 * Units as devices write them. The registry owns units, so a value in another unit of the same quantity is
 * brought to the registry's; a unit that only arrived broken (Latin-1 bytes read as UTF-8, protocol.md §12.1 #9)
 * is mended. Exact factors: SI Brochure 2019; 1 mmHg and 1 inHg as in NIST SP 811, appendix B.
 */

type Conversion = (value: number) => number

const times =
  (factor: number): Conversion =>
  (value) =>
    value * factor

const FAHRENHEIT: Conversion = (value) => ((value - 32) * 5) / 9
const KELVIN: Conversion = (value) => value - 273.15

/** Registry's unit → what devices may say instead, lower case and without degree signs or blanks. */
const CONVERSIONS: Readonly<Record<string, Readonly<Record<string, Conversion>>>> = {
  '°C': { f: FAHRENHEIT, fahrenheit: FAHRENHEIT, k: KELVIN, kelvin: KELVIN },
  hPa: { pa: times(0.01), kpa: times(10), mmhg: times(1.33322387415), inhg: times(33.86389) },
  'µS/cm': { 'ms/cm': times(1000), 'ds/m': times(1000), 's/m': times(10_000) },
  kPa: { pa: times(0.001), hpa: times(0.1) },
  kg: { g: times(0.001) },
  g: { kg: times(1000) },
  cm: { mm: times(0.1), m: times(100) },
}

const bare = (unit: string): string => unit.toLowerCase().replace(/[°º\s\uFFFD]|â|Â/g, '')

/** How a value in this unit becomes one in the registry's; undefined when it already is, or nobody knows. */
export const toRegistry = (registry: string, unit: string | null | undefined): Conversion | undefined =>
  unit && unit !== registry ? CONVERSIONS[registry]?.[bare(unit)] : undefined

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g
const CONTROL = /[\u0000-\u001F\u007F]/g

/** A unit nobody knows, as it can be shown: the degree sign mended, nothing unprintable. '' is null. */
export function mended(unit: string | null | undefined): string | null {
  if (!unit) return null
  const clean = unit
    .replace(/Â(?=[°µ])/g, '')
    .replace(/^\uFFFD(?=[CFK]\b)/, '°')
    .replace(LONE_SURROGATE, '\uFFFD')
    .replace(CONTROL, '')
  return clean || null
}
