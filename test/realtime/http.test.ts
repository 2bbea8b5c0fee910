import { once } from 'node:events'
import { createConnection } from 'node:net'
import t from 'tap'
import { createHub } from '../../realtime/hub.js'
import { createServer, type ServerOptions } from '../../realtime/server.js'
import { setUp } from '../support/administrator.js'
import { openApp, type Teardown } from '../support/app.js'
import { bytes, request } from '../support/http.js'
import { until } from '../support/until.js'

const head = (line: string, ...headers: string[]): string =>
  [line, 'Host: kaiser', ...headers, '', ''].join('\r\n')

t.test('every answer has an id; a good one that was offered is kept', async (t) => {
  const app = await openApp(t)
  const paths = [
    '/api/v1/health',
    '/api/v1/no/such/thing',
    '/',
    '/no/such/file.js',
    '/api/v1/ws/realtime/me',
    '/mqtt',
  ]
  for (const path of paths) {
    const { headers } = await fetch(`${app.origin}${path}`)
    t.match(headers.get('x-request-id'), /^[\w.:-]{1,64}$/, path)
    t.equal(headers.get('x-content-type-options'), 'nosniff', path)
    t.match(headers.get('content-security-policy'), /default-src 'self'/, path)
  }
  const kept = await request(app, 'GET', '/health', { headers: { 'x-request-id': 'my-id.1' } })
  t.equal(kept.headers.get('x-request-id'), 'my-id.1')
  const replaced = await request(app, 'GET', '/health', { headers: { 'x-request-id': 'no <good> id' } })
  t.not(replaced.headers.get('x-request-id'), 'no <good> id')
})

t.test('what does not exist is 404, the wrong method 405, both with a detail', async (t) => {
  const app = await openApp(t)
  for (const path of ['/nothing', '/auth/nothing', '/esp/devices/ESP_1/nothing'])
    t.match(
      await request(app, 'GET', path),
      { status: 404, body: { detail: String, code: 'not_found' } },
      path,
    )
  const wrong = await request(app, 'DELETE', '/auth/login')
  t.match(wrong, { status: 405, body: { detail: String, code: 'method_not_allowed' } })
  t.equal(wrong.headers.get('allow'), 'POST')
  t.equal((await fetch(`${app.origin}/api`)).status, 404, 'the API has no page')
  const page = await fetch(`${app.origin}/`, { method: 'POST' })
  t.equal(page.status, 405)
  t.match(await page.json(), { detail: String })
  t.match(await bytes(app, head('TRACE /api/v1/health HTTP/1.1')), /^HTTP\/1\.1 405 /)
})

t.test('HEAD is answered like GET, without a body', async (t) => {
  const app = await openApp(t)
  const answer = await bytes(app, head('HEAD /api/v1/health/live HTTP/1.1'))
  const length = (await (await fetch(`${app.origin}/api/v1/health/live`)).text()).length
  t.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
  t.match(answer.toLowerCase(), `content-length: ${length}\r\n`)
  t.ok(answer.endsWith('\r\n\r\n'))
  for (const path of ['/api/v1/health', '/', '/login', '/no/file.js', '/api/v1/nothing']) {
    const two = await bytes(
      app,
      head(`HEAD ${path} HTTP/1.1`) + head('GET /api/v1/health/live HTTP/1.1'),
      (text) => text.endsWith('}'),
    )
    t.equal(two.split('HTTP/1.1 ').length, 3, `${path}: the next request of the connection is answered`)
  }
})

t.test('a body over 1 MiB is refused with 413, one of 1 MiB is read', async (t) => {
  const app = await openApp(t)
  await setUp(app.origin)
  const body = (size: number): string => JSON.stringify({ username: 'x', password: 'y' }).padEnd(size)
  for (let round = 0; round < 3; round++) {
    const over = await request(app, 'POST', '/auth/login', { body: body(1_048_577 + round * 3_000_000) })
    t.match(over, { status: 413, body: { detail: String, code: 'body_too_large' } })
  }
  t.equal((await request(app, 'POST', '/auth/login', { body: body(1_048_576) })).status, 401)
})

t.test('a body that is no JSON, or not of the right shape, is 422 and says why', async (t) => {
  const app = await openApp(t)
  for (const body of ['{', 'nonsense', '[]', '7', '"x"', 'null', ''])
    t.match(
      await request(app, 'POST', '/auth/login', { body }),
      { status: 422, body: { detail: Array } },
      body,
    )
  const deep = '['.repeat(100_000)
  t.equal((await request(app, 'POST', '/auth/login', { body: deep })).status, 422)
})

