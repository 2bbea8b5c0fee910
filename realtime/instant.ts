/** Times in a query, as people and programs write them: ISO 8601, a date alone, UTC where no zone is said. */
import { wrongField } from './validate.js'

const ZONED = /(Z|[+-]\d\d:?\d\d)$/i
const ISO = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i

/** The time of a query value, ms since 1970; undefined when it is not given. Throws Problem (422). */
export function instant(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  // A plus that was not encoded arrives as a space.
  const said = text.replace(/ (?=\d\d:?\d\d$)/, (gap, at) => (at > 10 ? '+' : gap))
  const time = ISO.test(said)
    ? Date.parse(said.length > 10 && !ZONED.test(said) ? `${said}Z` : said)
    : Number.NaN
  if (Number.isNaN(time))
    throw wrongField(field, 'is no time; write it as 2026-05-01T12:00:00Z', text, 'query')
  return time
}
