/** HTTP as a test needs it: whole answers, bytes on a socket, and people of every role. */
import { createConnection } from 'node:net'
import { hashPassword } from '../../routing/passwords.js'
import type { Role } from '../../storage/users.js'
import { setUp, type Tokens } from './administrator.js'
import type { OpenApp } from './app.js'
import { until } from './until.js'

export interface Answer {
  status: number
  headers: Headers
  /** What is not JSON is its `text`. */
  body: Record<string, unknown>
}

/** One request under /api/v1; a body that is no string is sent as JSON. */
export async function request(
  app: OpenApp,
  method: string,
  path: string,
  { token, body, headers = {} }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const answer = await fetch(`${app.origin}/api/v1${path}`, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.text()
  const isJson = /^application\/(\w+\+)?json\b/.test(answer.headers.get('content-type') ?? '')
  const said = isJson ? (JSON.parse(text || '{}') as Record<string, unknown>) : text ? { text } : {}
  return { status: answer.status, headers: answer.headers, body: said }
}

/** Writes bytes to the HTTP port and returns what came until the server closed, or until `enough` says so. */
export async function bytes(
  app: { readonly httpPort: number },
  sent: string | Buffer,
  enough: (answer: string) => boolean = (answer) => /\r\n\r\n/.test(answer),
): Promise<string> {
  const socket = createConnection({ host: '127.0.0.1', port: app.httpPort })
  let answer = ''
  let closed = false
  socket.on('error', () => {})
  socket.on('close', () => {
    closed = true
  })
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1')
  })
  socket.write(sent)
  await until(() => closed || enough(answer), 'an answer')
  socket.destroy()
  return answer
}

export const PASSWORD = 'Tomato-2026'

/** Somebody of a role, logged in. The first administrator must exist. */
export async function person(app: OpenApp, role: Role): Promise<Tokens> {
  const password_hash = await hashPassword(PASSWORD)
  const username = `a-${role}`
  await app.store.group.run(() =>
    app.store.users.insert(
      { username, email: `${role}@example.org`, full_name: null, password_hash, role },
      Date.now(),
    ),
  )
  const { body } = await request(app, 'POST', '/auth/login', { body: { username, password: PASSWORD } })
  return body.tokens as Tokens
}

/** An administrator, an operator and a viewer. */
export async function people(app: OpenApp): Promise<Record<Role, string>> {
  const admin = (await setUp(app.origin)).access_token
  const operator = (await person(app, 'operator')).access_token
  const viewer = (await person(app, 'viewer')).access_token
  return { admin, operator, viewer }
}
