/**
 * Passwords, compared in constant time. Those of people are hashed with scrypt off the event loop (RFC 7914); those
 * of devices are 128 random bits, for which a fast hash is enough. The text of a hash says what it is, so that it can
 * be raised later.
 */
import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { FIELD_WRONGS, type FieldWrong } from './contract/sentences/fields.js'

const COST = 16_384
const BLOCK = 8
const KEY_BYTES = 32

const derive = (password: string, salt: Buffer, cost: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { N: cost, r: BLOCK, p: 1 }, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, COST)
  return `scrypt:${COST}:${salt.toString('base64url')}:${key.toString('base64url')}`
}

export async function isPassword(password: string, hash: string): Promise<boolean> {
  const [kind, cost, salt, key] = hash.split(':')
  if (kind !== 'scrypt' || !cost || !salt || !key) return false
  const wanted = Buffer.from(key, 'base64url')
  const derived = await derive(password, Buffer.from(salt, 'base64url'), Number(cost))
  return wanted.length === derived.length && timingSafeEqual(wanted, derived)
}

/** The hash of a secret that nobody chose. */
export const hashSecret = (secret: string | Uint8Array): string =>
  `sha256:${createHash('sha256').update(secret).digest('base64url')}`

/** Is that the secret? Takes microseconds: no login storm makes a device wait. */
export function isSecret(secret: Uint8Array, hash: string): boolean {
  const given = Buffer.from(hashSecret(secret))
  const wanted = Buffer.from(hash)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

const SPECIAL = /[!@#$%^&*()_+\-=[\]{}|;:,.<>?"]/

/**
 * What a new password lacks, as a sentence; undefined when it will do. One that an administrator gives to
 * somebody needs no special character (rest-contract §3, §4).
 */
export const passwordWeakness = (password: string, special = true): string | undefined =>
  passwordLack(password, special)?.msg

/** The same with its code, for pages in other languages. */
export function passwordLack(
  password: string,
  special = true,
): { msg: string; code: FieldWrong } | undefined {
  const lacks = (code: FieldWrong, msg: string = FIELD_WRONGS[code]) => ({ msg, code })
  if (password.length < 8 || password.length > 128) return lacks('password_length')
  if (!/[A-Z]/.test(password)) return lacks('password_upper')
  if (!/[a-z]/.test(password)) return lacks('password_lower')
  if (!/[0-9]/.test(password)) return lacks('password_digit')
  if (special && !SPECIAL.test(password))
    return lacks(
      'password_special',
      'must contain one of ! @ # $ % ^ & * ( ) _ + - = [ ] { } | ; : , . < > ? "',
    )
  return undefined
}
