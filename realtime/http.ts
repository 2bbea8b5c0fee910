/**
 * One uWebSockets.js request ↔ one Fetch request and response, for the Hono app. Bodies are limited, a client
 * that leaves aborts its request, and a long answer waits for the network. The request object of uWS lives
 * only until its callback returns, so everything is read from it first.
 */

import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import { randomUUID } from 'node:crypto'

/** Largest request body, bytes. */
export const MAX_BODY = 1_048_576

export type Fetch = (request: Request, env: { address: string }) => Response | Promise<Response>

/** What every answer says about how a browser must treat it. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Content-Security-Policy':
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
}

const REQUEST_ID = /^[A-Za-z0-9_.:-]{1,64}$/

export const addressOf = (res: HttpResponse): string =>
  Buffer.from(res.getRemoteAddressAsText())
    .toString()
    .replace(/^(0000:){5}ffff:/, '')
    .replace(/^::ffff:/, '')

/** Serves one request with `fetch`. Never throws. */
export function serve(
  fetch: Fetch,
  res: HttpResponse,
  req: HttpRequest,
  failed: (error: unknown) => void,
): void {
  const method = req.getMethod().toUpperCase()
  const query = req.getQuery()
  const url = `http://${req.getHeader('host') || 'localhost'}${req.getUrl()}${query ? `?${query}` : ''}`
  const headers = new Headers()
  req.forEach((name, value) => {
    headers.append(name, value)
  })
  const offered = headers.get('x-request-id') ?? ''
  const requestId = REQUEST_ID.test(offered) ? offered : randomUUID()
  const env = { address: addressOf(res) }

  const abort = new AbortController()
  res.onAborted(() => abort.abort())

  const answer = async (bytes: Buffer | undefined): Promise<void> => {
    try {
      const request = new Request(url, {
        method,
        headers,
        signal: abort.signal,
        ...(bytes && bytes.length > 0 && { body: new Uint8Array(bytes) }),
      })
      await send(res, await fetch(request, env), requestId, method === 'HEAD', abort.signal)
    } catch (error) {
      failed(error)
      if (!abort.signal.aborted)
        refuse(
          res,
          '500 Internal Server Error',
          '{"success":false,"detail":"Something failed inside kaiser","code":"internal_error"}',
          requestId,
        )
    }
  }

  if (method === 'GET' || method === 'HEAD') return void answer(undefined)
  readBody(res, (bytes) => {
    if (bytes) return void answer(bytes)
    refuse(
      res,
      '413 Payload Too Large',
      `{"success":false,"detail":"The body is over ${MAX_BODY} bytes","code":"body_too_large"}`,
      requestId,
    )
  })
}

/** Collects a body; undefined when it is too large. */
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

function refuse(res: HttpResponse, status: string, text: string, requestId: string): void {
  res.cork(() => {
    res.writeStatus(status)
    res.writeHeader('Content-Type', 'application/json')
    res.writeHeader('X-Request-ID', requestId)
    res.end(text, true)
  })
}

async function send(
  res: HttpResponse,
  response: Response,
  requestId: string,
  head: boolean,
  signal: AbortSignal,
): Promise<void> {
  const reader = response.body?.getReader()
  const first = head ? undefined : (await reader?.read())?.value
  const second = first ? await reader!.read() : undefined
  if (signal.aborted) return void reader?.cancel()

  const writeHead = (): void => {
    res.writeStatus(`${response.status}`)
    for (const [name, value] of response.headers) if (name !== 'content-length') res.writeHeader(name, value)
    for (const [name, value] of Object.entries(SECURITY_HEADERS))
      if (!response.headers.has(name)) res.writeHeader(name, value)
    res.writeHeader('X-Request-ID', requestId)
  }

  // Most answers are one chunk: they go out whole, with their length.
  if (!second || second.done) {
    res.cork(() => {
      writeHead()
      if (head) res.endWithoutBody(Number(response.headers.get('content-length') ?? 0))
      else res.end(first ?? '')
    })
    return
  }
  res.cork(() => {
    writeHead()
    res.write(first!)
  })
  let chunk: Uint8Array | undefined = second.value
  while (chunk) {
    if (signal.aborted) return void reader!.cancel()
    const bytes: Uint8Array = chunk
    let taken = true
    res.cork(() => {
      taken = res.write(bytes)
    })
    if (!taken) await drained(res, signal)
    chunk = (await reader!.read()).value
  }
  if (!signal.aborted) res.cork(() => res.end())
}

const drained = (res: HttpResponse, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
    res.onWritable(() => {
      resolve()
      return true
    })
  })
