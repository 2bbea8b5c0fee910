/** Asks the REST API of a kaiser that may run elsewhere: plain or with TLS, patient where it asks for patience. */
import { request as askPlainly, Agent as PlainAgent } from 'node:http'
import { request as askSecurely, Agent as SecureAgent } from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'
import { withoutCredentials } from '../sim/broker-url.js'

/** `http://host:8000`, without a slash at its end. Throws an Error that says what is allowed. */
export function parseRestUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || !/^\/?$/.test(url.pathname + url.search + url.hash))
    throw new Error('an address such as http://localhost:8000 or https://host:8000')
  if (url.username !== '' || url.password !== '')
    throw new Error('an address without credentials; they come with --username and --password-stdin')
  return text.replace(/\/$/, '')
}
export { withoutCredentials }

export interface RestAnswer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

export interface RestClient {
  /** Throws an Error when nobody answers, or what answers is no kaiser. */
  ask(method: 'GET' | 'POST', path: string, body?: object): Promise<RestAnswer>
  /** From now on with this access token. */
  bear(token: string): void
  close(): void
}

/** s, where it does not say how long. */
const PATIENCE = 5
const TIMEOUT = 30_000

/** `ca` is who is trusted besides those this machine trusts, as PEM. */
export function createRestClient(origin: string, ca?: string | undefined): RestClient {
  const isSecure = origin.startsWith('https:')
  const agent = isSecure
    ? new SecureAgent({ keepAlive: true, ...(ca !== undefined && { ca }) })
    : new PlainAgent({ keepAlive: true })
  let token: string | undefined

  const once = (method: string, path: string, text: string) =>
    new Promise<RestAnswer & { later: string | undefined }>((resolve, reject) => {
      const headers = {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(text !== '' && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      }
      const options = { method, agent, headers, timeout: TIMEOUT }
      const asking = (isSecure ? askSecurely : askPlainly)(`${origin}/api/v1${path}`, options, (answer) => {
        let said = ''
        answer.setEncoding('utf8')
        answer.on('data', (chunk: string) => (said += chunk))
        answer.once('error', reject)
        answer.once('end', () => {
          try {
            const body = JSON.parse(said || '{}') as RestAnswer['body']
            resolve({ status: answer.statusCode ?? 0, body, later: answer.headers['retry-after'] })
          } catch {
            reject(new Error('what answers there is no kaiser'))
          }
        })
      })
      asking.once('timeout', () => asking.destroy(new Error('no answer within 30 s')))
      asking.once('error', reject)
      asking.end(text)
    })

  return {
    async ask(method, path, body) {
      for (;;) {
        const answer = await once(method, path, body ? JSON.stringify(body) : '').catch((error: Error) => {
          throw new Error(`${origin} cannot be asked: ${error.message}`)
        })
        if (answer.status !== 429) return answer
        await wait((Number(answer.later) || PATIENCE) * 1_000)
      }
    },
    bear(access_token) {
      token = access_token
    },
    close: () => agent.destroy(),
  }
}
