/** What people want to know of a certificate: whose it is, for which names, its fingerprint, until when. */
import type { X509Certificate } from 'node:crypto'
import { canonical } from './names.js'

export interface Description {
  /** Its common name. */
  subject: string
  names: string[]
  /** SHA-256, `AA:BB:…` */
  fingerprint: string
  /** ISO 8601 */
  expires_at: string
}

/** The common name of a certificate's subject; empty when it has none. */
const commonNameOf = ({ subject }: X509Certificate): string =>
  (subject ?? '')
    .split('\n')
    .find((line) => line.startsWith('CN='))
    ?.slice(3) ?? ''

const namesIn = ({ subjectAltName }: X509Certificate): string[] =>
  (subjectAltName ?? '').split(', ').flatMap((name) => {
    const found = /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1]
    return found ? [canonical(found)] : []
  })

export const describe = (certificate: X509Certificate): Description => ({
  subject: commonNameOf(certificate),
  names: namesIn(certificate),
  fingerprint: certificate.fingerprint256,
  expires_at: new Date(certificate.validTo).toISOString(),
})
