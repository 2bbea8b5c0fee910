/** Certificates for tests: an authority in a directory of its own, the flags that use it, and clients that trust it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import https from 'node:https'
import tls from 'node:tls'
import type { IClientOptions } from 'mqtt'
import { createAuthority, createClient, filesOf, renewServer } from '../../bin/tls/authority.js'
import { ADMINISTRATOR } from './administrator.js'
import { directory, type OpenApp, type OpenOptions, openApp, type Teardown } from './app.js'

export interface TestAuthority {
  readonly data: string
  readonly files: ReturnType<typeof filesOf>
  readonly ca: Buffer
  /** SHA-256 of the server certificate that is there now. */
  fingerprint(): string
  /** Replaces the server certificate; its days may be over already. */
  renew(days?: number): Promise<void>
  /** Key and certificate of a device. */
  client(device_id: string, days?: number): Promise<{ cert: Buffer; key: Buffer }>
}

export async function authority(t: Teardown): Promise<TestAuthority> {
  const data = directory(t)
  const made = await createAuthority(data, { days: 825, now: Date.now() })
  let { fingerprint } = made.server
  const files = filesOf(data)
  return {
    data,
    files,
    ca: readFileSync(files.ca),
    fingerprint: () => fingerprint,
    async renew(days = 825) {
      const { server } = await renewServer(data, { days, now: Date.now() })
      fingerprint = server.fingerprint
    },
    async client(device_id, days = 30) {
      await createClient(data, device_id, { days, now: Date.now(), force: true })
      return {
        cert: readFileSync(files.client(device_id, 'certificate')),
        key: readFileSync(files.client(device_id, 'key')),
      }
    },
  }
}

/** A kaiser that serves everything over TLS; device certificates are asked for with `clients`. */
export const openSecurely = (
  t: Teardown,
  { files }: TestAuthority,
  { clients, ...options }: OpenOptions & { clients?: string } = {},
): Promise<OpenApp> =>
  openApp(t, {
    certificatePoll: 20,
    ...options,
    flags: [
      ...['--mqtts-port', '0', '--tls-cert', files.server, '--tls-key', files.server_key],
      ...(clients ? ['--tls-client-ca', clients] : []),
    ],
  })

export const mqtts = (app: OpenApp): string => `mqtts://127.0.0.1:${app.mqttsPort}`

/** An mqtt.js client's trust. */
export const trusting = ({ ca }: TestAuthority): IClientOptions => ({ ca, rejectUnauthorized: true })

/** A TLS connection after its handshake; rejects with why there is none. */
export function shakeHands(
  t: Teardown,
  port: number,
  options: tls.ConnectionOptions,
): Promise<tls.TLSSocket & { fingerprint: string }> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', port, ...options }, () =>
      resolve(Object.assign(socket, { fingerprint: socket.getPeerCertificate().fingerprint256 })),
    )
    socket.on('error', reject)
    t.teardown(() => socket.destroy())
  })
}

export interface SecureAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: string
  /** Of the certificate it came under. */
  fingerprint: string
}

/** One request over HTTPS on a connection of its own; a body is sent as JSON, with POST. */
export const request = (
  app: OpenApp,
  path: string,
  ca: Buffer,
  { token, body }: { token?: string; body?: object } = {},
): Promise<SecureAnswer> =>
  new Promise((resolve, reject) => {
    const asked = https.request(`${app.origin}${path}`, {
      method: body ? 'POST' : 'GET',
      ca,
      agent: false,
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...(token && { authorization: `Bearer ${token}` }),
      },
    })
    asked.on('error', reject)
    asked.on('response', (answer) => {
      const { fingerprint256 } = (answer.socket as tls.TLSSocket).getPeerCertificate()
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk) => {
        text += chunk
      })
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: text,
          fingerprint: fingerprint256,
        }),
      )
    })
    asked.end(body && JSON.stringify(body))
  })

/** The access token of the first administrator. */
export const administrator = async (app: OpenApp, ca: Buffer): Promise<string> =>
  JSON.parse((await request(app, '/api/v1/auth/setup', ca, { body: ADMINISTRATOR })).body).tokens.access_token

/** Puts something else where a file is; the file is another one afterwards. */
export function replace(file: string, content: string | Buffer): void {
  rmSync(file)
  writeFileSync(file, content)
}
