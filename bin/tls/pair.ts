/**
 * The certificate and key the server is told to use: read and tried out before anything depends on them, so that a
 * wrong file is named with its flag and why. What only wears out, a date, is no reason to refuse.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'

/** Where they are; the names are the flags. */
export interface PairFiles {
  'tls-cert': string
  'tls-key': string
  'tls-client-ca'?: string | undefined
}

export interface Pair {
  cert: Buffer
  key: Buffer
  client_ca: Buffer | undefined
  /** The server's own, the first in its file. */
  certificate: X509Certificate
}

/** A file cannot be used; the message names the flag, the file and why. */
export class PairError extends Error {
  override name = 'PairError'
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** Throws PairError. */
export function readPair(files: PairFiles): Pair {
  const refuse = (flag: keyof PairFiles, why: string): never => {
    throw new PairError(`--${flag} is "${files[flag]}"; ${why}`)
  }
  const attempt = <T>(flag: keyof PairFiles, why: string, work: () => T): T => {
    try {
      return work()
    } catch (error) {
      return refuse(flag, `${why}: ${(error as Error).message}`)
    }
  }
  const read = (flag: keyof PairFiles): Buffer =>
    attempt(flag, 'it cannot be read', () => readFileSync(files[flag]!))
  const certificatesIn = (flag: keyof PairFiles, pem: Buffer): [X509Certificate, ...X509Certificate[]] => {
    const [first, ...rest] = pem.toString('latin1').match(CERTIFICATES) ?? []
    if (first === undefined) return refuse(flag, 'there is no certificate in it, as PEM')
    const parse = (text: string): X509Certificate =>
      attempt(flag, 'a certificate in it is broken', () => new X509Certificate(text))
    return [parse(first), ...rest.map(parse)]
  }

  const cert = read('tls-cert')
  const [certificate] = certificatesIn('tls-cert', cert)
  const key = read('tls-key')
  const privateKey = attempt('tls-key', 'it is no private key, as PEM without a password', () =>
    createPrivateKey(key),
  )
  if (!certificate.checkPrivateKey(privateKey)) refuse('tls-key', 'it is not the key of --tls-cert')

  const client_ca = files['tls-client-ca'] === undefined ? undefined : read('tls-client-ca')
  if (client_ca && !certificatesIn('tls-client-ca', client_ca).some(({ ca }) => ca))
    refuse('tls-client-ca', 'there is no certificate of an authority in it')
  attempt('tls-cert', 'TLS does not take it', () => createSecureContext({ cert, key, ca: client_ca }))
  return { cert, key, client_ca, certificate }
}
