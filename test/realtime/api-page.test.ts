import { readFileSync } from 'node:fs'
import t from 'tap'
import { pageStyle } from '../../realtime/api-page-style.js'
import { html, join, prose } from '../../realtime/html.js'
import type { OpenApi } from '../../realtime/openapi.js'
import { shape } from '../../realtime/schema-html.js'
import { openApp } from '../support/app.js'
import { launchBrowser } from '../support/browser.js'
import { request } from '../support/http.js'

const text = (markup: string): string =>
  markup
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()

t.test('the page lists every route with its role, and needs nothing from elsewhere', async (t) => {
  const app = await openApp(t)
  const answer = await fetch(`${app.origin}/api/docs`)
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8')
  t.match(answer.headers.get('content-security-policy'), /default-src 'self'/)
  const page = await answer.text()
  const document = (await request(app, 'GET', '/openapi.json')).body as unknown as OpenApi
  for (const item of Object.values(document.paths))
    for (const { operationId, summary, security } of Object.values(item)) {
      const [, section] = page.split(`id="${operationId}"`)
      t.match(section?.slice(0, 1_000), `>${security[0]?.bearer?.[0] ?? 'public'}<`, operationId)
      t.ok(page.includes(html`${summary}`.text), summary)
    }
  t.notMatch(page, /<script|style="|https?:\/\/(?!www\.w3\.org)| on\w+="/)
  const linked = [...page.matchAll(/(?:href|src)="(\/[^"]*)"/g)].map((found) => found[1]!)
  for (const path of linked) t.equal((await fetch(`${app.origin}${path}`)).status, 200, path)
  const anchors = [...page.matchAll(/href="#([^"]+)"/g)].map((found) => found[1]!)
  for (const id of anchors) t.ok(page.includes(`id="${id}"`), id)
  const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map((found) => found[1]!)
  t.equal(new Set(ids).size, ids.length)
})

t.test('whoever has the page already is told so', async (t) => {
  const app = await openApp(t)
  for (const path of ['/api/docs', '/api/docs/', '/api/docs/style.css']) {
    const first = await fetch(`${app.origin}${path}`)
    const etag = first.headers.get('etag')!
    t.equal(first.status, 200, path)
    const again = await fetch(`${app.origin}${path}`, { headers: { 'if-none-match': etag } })
    t.equal(again.status, 304, path)
  }
  t.equal((await fetch(`${app.origin}/api/docs`, { method: 'POST' })).status, 405)
  t.match((await fetch(`${app.origin}/api/docs/style.css`)).headers.get('content-type'), 'text/css')
})

t.test('it wears the dashboard’s colours', async (t) => {
  const theme = readFileSync(new URL('../../../realtime/dashboard/theme.css', import.meta.url), 'utf8')
  const [light, dark] = [theme, pageStyle].map((css) => {
    // The dashboard lets people choose, this page follows the system.
    const [day = '', night = ''] = css.split(
      /@media \(prefers-color-scheme: dark\)|:root\[data-theme="dark"\]/,
    )
    return [day, night.split('\n}')[0]!].map((part) =>
      Object.fromEntries([...part.matchAll(/(--[\w-]+): ([^;]+);/g)].map((found) => [found[1], found[2]])),
    )
  }) as [Record<string, string>[], Record<string, string>[]]
  for (const n of [0, 1]) {
    t.ok(Object.keys(dark[n]!).length >= 13)
    for (const [name, value] of Object.entries(dark[n]!)) t.equal(value, light[n]![name], name)
  }
})

t.test('a shape reads as fields: what, whether, how much, what for', async (t) => {
  const shown = text(
    shape({
      type: 'object',
      required: ['level', 'zones'],
      properties: {
        level: { type: 'number', minimum: 0, maximum: 1, description: 'share of `full`' },
        mode: { anyOf: [{ type: 'string', enum: ['auto', 'off'] }, { type: 'null' }] },
        zones: {
          type: 'array',
          items: { type: 'object', properties: { since: { type: 'string', format: 'date-time' } } },
        },
        extra: { type: 'object', patternProperties: { '^.*$': { type: 'number' } } },
      },
    }).text,
  )
  t.match(shown, 'level number 0 to 1 share of full')
  t.match(shown, 'mode one of auto off optional or null')
  t.match(shown, 'zones list of object since time optional')
  t.match(shown, 'extra map optional * number each')
  t.equal(text(shape({ type: 'array', items: { type: 'string' } }).text), 'list of text')
  const either = { type: 'object', required: ['a'], properties: { a: { type: 'number' } } }
  t.match(
    text(shape({ anyOf: [either, { type: 'object', properties: { b: {} } }] }).text),
    'a number optional b anything',
  )
})

t.test('what is written into the page cannot become a part of it', async (t) => {
  const evil = `<img src=x onerror="alert('1')">&`
  t.equal(html`<p>${evil}</p>`.text, '<p>&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;</p>')
  t.equal(join([prose('a `<b>` c'), html`${1}`]).text, 'a <code>&lt;b&gt;</code> c1')
})

const launched = await launchBrowser()
const skip = launched.reason ?? false
t.teardown(() => launched.browser?.close())

t.test('in a browser it fits a phone, obeys the policy, and a click selects it all', { skip }, async (t) => {
  const browser = launched.browser!
  const app = await openApp(t)
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, colorScheme })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    await page.goto(`${app.origin}/api/docs`)
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360)
    const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor')
    t.equal(ground, colorScheme === 'light' ? 'rgb(243, 245, 240)' : 'rgb(16, 21, 18)')
    await page.click('#postAuthLogin .curl')
    t.match(await page.evaluate('String(getSelection())'), /^curl -X POST .*auth\/login"$/)
    t.strictSame(complaints, [])
    await context.close()
  }
})
