/**
 * Strings of MQTT: well-formed UTF-8 without U+0000 [MQTT-1.5.3-1] [MQTT-1.5.3-2], and without control characters
 * and non-characters, for which a receiver may close the connection (§1.5.3). A BOM is a character like any
 * other [MQTT-1.5.3-3].
 */
import { isUtf8 } from 'node:buffer'

/** Control characters, lone surrogates (which decode to nothing else) and what Unicode says is no character. */
const FORBIDDEN =
  /[\u0000-\u001f\u007f-\u009f\ufdd0-\ufdef\ufffe\uffff]|[\ud83f\ud87f\ud8bf\ud8ff\ud93f\ud97f\ud9bf\ud9ff\uda3f\uda7f\udabf\udaff\udb3f\udb7f\udbbf\udbff][\udffe\udfff]/

/** The string in `bytes` from `start` to `end`; undefined when MQTT does not allow it. */
export function stringIn(bytes: Buffer, start: number, end: number): string | undefined {
  // Almost every string is printable ASCII: one look at each byte and no decoding.
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte < 0x20 || byte > 0x7e) return otherwise(bytes, start, end)
  }
  return bytes.toString('latin1', start, end)
}

function otherwise(bytes: Buffer, start: number, end: number): string | undefined {
  if (!isUtf8(bytes.subarray(start, end))) return undefined
  const text = bytes.toString('utf8', start, end)
  return FORBIDDEN.test(text) ? undefined : text
}
