/** An operator's browser: requests with a token on connections that stay open. */
import { Agent, request } from 'node:http'
import type { Operator } from './subject.js'

export interface Answer {
  status: number
  text: string
}

/** Posts JSON to a route; rejects only when there is no answer at all. */
export type Post = (route: string, body: object) => Promise<Answer>

/** `connections`: how many requests may be under way; others wait. */
export function operate({ host, port, token }: Operator, connections: number): Post {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  return (route, body) =>
    new Promise((resolve, reject) => {
      const bytes = Buffer.from(JSON.stringify(body))
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': bytes.length,
      }
      const path = `/api/v1${route}`
      const asked = request({ agent, host, port, path, method: 'POST', headers }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        answer.once('end', () => resolve({ status: answer.statusCode!, text }))
        answer.once('error', reject)
      })
      asked.once('error', reject)
      asked.end(bytes)
    })
}

/** Throws when something was not accepted, with what was said about it. */
export function accepted({ status, text }: Answer, what: string): void {
  if (status >= 300) throw new Error(`${what} was answered with ${status}: ${text.slice(0, 300)}`)
}
