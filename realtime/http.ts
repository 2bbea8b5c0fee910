/**
 * One uWebSockets.js request ↔ one Fetch request and response, for the Hono app. Bodies are limited, a client
 * that leaves aborts its request, and a long answer waits for the network. The request object of uWS lives
 * only until its callback returns, so everything is read from it first.
 */

import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { SocketAddress } from 'node:net'
import { type CodeName, codes } from '../routing/contract/codes.js'
import { problemBody } from './problem.js'

/** Largest request body, bytes. */
export const MAX_BODY = 1_048_576

export type Fetch = (
  request: Request,
  env: { address: string; request_id: string },
) => Response | Promise<Response>

/** What every answer says about how a browser must treat it. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Content-Security-Policy':
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
}

const REQUEST_ID = /^[A-Za-z0-9_.:-]{1,64}$/

const MAPPED = /^(0{4}:){5}ffff:$/

/** Who asks, the way Node writes addresses: a mapped IPv4 address as IPv4, IPv6 in short. */
export function addressOf(res: HttpResponse): string {
  const bytes = Buffer.from(res.getRemoteAddress())
  if (bytes.length === 4) return bytes.join('.')
  const text = Buffer.from(res.getRemoteAddressAsText()).toString()
  if (MAPPED.test(text.slice(0, 30))) return bytes.subarray(12).join('.')
  try {
    return new SocketAddress({ address: text, family: 'ipv6' }).address
  } catch {
    return text
  }
}

const statusLine = (status: number): string => `${status} ${STATUS_CODES[status] ?? 'Unknown'}`

/** Names and values that are no HTTP are left out: nobody asks for them. RFC 9110 5.5 */
function headersOf(req: HttpRequest): Headers {
  const headers = new Headers()
  req.forEach((name, value) => {
    try {
      headers.append(name, value)
    } catch {}
  })
  return headers
}

/** Answers with an error of ours. */
export function refuse(
  res: HttpResponse,
  code: CodeName,
  detail?: string,
  requestId: string = randomUUID(),
): void {
  res.cork(() => {
    res.writeStatus(statusLine(codes[code].status))
    res.writeHeader('Content-Type', 'application/json')
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) res.writeHeader(name, value)
    res.writeHeader('X-Request-ID', requestId)
    res.end(JSON.stringify(problemBody(code, detail)))
  })
}

/** Serves one request with `fetch`. Never throws. */
export function serve(
  fetch: Fetch,
  res: HttpResponse,
  req: HttpRequest,
  failed: (error: unknown) => void,
): void {
  const method = req.getMethod().toUpperCase()
  const query = req.getQuery()
  // The name a client calls us by is its own business: routes look at the path.
  const url = `http://localhost${req.getUrl()}${query ? `?${query}` : ''}`
  const headers = headersOf(req)
  const offered = headers.get('x-request-id') ?? ''
  const requestId = REQUEST_ID.test(offered) ? offered : randomUUID()
  const env = { address: addressOf(res), request_id: requestId }

  const abort = new AbortController()
  res.onAborted(() => abort.abort())

  const answered = { started: false }
  const answer = async (bytes: Buffer | undefined): Promise<void> => {
    try {
      const request = new Request(url, {
        // The head of an answer to HEAD is that to GET. RFC 9110 9.3.2
        method: method === 'HEAD' ? 'GET' : method,
        headers,
        signal: abort.signal,
        ...(bytes && bytes.length > 0 && { body: new Uint8Array(bytes) }),
      })
      await send(res, await fetch(request, env), { requestId, method, signal: abort.signal, answered })
    } catch (error) {
      failed(error)
      if (abort.signal.aborted) return
      if (answered.started) res.close()
      else refuse(res, 'internal_error', undefined, requestId)
    }
  }

  if (method === 'GET' || method === 'HEAD') return void answer(undefined)
  readBody(res, (bytes) => {
    if (bytes) return void answer(bytes)
    refuse(res, 'body_too_large', `The body is over ${MAX_BODY} bytes`, requestId)
  })
}

/** Collects a body; undefined when it is too large. What still comes is dropped, so that the answer is read. */
function readBody(res: HttpResponse, done: (bytes: Buffer | undefined) => void): void {
  const chunks: Buffer[] = []
  let length = 0
  let over = false
  res.onData((chunk, isLast) => {
    if (over) return
    length += chunk.byteLength
    if (length > MAX_BODY) {
      over = true
      return done(undefined)
    }
    // The chunk's memory is gone after this call.
    chunks.push(Buffer.from(chunk.slice(0)))
    if (isLast) done(Buffer.concat(chunks))
  })
}

/**
 * Ends an answer to HEAD. Given a length, uWS would wait for that many bytes for ever, and without an abort
 * handler it ends the process; so the length is a header like any other.
 */
export function endHead(res: HttpResponse, length: number): void {
  res.writeHeader('Content-Length', String(length))
  res.endWithoutBody()
}

interface Asked {
  requestId: string
  method: string
  signal: AbortSignal
  /** Whether the head is out, so that a failure after it can only cut the connection. */
  answered: { started: boolean }
}

async function send(
  res: HttpResponse,
  response: Response,
  { requestId, method, signal, answered }: Asked,
): Promise<void> {
  const reader = response.body?.getReader()
  const first = (await reader?.read())?.value
  const second = first ? await reader!.read() : undefined
  if (signal.aborted) return void reader?.cancel()

  const writeHead = (): void => {
    answered.started = true
    res.writeStatus(statusLine(response.status))
    for (const [name, value] of response.headers) if (name !== 'content-length') res.writeHeader(name, value)
    for (const [name, value] of Object.entries(SECURITY_HEADERS))
      if (!response.headers.has(name)) res.writeHeader(name, value)
    res.writeHeader('X-Request-ID', requestId)
  }

  // Most answers are one chunk: they go out whole, with their length.
  if (!second || second.done) {
    res.cork(() => {
      writeHead()
      if (response.status === 204) res.endWithoutBody()
      else if (method === 'HEAD') endHead(res, first?.length ?? 0)
      else res.end(first ?? '')
    })
    return
  }
  res.cork(() => {
    writeHead()
    if (method === 'HEAD') res.endWithoutBody()
    else res.write(first!)
  })
  if (method === 'HEAD') return void reader!.cancel()

  const writable = drains(res, signal)
  for (let chunk: Uint8Array | undefined = second.value; chunk; chunk = (await reader!.read()).value) {
    if (signal.aborted) return void reader!.cancel()
    const bytes: Uint8Array = chunk
    let taken = true
    res.cork(() => {
      taken = res.write(bytes)
    })
    if (!taken) await writable()
  }
  if (!signal.aborted) res.cork(() => res.end())
}

/** Waits until the network takes more, or the client is gone. */
function drains(res: HttpResponse, signal: AbortSignal): () => Promise<void> {
  let wake = (): void => {}
  signal.addEventListener('abort', () => wake(), { once: true })
  res.onWritable(() => {
    wake()
    return true
  })
  return () =>
    new Promise((resolve) => {
      wake = resolve
      if (signal.aborted) resolve()
    })
}
