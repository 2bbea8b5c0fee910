import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { loadAssets } from '../../realtime/assets.js'
import { createHub } from '../../realtime/hub.js'
import { createServer } from '../../realtime/server.js'
import { directory, type Teardown } from '../support/app.js'
import { bytes } from '../support/http.js'
import { until } from '../support/until.js'

const PAGE = '<!doctype html><title>kaiser</title>'
const SCRIPT = 'console.log("leaf")\n'.repeat(200)
const SECRET = 'nobody may read this'

/** A built dashboard of three files, with a secret beside it. */
async function serve(t: Teardown, build = true): Promise<{ origin: string; httpPort: number }> {
  const root = directory(t)
  const built = join(root, 'dashboard')
  writeFileSync(join(root, 'secret.txt'), SECRET)
  if (build) {
    mkdirSync(join(built, 'assets'), { recursive: true })
    writeFileSync(join(built, 'index.html'), PAGE)
    writeFileSync(join(built, 'assets', 'index-CmtxipiL.js'), SCRIPT)
    writeFileSync(join(built, 'icon.svg'), '<svg/>')
    writeFileSync(join(built, 'kaiser.webmanifest'), '{}')
    writeFileSync(join(built, 'worker.js'), SCRIPT)
    writeFileSync(join(built, 'worker.js.br'), brotliCompressSync(SCRIPT))
    writeFileSync(join(built, 'worker.js.gz'), gzipSync(SCRIPT))
  }
  const monotonic = () => performance.now()
  const server = createServer({
    fetch: () => new Response('api'),
    hub: createHub({ now: Date.now, monotonic, failed() {} }),
    tokens: {} as never,
    rate: 0,
    normalise: (type) => type,
    snapshot: () => [],
    now: Date.now,
    monotonic,
    misunderstood() {},
    assets: loadAssets(built),
    openTunnel: () => ({ message() {}, drained() {}, closed() {} }),
    failed() {},
  })
  const httpPort = await server.listen('127.0.0.1', 0)
  t.teardown(() => server.close())
  return { origin: `http://127.0.0.1:${httpPort}`, httpPort }
}

t.test('the page has an ETag and is asked for again; what has not changed is not sent twice', async (t) => {
  const { origin } = await serve(t)
  const page = await fetch(origin)
  t.equal(await page.text(), PAGE)
  t.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
  t.equal(page.headers.get('cache-control'), 'no-cache')
  t.match(page.headers.get('content-security-policy'), /default-src 'self'.*frame-ancestors 'none'/)
  const etag = page.headers.get('etag')!

  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await fetch(origin, { headers: { 'if-none-match': known } })
    t.equal(again.status, 304, known)
    t.equal(await again.text(), '')
    t.equal(again.headers.get('etag'), etag)
  }
  t.equal((await fetch(origin, { headers: { 'if-none-match': '"other"' } })).status, 200)
})

t.test('a file with a hash in its name may be kept for ever', async (t) => {
  const { origin } = await serve(t)
  const script = await fetch(`${origin}/assets/index-CmtxipiL.js`)
  t.equal(await script.text(), SCRIPT)
  t.equal(script.headers.get('cache-control'), 'public, max-age=31536000, immutable')
  t.equal(script.headers.get('content-type'), 'text/javascript; charset=utf-8')
  t.equal((await fetch(`${origin}/icon.svg`)).headers.get('cache-control'), 'no-cache')
})

t.test('files are compressed when a client takes that, brotli before gzip', async (t) => {
  const app = await serve(t)
  const ask = async (encoding: string) => {
    const answer = await bytes(
      app,
      `GET /assets/index-CmtxipiL.js HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${encoding}\r\nConnection: close\r\n\r\n`,
      (text) =>
        Number(/content-length: (\d+)/i.exec(text)?.[1]) ===
        text.split('\r\n\r\n').slice(1).join('\r\n\r\n').length,
    )
    const at = answer.indexOf('\r\n\r\n')
    return { head: answer.slice(0, at), body: Buffer.from(answer.slice(at + 4), 'latin1') }
  }
  for (const [accepted, name, inflate] of [
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
  ] as const) {
    await until(async () => /content-encoding/i.test((await ask(accepted)).head), 'the compressed file')
    const { head, body } = await ask(accepted)
    t.match(head.toLowerCase(), `content-encoding: ${name}`)
    t.equal(inflate(body).toString(), SCRIPT)
    t.match(head, /Vary: Accept-Encoding/i)
  }
  const plain = await ask('br;q=0, identity')
  t.equal(plain.body.toString(), SCRIPT)
})

t.test('what the build has compressed is served at once, and is no file of its own', async (t) => {
  const app = await serve(t)
  const answer = await bytes(
    app,
    'GET /worker.js HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip, br\r\nConnection: close\r\n\r\n',
  )
  t.match(answer, /Content-Encoding: br/i, 'the very first time')
  t.match(answer, /Cache-Control: no-cache/i, 'a new service worker is never missed')
  const plain = await fetch(`${app.origin}/worker.js`)
  t.equal(await plain.text(), SCRIPT, 'fetch undoes it')
  t.equal((await fetch(`${app.origin}/worker.js.br`)).status, 404)
})

t.test('the manifest says what it is', async (t) => {
  const { origin } = await serve(t)
  const manifest = await fetch(`${origin}/kaiser.webmanifest`)
  t.equal(manifest.headers.get('content-type'), 'application/manifest+json')
})

t.test('every other path that names no file is the page; a missing file is not', async (t) => {
  const { origin } = await serve(t)
  for (const path of ['/login', '/devices/ESP_1', '/mqtt-log'])
    t.equal(await (await fetch(`${origin}${path}`)).text(), PAGE, path)
  const missing = await fetch(`${origin}/assets/gone-12345678.js`)
  t.equal(missing.status, 404)
  t.match(await missing.json(), { detail: String })
})

t.test('no path leads out of the directory', async (t) => {
  const app = await serve(t)
  const paths = [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '//secret.txt',
    '/assets/..%5c..%5csecret.txt',
  ]
  for (const path of paths) {
    const answer = await bytes(app, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    t.match(answer, /^HTTP\/1\.1 404 /, path)
    t.notMatch(answer, SECRET)
  }
})

t.test('HEAD of the page has its length and no body', async (t) => {
  const app = await serve(t)
  const answer = await bytes(app, 'HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  t.match(answer.toLowerCase(), `content-length: ${PAGE.length}`)
  t.ok(answer.endsWith('\r\n\r\n'))
})

t.test('without a built dashboard a page says what to do', async (t) => {
  const { origin } = await serve(t, false)
  t.match(await (await fetch(origin)).text(), /npm run build/)
})
