/**
 * JSON text without half surrogate pairs: `\ud800` alone parses, but is no character, and would be written to the
 * database as bytes that are no UTF-8. It becomes U+FFFD, as every other byte that is no text does. RFC 8259 §8.2
 */
const ESCAPES =
  /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)/g
/** Of an escaped half, `\udXXX`; a whole pair is twice as long, every other escape shorter. */
const HALF = 6

/** In one pass over the text, whatever it is nested; the text itself when there is nothing to do. */
export const wellFormed = (json: string): string =>
  json.includes('\\ud') || json.includes('\\uD')
    ? json.replace(ESCAPES, (found) => (found.length === HALF ? '\\ufffd' : found))
    : json
