/**
 * Makes X.509 certificates (RFC 5280) with keys on P-256: small enough for an ESP32, known to every browser. Three
 * kinds: an authority, a server, a client. Signing is node:crypto's.
 */
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import {
  bits,
  boolean,
  integer,
  objectIdentifier,
  octets,
  sequence,
  set,
  tagged,
  time,
  untagged,
  utf8,
} from './der.js'
import { addressBytes, isAddress } from './names.js'

/** Who signs: an authority's common name and private key. */
export interface Signer {
  common_name: string
  key: KeyObject
}

export interface Wanted {
  kind: 'authority' | 'server' | 'client'
  common_name: string
  /** Names and addresses a server is reached by. */
  names?: readonly string[]
  /** ms since 1970 */
  not_before: number
  not_after: number
}

/** A certificate and its private key, as PEM. */
export interface Issued {
  certificate: string
  key: string
}

const ECDSA_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'))
const COMMON_NAME = objectIdentifier('2.5.4.3')
const VERSION_3 = tagged(0, integer(2))
/** One byte of key usage and how many of its bits are padding. RFC 5280 4.2.1.3 */
const SIGN_CERTIFICATES = bits(Buffer.from([0b0000_0110]), 1)
const SIGN_HANDSHAKES = bits(Buffer.from([0b1000_0000]), 7)
const PURPOSE = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const

const nameOf = (common_name: string): Buffer => sequence(set(sequence(COMMON_NAME, utf8(common_name))))

const extension = (id: string, inner: Uint8Array, critical = false): Buffer =>
  sequence(objectIdentifier(`2.5.29.${id}`), ...(critical ? [boolean(true)] : []), octets(inner))

const spki = (key: KeyObject): Buffer =>
  createPublicKey(key.export({ format: 'pem', type: 'pkcs8' })).export({ format: 'der', type: 'spki' })

/** The uncompressed point, which is the last thing in the public key of a curve. */
const POINT = 65
const keyId = (publicKey: Buffer): Buffer => createHash('sha1').update(publicKey.subarray(-POINT)).digest()

const alternative = (name: string): Buffer =>
  isAddress(name) ? untagged(7, addressBytes(name)) : untagged(2, Buffer.from(name, 'ascii'))

function extensions({ kind, names }: Wanted, own: Buffer, signer: Buffer): Buffer {
  const authority = kind === 'authority'
  const list = [
    // A path length of 0: it signs servers and devices, not further authorities.
    extension('19', authority ? sequence(boolean(true), integer(0)) : sequence(), true),
    extension('15', authority ? SIGN_CERTIFICATES : SIGN_HANDSHAKES, true),
    extension('14', octets(keyId(own))),
    extension('35', sequence(untagged(0, keyId(signer)))),
  ]
  if (kind !== 'authority') list.push(extension('37', sequence(objectIdentifier(PURPOSE[kind]))))
  if (names?.length) list.push(extension('17', sequence(...names.map(alternative))))
  return tagged(3, sequence(...list))
}

const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`

/** Makes a key and a certificate for it; without a signer it signs itself. */
export function issue(wanted: Wanted, signer?: Signer): Issued {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const by = signer ?? { common_name: wanted.common_name, key: privateKey }
  const publicKey = spki(privateKey)
  const body = sequence(
    VERSION_3,
    integer(serial()),
    ECDSA_SHA256,
    nameOf(by.common_name),
    sequence(time(wanted.not_before), time(wanted.not_after)),
    nameOf(wanted.common_name),
    publicKey,
    extensions(wanted, publicKey, spki(by.key)),
  )
  const signature = sign('sha256', body, by.key)
  return {
    certificate: pem('CERTIFICATE', sequence(body, ECDSA_SHA256, bits(signature))),
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
  }
}

/** 127 random bits, never zero. RFC 5280 4.1.2.2 */
function serial(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes
}
