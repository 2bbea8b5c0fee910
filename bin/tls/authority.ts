/**
 * The local certificate authority in `DATA/tls`: made once, signs this server and its devices. Private keys are
 * files of mode 0600; each file is written whole. Nothing that is there is overwritten unless it was asked for.
 */
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Issued, issue, type Signer } from './certificate.js'
import { type Description, describe } from './description.js'
import { authorityUsage, clientUsage, header } from './header.js'
import { hostLabel, namesOfThisMachine } from './names.js'

/** People must do something first; the message says what. */
export class AuthorityError extends Error {
  override name = 'AuthorityError'
}

/** A certificate and where it is. */
export type Kept = Description & { file: string }

export interface Authority {
  readonly ca: Kept
  readonly server: Kept
  /** The C header of the authority's certificate. */
  readonly header: string
  readonly key: string
}

const DAY = 86_400_000
const CA_DAYS = 3_650
/** Clocks differ; a certificate is good a little before it was made. ms */
const SKEW = 300_000
/** Before this no kaiser existed: a machine without a clock that was never set. */
const EARLIEST = Date.UTC(2025, 0, 1)

/** Where everything is, by what it is. */
export const filesOf = (data: string) => {
  const file = (name: string): string => join(data, 'tls', name)
  return {
    ca: file('ca.pem'),
    ca_key: file('ca-key.pem'),
    header: file('ca.h'),
    server: file('server.pem'),
    server_key: file('server-key.pem'),
    client: (device_id: string, what: 'certificate' | 'key' | 'header'): string =>
      file(join('clients', device_id + { certificate: '.pem', key: '-key.pem', header: '.h' }[what])),
  }
}

/** Makes an authority and a server certificate. Throws AuthorityError when there is one and not `force`. */
export async function createAuthority(
  data: string,
  options: { names?: readonly string[]; days: number; force?: boolean; now: number },
): Promise<Authority> {
  assertClock(options.now)
  const files = filesOf(data)
  if (existsSync(files.ca) && !options.force)
    throw new AuthorityError(
      `${files.ca} exists, and devices may trust it; \`kaiser tls renew\` keeps it, --force makes another`,
    )
  const host = hostLabel()
  const made = await issue({
    kind: 'authority',
    common_name: `kaiser CA ${host.slice(0, 40)} ${randomBytes(4).toString('hex')}`,
    not_before: options.now - SKEW,
    not_after: options.now + CA_DAYS * DAY,
  })
  writeSecret(files.ca_key, made.key)
  write(files.ca, made.certificate)
  write(
    files.header,
    header('KAISER_CA_H', authorityUsage(host), [{ name: 'KAISER_CA_PEM', pem: made.certificate }]),
  )
  return renewServer(data, options)
}

/** Makes a new server certificate of the authority that is there; names it had before are kept. */
export async function renewServer(
  data: string,
  { names = [], days, now }: { names?: readonly string[]; days: number; now: number },
): Promise<Authority> {
  assertClock(now)
  const files = filesOf(data)
  const signer = signerOf(data)
  const before = existsSync(files.server) ? read(files.server).names : []
  const made = await issue(
    {
      kind: 'server',
      common_name: hostLabel(),
      names: namesOfThisMachine(names, before),
      not_before: now - SKEW,
      not_after: Math.min(now + days * DAY, signer.expires),
    },
    signer,
  )
  assertSigned(made, data)
  writeSecret(files.server_key, made.key)
  write(files.server, made.certificate)
  return readAuthority(data)
}

export interface Client {
  certificate: Kept
  key: string
  header: string
  client_ca: string
}

/** Makes a certificate with which a device logs in: its common name is the device id. */
export async function createClient(
  data: string,
  device_id: string,
  { days, now, force = false }: { days: number; now: number; force?: boolean },
): Promise<Client> {
  assertClock(now)
  const files = filesOf(data)
  const file = (what: 'certificate' | 'key' | 'header'): string => files.client(device_id, what)
  const signer = signerOf(data)
  if (existsSync(file('certificate')) && !force)
    throw new AuthorityError(`${file('certificate')} exists; --force makes another`)
  const made = await issue(
    {
      kind: 'client',
      common_name: device_id,
      not_before: now - SKEW,
      not_after: Math.min(now + days * DAY, signer.expires),
    },
    signer,
  )
  assertSigned(made, data)
  writeSecret(file('key'), made.key)
  write(file('certificate'), made.certificate)
  writeSecret(
    file('header'),
    header(`KAISER_CLIENT_${device_id.toUpperCase().replaceAll('-', '_')}_H`, clientUsage(device_id), [
      { name: 'KAISER_CLIENT_CERT_PEM', pem: made.certificate },
      { name: 'KAISER_CLIENT_KEY_PEM', pem: made.key },
    ]),
  )
  return {
    certificate: read(file('certificate')),
    key: file('key'),
    header: file('header'),
    client_ca: files.ca,
  }
}

/** What is there. Throws AuthorityError when nothing is. */
export function readAuthority(data: string): Authority {
  const files = filesOf(data)
  for (const file of [files.ca, files.server]) assertThere(file)
  return {
    ca: read(files.ca),
    server: read(files.server),
    header: files.header,
    key: files.server_key,
  }
}

function signerOf(data: string): Signer & { expires: number } {
  const { ca, ca_key } = filesOf(data)
  for (const file of [ca, ca_key]) assertThere(file)
  const certificate = new X509Certificate(readFileSync(ca))
  return {
    common_name: describe(certificate).subject,
    key: createPrivateKey(readFileSync(ca_key)),
    expires: Date.parse(certificate.validTo),
  }
}

/** An authority that somebody else made may have a name we do not write the same way. */
function assertSigned({ certificate }: Issued, data: string): void {
  const { ca } = filesOf(data)
  const [made, authority] = [new X509Certificate(certificate), new X509Certificate(readFileSync(ca))]
  if (!made.checkIssued(authority) || !made.verify(authority.publicKey))
    throw new AuthorityError(`${ca} was not made by \`kaiser tls init\`, or its key is another one's`)
}

function assertThere(file: string): void {
  if (!existsSync(file)) throw new AuthorityError(`${file} is missing; \`kaiser tls init\` makes it`)
}

function assertClock(now: number): void {
  if (now < EARLIEST)
    throw new AuthorityError(
      `the clock says ${new Date(now).toISOString()}; set it first, certificates have dates`,
    )
}

const read = (file: string): Kept => ({ file, ...describe(new X509Certificate(readFileSync(file))) })

const write = (file: string, text: string): void => writeWhole(file, text, 0o644)
const writeSecret = (file: string, text: string): void => writeWhole(file, text, 0o600)

/** Whoever reads the file finds all of the old one or all of the new one. */
function writeWhole(file: string, text: string, mode: number): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const part = `${file}.${process.pid}.part`
  writeFileSync(part, text, { mode, flag: 'wx' })
  renameSync(part, file)
}
