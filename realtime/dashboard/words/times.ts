/** Times in words: ages, spans and moments, in the language and the customs of the page. */
import { now } from '../clock.js'
import { region, t } from './index.js'

const SPANS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const

/** A span of seconds in its largest unit: "3 min". */
export function span(seconds: number): string {
  const [unit, size] = SPANS.find(([, size]) => seconds >= size) ?? SPANS[3]
  return `${number(Math.floor(seconds / size))} ${t(`times.${unit}`)}`
}

/** How long ago something was: "3 s ago". A time that lies ahead is said to do so. */
export function ago(at: number): string {
  const seconds = (now.value - at) / 1000
  if (!Number.isFinite(seconds)) return t('times.unknown')
  if (seconds < -60) return t('times.ahead', { span: span(-seconds) })
  return seconds < 1 ? t('times.just_now') : t('times.ago', { span: span(seconds) })
}

/** A duration in its two largest units: "3 d 4 h". */
export function duration(seconds: number): string {
  const first = SPANS.findIndex(([, size]) => seconds >= size)
  if (first < 0 || first === SPANS.length - 1 || SPANS[first]![0] === 'min') return span(seconds)
  const [, size] = SPANS[first]!
  return `${span(seconds)} ${number(Math.floor((seconds % size) / SPANS[first + 1]![1]))} ${t(`times.${SPANS[first + 1]![0]}`)}`
}

/** Formats are costly to make, so each is made once for each region. */
function kept<T>(make: (region: string, options: object) => T): (name: string, options: object) => T {
  const made = new Map<string, T>()
  return (name, options) => {
    const key = `${region()} ${name}`
    const known = made.get(key) ?? make(region(), options)
    made.set(key, known)
    return known
  }
}
export const dateFormat = kept((tag, options) => new Intl.DateTimeFormat(tag, options))
const numberFormat = kept((tag, options) => new Intl.NumberFormat(tag, options))

const format = (at: number, name: string, options: Intl.DateTimeFormatOptions): string =>
  dateFormat(name, options).format(at)

/** Everywhere the 24 hours that the logs have. */
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const
const DAY = { year: 'numeric', month: '2-digit', day: '2-digit' } as const

/** The local time of day, with the date in front when it is not today's. */
export function timeOfDay(at: number): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return t('times.unknown')
  const isToday = date.toDateString() === new Date(now.value).toDateString()
  return isToday ? format(at, 'time', CLOCK) : dateTime(at)
}

/** Local date and time of day. */
export const dateTime = (at: number): string =>
  Number.isFinite(at) ? format(at, 'both', { ...DAY, ...CLOCK }) : t('times.unknown')

/** The local date. */
export const dateOf = (at: number): string =>
  Number.isFinite(at) ? format(at, 'day', DAY) : t('times.unknown')

/** A number as people here write it, with at most `digits` decimals. */
export const number = (value: number, digits = 0): string =>
  numberFormat(String(digits), { maximumFractionDigits: digits, useGrouping: 'min2' })
    .format(value)
    .replace('-', '−')

/** A number far from one, with its power of ten: "1.234e8". */
export function exponential(value: number): string {
  const [digits, power] = value.toExponential(3).split('e') as [string, string]
  return `${number(Number(digits), 3)}e${power.replace('+', '').replace('-', '−')}`
}

/** A share of one in percent: "40 %". */
export const percent = (share: number): string => `${number(Math.round(share * 100))} %`

/** Bytes in the unit that suits them: "1.4 MiB". */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, count)) / 10)))
  return `${number(count / 1024 ** step, step === 0 ? 0 : 1)} ${units[step]}`
}
