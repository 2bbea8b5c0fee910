/**
 * Moves the times inside a payload by so many ms: what devices say of when something was, in s or ms since 1970. The
 * rest of the text stays as it is, letter by letter.
 */
const TIMES = /("(?:ts|ts_ms|timestamp)"\s*:\s*)(\d{10}|\d{13})(?=(?:\.\d+)?\s*[,}])/g

export function shiftTimes(payload: Buffer, ms: number): Buffer {
  const text = payload.toString()
  const shifted = text.replace(TIMES, (_, name: string, digits: string) => {
    const moved = Number(digits) + (digits.length === 10 ? ms / 1_000 : ms)
    return `${name}${Math.round(moved)}`
  })
  return shifted === text ? payload : Buffer.from(shifted)
}
