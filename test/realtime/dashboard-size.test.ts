/** How much the page is, and that whatever it loads comes compressed from the first request on. */
import { readFileSync } from 'node:fs'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { openApp } from '../support/app.js'
import { comesTrue, lamp, openPage, setUp, skip } from '../support/dashboard.js'
import { bytes } from '../support/http.js'

const MOST = 250_000

t.test('a first visit to the overview loads less than 250 KB', { skip }, async (t) => {
  const app = await openApp(t, { allowAnonymous: true })
  const { page } = await openPage(t, app.origin)
  await setUp(page)

  const fresh = await openPage(t, 'about:blank')
  const loaded = new Set<string>()
  fresh.page.on('request', (request) => {
    const { pathname, origin } = new URL(request.url())
    if (origin === app.origin && !pathname.startsWith('/api') && !request.serviceWorker())
      loaded.add(pathname)
  })
  await fresh.page.goto(app.origin)
  await fresh.page.getByLabel('User name').fill('ada')
  await fresh.page.getByLabel('Password', { exact: true }).fill('Tomato-7-bench')
  await fresh.page.getByRole('button', { name: 'Log in' }).click()
  await lamp(fresh.page, 'live')
  await fresh.page.waitForLoadState('networkidle')

  let brotli = 0
  let gzip = 0
  for (const path of loaded) {
    const content = readFileSync(`dist/dashboard${path === '/' ? '/index.html' : path}`)
    brotli += brotliCompressSync(content).length
    gzip += gzipSync(content).length
  }
  t.comment(`${loaded.size} files, ${brotli} bytes by brotli, ${gzip} by gzip`)
  t.ok(loaded.size > 4)
  t.ok(gzip < MOST, `${gzip} bytes`)
})

t.test('what the page loads is compressed the first time anybody asks', { skip }, async (t) => {
  const app = await openApp(t, { allowAnonymous: true })
  const scripts = readFileSync('dist/dashboard/index.html', 'utf8').matchAll(
    /(?:src|href)="(\/assets\/[^"]+)"/g,
  )
  for (const [, path] of scripts) {
    if (readFileSync(`dist/dashboard${path}`).length < 1024) continue
    const head = `GET ${path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br\r\nConnection: close\r\n\r\n`
    t.match(await bytes(app, head), /content-encoding: br/i, path!)
  }
})

/** From asking for the page to values on it, in this browser on this machine; printed, as machines differ. */
t.test('how soon the overview can be used', { skip }, async (t) => {
  const app = await openApp(t, { allowAnonymous: true, demo: true })
  const { page } = await openPage(t, app.origin)
  await setUp(page)
  const usable = async (what: string): Promise<void> => {
    await page.getByRole('article').first().waitFor()
    const ms = Math.round((await page.evaluate('performance.now()')) as number)
    t.comment(`${what}: ${ms} ms`)
  }
  await page.goto(app.origin)
  await usable('cached by HTTP')
  await comesTrue(page, 'navigator.serviceWorker.ready.then(({ active }) => active !== null)')
  await page.reload()
  await usable('after a reload, from the service worker')
  t.ok(await page.evaluate('navigator.serviceWorker.controller !== null'))
})
