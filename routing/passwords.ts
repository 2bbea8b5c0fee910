/**
 * Passwords, compared in constant time. Those of people are hashed with scrypt off the event loop (RFC 7914); those
 * of devices are 128 random bits, for which a fast hash is enough. The text of a hash says what it is, so that it can
 * be raised later.
 */
import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

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
export function passwordWeakness(password: string, special = true): string | undefined {
  if (password.length < 8 || password.length > 128) return 'must have 8 to 128 characters'
  if (!/[A-Z]/.test(password)) return 'must contain an upper-case letter'
  if (!/[a-z]/.test(password)) return 'must contain a lower-case letter'
  if (!/[0-9]/.test(password)) return 'must contain a digit'
  if (special && !SPECIAL.test(password))
    return 'must contain one of ! @ # $ % ^ & * ( ) _ + - = [ ] { } | ; : , . < > ? "'
  return undefined
}
