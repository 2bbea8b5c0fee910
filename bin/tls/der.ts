/**
 * Writes DER, the bytes certificates are made of (ITU-T X.690). Only what X.509 of elliptic curves needs, and only
 * writing: what comes from elsewhere is read by node:crypto.
 */
const INTEGER = 0x02
const BITS = 0x03
const OCTETS = 0x04
const OBJECT_IDENTIFIER = 0x06
const UTF8 = 0x0c
const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18
const SEQUENCE = 0x30
const SET = 0x31

const CONTEXT = 0x80
const CONSTRUCTED = 0x20

const bytesOf = (n: number): number[] => (n < 256 ? [n] : [...bytesOf(Math.floor(n / 256)), n % 256])

function value(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const length = body.length < 128 ? [body.length] : bytesOf(body.length)
  if (body.length >= 128) length.unshift(0x80 + length.length)
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

export const sequence = (...parts: Uint8Array[]): Buffer => value(SEQUENCE, ...parts)
/** Of one member, which needs no order. */
export const set = (member: Uint8Array): Buffer => value(SET, member)
export const utf8 = (text: string): Buffer => value(UTF8, Buffer.from(text, 'utf8'))
export const octets = (bytes: Uint8Array): Buffer => value(OCTETS, bytes)
export const boolean = (yes: boolean): Buffer => Buffer.from([0x01, 1, yes ? 0xff : 0])

/** A positive integer, of a number or of its bytes, high byte first. */
export function integer(n: number | Uint8Array): Buffer {
  const bytes = typeof n === 'number' ? bytesOf(n) : [...n]
  while (bytes.length > 1 && bytes[0] === 0) bytes.shift()
  return value(INTEGER, Buffer.from(bytes[0]! >= 0x80 ? [0, ...bytes] : bytes))
}

/** Bits; the last `unused` of them are padding. */
export const bits = (bytes: Uint8Array, unused = 0): Buffer => value(BITS, Buffer.from([unused]), bytes)

/** `1.2.840.…` */
export function objectIdentifier(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(Number) as [number, number, ...number[]]
  const base128 = (n: number): number[] => {
    const digits = [n % 128]
    for (let left = Math.floor(n / 128); left > 0; left = Math.floor(left / 128))
      digits.unshift(0x80 + (left % 128))
    return digits
  }
  return value(OBJECT_IDENTIFIER, Buffer.from([first * 40 + second, ...rest].flatMap(base128)))
}

/** A time, of ms since 1970, to the second. Until 2049 in the short form. RFC 5280 4.1.2.5 */
export function time(ms: number): Buffer {
  const text = `${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`
  return text < '2050'
    ? value(UTC_TIME, Buffer.from(text.slice(2)))
    : value(GENERALIZED_TIME, Buffer.from(text))
}

/** `[n]` around a value, EXPLICIT. */
export const tagged = (n: number, inner: Uint8Array): Buffer => value(CONTEXT + CONSTRUCTED + n, inner)
/** `[n]` instead of the tag of a simple value, IMPLICIT. */
export const untagged = (n: number, bytes: Uint8Array): Buffer => value(CONTEXT + n, bytes)
