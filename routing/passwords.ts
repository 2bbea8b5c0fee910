/**
 * Passwords of people: hashed with scrypt off the event loop, compared in constant time. The text of a hash
 * says its own parameters, so that they can be raised later. RFC 7914
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

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
