/**
 * Makes X.509 certificates (RFC 5280) with keys on P-256: small enough for an ESP32, known to every browser. Three
 * kinds: an authority, a server, a client. The library is loaded by the command that needs it and by nobody else:
 * it wants Reflect metadata in the process it runs in.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, webcrypto } from 'node:crypto'
import { isAddress } from './names.js'

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

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' }
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' }

const publicOf = (key: KeyObject): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey(
    'spki',
    createPublicKey(key.export({ format: 'pem', type: 'pkcs8' })).export({ format: 'der', type: 'spki' }),
    CURVE,
    true,
    ['verify'],
  )
const privateOf = (key: KeyObject): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey('pkcs8', key.export({ format: 'der', type: 'pkcs8' }), CURVE, false, ['sign'])

/** Makes a key and a certificate for it; without a signer it signs itself. */
export async function issue(wanted: Wanted, signer?: Signer): Promise<Issued> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const { kind, common_name, names = [], not_before, not_after } = wanted
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const by = signer ?? { common_name, key }
  const [publicKey, issuerKey, signingKey] = await Promise.all([
    publicOf(key),
    publicOf(by.key),
    privateOf(by.key),
  ])
  const authority = kind === 'authority'
  const { KeyUsageFlags, ExtendedKeyUsage } = x509
  const extensions: import('@peculiar/x509').Extension[] = [
    // A path length of 0: it signs servers and devices, not further authorities.
    new x509.BasicConstraintsExtension(authority, authority ? 0 : undefined, true),
    new x509.KeyUsagesExtension(
      authority ? KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign : KeyUsageFlags.digitalSignature,
      true,
    ),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(issuerKey),
  ]
  if (!authority)
    extensions.push(
      new x509.ExtendedKeyUsageExtension([ExtendedKeyUsage[kind === 'server' ? 'serverAuth' : 'clientAuth']]),
    )
  if (names.length > 0)
    extensions.push(
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isAddress(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
    )
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    issuer: [{ CN: [by.common_name] }],
    subject: [{ CN: [common_name] }],
    notBefore: new Date(not_before),
    notAfter: new Date(not_after),
    publicKey,
    signingKey,
    signingAlgorithm: SIGNATURE,
    extensions,
  })
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: key.export({ format: 'pem', type: 'pkcs8' }) as string,
  }
}

/** 127 random bits in hexadecimal, never zero. RFC 5280 4.1.2.2 */
function serial(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes.toString('hex')
}