t.test('odd headers, hosts and paths are answered, and nothing ends', async (t) => {
  const app = await openApp(t)
  const odd = [
    head('GET /api/v1/health HTTP/1.1', 'X-Euro: \u20ac'),
    'GET /api/v1/health HTTP/1.1\r\nHost: ]not a host[\r\n\r\n',
    head('GET /api/v1/%ff%00%zz HTTP/1.1'),
    head('GET /api/v1/health?%zz=%ff HTTP/1.1'),
    head('GET //evil.example/api/v1/health HTTP/1.1'),
    head('GET /api/v1/esp/devices/%2e%2e%2f HTTP/1.1', 'Authorization: Bearer \u00ff\u00fe'),
    head('OPTIONS /api/v1/health HTTP/1.1'),
    head('GET /api/v1/ws/realtime/%ff?token=%zz HTTP/1.1', 'Upgrade: websocket'),
  ]
  for (const [n, request] of odd.entries()) {
    const answer = await bytes(app, request)
    // What is no HTTP may be cut off without a word.
    t.match(answer, n === 0 ? /^HTTP\/1\.1 200 / : /^(HTTP\/1\.1 [234]\d\d |$)/, request.slice(0, 40))
  }
  t.strictSame(
    app.logged.filter(({ code }) => code === 'internal_error'),
    [],
  )
})

t.test('a client that leaves in the middle of its request harms nobody', async (t) => {
  const app = await openApp(t)
  await setUp(app.origin)
  const body = '{"username":"grower","password":"Wrong-2026"}'
  const starts = [
    'POST /api/v1/auth/login HT',
    head('POST /api/v1/auth/login HTTP/1.1', `Content-Length: ${body.length}`) + body.slice(0, 10),
    head('POST /api/v1/auth/login HTTP/1.1', `Content-Length: ${body.length}`) + body,
    head('GET /api/v1/health HTTP/1.1').repeat(20),
  ]
  for (const start of starts) {
    const socket = createConnection({ host: '127.0.0.1', port: app.httpPort })
    await once(socket, 'connect')
    await new Promise<void>((resolve) => socket.write(start, () => resolve()))
    socket.resetAndDestroy()
    t.equal((await request(app, 'GET', '/health')).status, 200)
  }
  t.strictSame(
    app.logged.filter(({ code }) => code === 'internal_error'),
    [],
  )
})

/** The server alone, with answers of the test. */
async function serve(t: Teardown, fetch: ServerOptions['fetch'], host = '127.0.0.1') {
  const failures: unknown[] = []
  const monotonic = () => performance.now()
  const server = createServer({
    fetch,
    hub: createHub({ now: Date.now, monotonic, failed: (error) => failures.push(error) }),
    tokens: {} as ServerOptions['tokens'],
    rate: 0,
    normalise: (type) => type,
    snapshot: () => [],
    now: Date.now,
    monotonic,
    misunderstood() {},
    assets: { serve: (res) => void res.end() },
    openTunnel: () => ({ message() {}, drained() {}, closed() {} }),
    failed: (error) => failures.push(error),
  })
  const port = await server.listen(host, 0)
  t.teardown(() => server.close())
  return { port, origin: `http://127.0.0.1:${port}`, failures }
}

const stream = (chunks: number, size: number, broken = false): Response => {
  let n = 0
  return new Response(
    new ReadableStream({
      pull(controller) {
        if (n++ < chunks) controller.enqueue(new Uint8Array(size).fill(n & 255))
        else if (broken) controller.error(new Error('the source broke'))
        else controller.close()
      },
    }),
  )
}

t.test('a long answer waits for a client that reads slowly, and arrives whole', async (t) => {
  let made = 0
  const { port } = await serve(t, () => {
    const body = stream(800, 65_536).body!
    return new Response(
      body.pipeThrough(
        new TransformStream({
          transform(chunk: Uint8Array, controller) {
            made += chunk.length
            controller.enqueue(chunk)
          },
        }),
      ),
    )
  })
  const socket = createConnection({ host: '127.0.0.1', port })
  t.teardown(() => socket.destroy())
  socket.write(head('GET /api/long HTTP/1.1', 'Connection: close'))
  await once(socket, 'readable')
  let before = -1
  await until(async () => {
    const still = made === before
    before = made
    await new Promise((resolve) => setTimeout(resolve, 100))
    return still
  }, 'the server to wait')
  t.ok(made < 800 * 65_536, `${made} bytes were made before anybody read`)

  let read = 0
  socket.on('data', (chunk: Buffer) => {
    read += chunk.length
  })
  await until(() => read > 800 * 65_536, 'the whole answer')
  t.equal(made, 800 * 65_536)
})

t.test('an answer that breaks in the middle is cut, one that fails before is 500', async (t) => {
  const { origin, failures } = await serve(t, (asked) => {
    if (asked.url.endsWith('/broken')) return stream(3, 1_000, true)
    throw new Error('a bug')
  })
  await t.rejects(fetch(`${origin}/api/broken`).then((answer) => answer.arrayBuffer()))
  const failed = await fetch(`${origin}/api/fails`)
  t.equal(failed.status, 500)
  t.match(await failed.json(), { detail: String, code: 'internal_error' })
  t.equal(failures.length, 2)
})

t.test('an address is written the way Node writes it', async (t) => {
  const addresses: string[] = []
  const { port } = await serve(
    t,
    (_request, { address }) => {
      addresses.push(address)
      return new Response('ok')
    },
    '::',
  ).catch(() => ({ port: 0 }))
  if (port === 0) return t.pass('this machine has no IPv6')
  await fetch(`http://127.0.0.1:${port}/api/x`)
  await fetch(`http://[::1]:${port}/api/x`).catch(() => addresses.push('::1'))
  t.strictSame(addresses, ['127.0.0.1', '::1'])
})
