/** Moments in a time zone that somebody chose, as text and as the inputs of a browser have them. */
import { dateFormat } from './times.js'

/** An IANA name; undefined is the zone of the browser. */
export type Zone = string | undefined

const MINUTE = 60_000
const DAY = 86_400_000

const DATE = { year: 'numeric', month: '2-digit', day: '2-digit' } as const
const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const

const text = (at: number, zone: Zone, name: string, options: Intl.DateTimeFormatOptions): string =>
  dateFormat(`${name} ${zone ?? ''}`, zone ? { ...options, timeZone: zone } : options).format(at)

/** Date and time of day, to the second. */
export const momentIn = (at: number, zone: Zone): string =>
  text(at, zone, 'moment', { ...DATE, ...CLOCK, second: '2-digit' })

/** Whether a day begins there. */
const isMidnight = (at: number, zone: Zone): boolean =>
  text(at, zone, 'midnight', { ...CLOCK, second: '2-digit' }).replace(/\D/g, '') === '000000'

/** What stands at a line of a time axis whose lines are `step` ms apart: as little as tells them apart. */
export function tickIn(at: number, step: number, zone: Zone): string {
  if (step >= 360 * DAY) return text(at, zone, 'year', { year: 'numeric' })
  if (step >= 28 * DAY) return text(at, zone, 'month', { month: 'short', year: '2-digit' })
  if (step >= DAY || isMidnight(at, zone)) return text(at, zone, 'day', { day: 'numeric', month: 'short' })
  return step >= MINUTE
    ? text(at, zone, 'clock', CLOCK)
    : text(at, zone, 'second', { ...CLOCK, second: '2-digit' })
}

/** How far the clocks of a zone are ahead of UTC then, ms. */
function aheadOfUtc(at: number, zone: Zone): number {
  if (!zone) return -new Date(at).getTimezoneOffset() * MINUTE
  const format = dateFormat(`parts ${zone}`, {
    ...DATE,
    ...CLOCK,
    second: '2-digit',
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
  })
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  const wall = Date.UTC(part.year!, part.month! - 1, part.day!, part.hour, part.minute, part.second)
  return wall - Math.floor(at / 1000) * 1000
}

/** A moment as an input of type datetime-local has it: `2025-06-01T12:00`. */
export const inputOf = (at: number, zone: Zone): string =>
  new Date(at + aheadOfUtc(at, zone)).toISOString().slice(0, 16)

/** The moment that such an input means, ms since 1970; undefined when it means none. */
export function momentOf(input: string, zone: Zone): number | undefined {
  const wall = Date.parse(`${input}Z`)
  if (!/^\d{4}-/.test(input) || Number.isNaN(wall)) return undefined
  const guess = wall - aheadOfUtc(wall, zone)
  return wall - aheadOfUtc(guess, zone)
}
