/** A listener of the realtime WebSocket, as a page is one. */
import { once } from 'node:events'
import WebSocket from 'ws'
import type { OpenApp, Teardown } from './app.js'
import { request } from './http.js'
import { until } from './until.js'

export interface Envelope {
  type: string
  timestamp: number
  cursor?: string
  since?: string
  skipped?: number
  events?: Envelope[]
  data: Record<string, unknown>
}

export interface Listener {
  readonly socket: WebSocket
  /** Every frame so far, and when it came (ms, monotonic). */
  readonly frames: Envelope[]
  readonly times: number[]
  readonly code: number | undefined
  say(frame: unknown): void
  /** Sends a filter and waits until it holds. */
  filter(filters: unknown, action?: string): Promise<void>
  frame(n: number): Promise<Envelope>
  /** The first frame of this type that came after the first `from`. */
  heard(type: string, from?: number): Promise<Envelope>
  end(): Promise<number>
}

const urlOf = (app: OpenApp, client_id: string, token: string): string =>
  `ws://127.0.0.1:${app.httpPort}/api/v1/ws/realtime/${client_id}?token=${encodeURIComponent(token)}`

export async function listen(
  t: Teardown,
  app: OpenApp,
  token: string,
  client_id = 'page',
): Promise<Listener> {
  const socket = new WebSocket(urlOf(app, client_id, token))
  const frames: Envelope[] = []
  const times: number[] = []
  let code: number | undefined
  socket.on('error', () => {})
  socket.on('message', (text) => {
    frames.push(JSON.parse(String(text)) as Envelope)
    times.push(performance.now())
  })
  socket.on('close', (closed) => {
    code = closed
  })
  t.teardown(() => socket.terminate())
  const refused = new Promise<never>((_, reject) => {
    socket.on('unexpected-response', (_request, answer) => reject(new Error(`refused: ${answer.statusCode}`)))
    socket.on('close', (ended) => reject(new Error(`closed: ${ended}`)))
  })
  refused.catch(() => {})
  await Promise.race([once(socket, 'open'), refused])
  const listener: Listener = {
    socket,
    frames,
    times,
    get code() {
      return code
    },
    say: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    async filter(filters, action = 'subscribe') {
      listener.say({ action, filters })
      // The server answers a ping after what came before it.
      socket.ping()
      await Promise.race([once(socket, 'pong'), refused])
    },
    async frame(n) {
      await until(() => frames.length >= n, `frame ${n}`)
      return frames[n - 1]!
    },
    async heard(type, from = 0) {
      const find = () => frames.slice(from).find((frame) => frame.type === type)
      await until(() => find() !== undefined, `a frame ${type}`)
      return find()!
    },
    async end() {
      await until(() => code !== undefined, 'the end of the socket')
      return code!
    },
  }
  return listener
}

/** What an upgrade that is refused is answered with. */
export async function refused(app: OpenApp, path: string): Promise<{ status: number; body: string }> {
  const socket = new WebSocket(`ws://127.0.0.1:${app.httpPort}${path}`)
  socket.on('error', () => {})
  const [, answer] = (await once(socket, 'unexpected-response')) as [
    unknown,
    import('node:http').IncomingMessage,
  ]
  let body = ''
  for await (const chunk of answer) body += String(chunk)
  return { status: answer.statusCode ?? 0, body }
}

export const ticket = async (app: OpenApp, token: string): Promise<string> =>
  (await request(app, 'POST', '/auth/ws-ticket', { token })).body.ticket as string
