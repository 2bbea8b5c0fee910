/**
 * `/api/docs`: the OpenAPI document as a page people read. Made on the server, once, without a script, so that
 * it works wherever a browser does and under `default-src 'self'`.
 */
import { createHash } from 'node:crypto'
import { pageStyle } from './api-page-style.js'
import { type Html, html, join, prose } from './html.js'
import type { Answer, OpenApi, Operation, Parameter } from './openapi.js'
import { fields, shape } from './schema-html.js'
import type { WebContext } from './web.js'

/** The dashboard's mark: a crown of three leaves. */
const MARK = html`<path d="M12 2.5c3.2 3.9 3.2 9.3 0 13.2-3.2-3.9-3.2-9.3 0-13.2zM2.6 6.8c4.6.7 7.5 3.9 8 9.3-4.9-.4-8-3.9-8-9.3zM21.4 6.8c-4.6.7-7.5 3.9-8 9.3 4.9-.4 8-3.9 8-9.3z"/><rect x="4.5" y="18.3" width="15" height="2.7" rx="1.35"/>`
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="#23804f">${MARK.text}</svg>`

const anchorOf = (tag: string): string => `tag-${tag.toLowerCase().replaceAll(/\W+/g, '-')}`
const roleOf = ({ security }: Operation): string => security[0]?.bearer?.[0] ?? 'public'

/** `/esp/devices/{esp_id}` with its parameters set apart, and places where it may break. */
const pathHtml = (path: string): Html =>
  join(
    path
      .split(/(\{\w+\}|\/)/)
      .map((part) =>
        part.startsWith('{') ? html`<var>${part}</var>` : part === '/' ? html`/<wbr>` : html`${part}`,
      ),
  )

/** A line for a terminal that asks this. */
function curlOf(method: string, path: string, operation: Operation): string {
  const query = operation.parameters.filter(({ in: where, required }) => where === 'query' && required)
  const asked = query.map(({ name }) => `${name}=…`).join('&')
  const [type] = Object.keys(operation.requestBody?.content ?? {})
  const words = [
    'curl',
    ...(method === 'get' ? [] : [`-X ${method.toUpperCase()}`]),
    ...(operation.security.length > 0 ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    ...(type ? [`-H "Content-Type: ${type}"`, `-d '${example(operation, type)}'`] : []),
    // In capitals: curl reads braces as a list.
    `"$KAISER/api/v1${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase())}${asked ? `?${asked}` : ''}"`,
  ]
  return words.join(' ')
}

/** The required fields of a body, for whoever copies the line to fill in. */
function example({ requestBody }: Operation, type: string): string {
  const { required = [], properties = {} } = requestBody?.content[type]?.schema ?? {}
  if (type !== 'application/json') return required.map((name) => `${name}=…`).join('&')
  const value = (name: string): unknown => {
    const { type: kind, enum: words } = properties[name] ?? {}
    if (words) return words[0]
    if (kind === 'number' || kind === 'integer') return 0
    if (kind === 'boolean') return false
    if (kind === 'array') return []
    return kind === 'object' ? {} : '…'
  }
  return JSON.stringify(Object.fromEntries(required.map((name) => [name, value(name)])))
}

const parametersHtml = (title: string, parameters: readonly Parameter[]): Html =>
  parameters.length === 0
    ? html``
    : html`<h4>${title}</h4>${fields(
        parameters.map(({ name, required, description, schema }) => ({
          name,
          required,
          schema: { ...schema, ...(description !== undefined && { description }) },
        })),
      )}`

const answerHtml = ([status, { description, content }]: [string, Answer]): Html => html`
  <h4>Answer <span class="status">${status}</span></h4>
  ${
    content
      ? join(
          Object.entries(content).map(([type, { schema }]) =>
            type === 'application/json'
              ? shape(schema)
              : html`<p>or <code>${type}</code>, where asked for</p>`,
          ),
        )
      : html`<p>${prose(description)}</p>`
  }`

const refusalsHtml = (refusals: readonly [string, Answer][]): Html => html`
  <h4>Refusals</h4>
  <dl class="refusals">${join(
    refusals.map(
      ([status, { description }]) =>
        html`<dt class="status">${status}</dt><dd>${join(
          description.split('\n\n').map((line) => html`<p>${prose(line)}</p>`),
        )}</dd>`,
    ),
  )}</dl>`

function operationHtml(method: string, path: string, operation: Operation): Html {
  const { operationId, summary, description, parameters, requestBody, responses } = operation
  const role = roleOf(operation)
  const answers = Object.entries(responses)
  return html`
<details class="route" id="${operationId}">
  <summary>
    <span class="method ${method}">${method.toUpperCase()}</span>
    <code class="path">${pathHtml(path)}</code>
    <span class="role ${role}">${role}</span>
    <span class="does">${summary}</span>
  </summary>
  <div class="inside">
    ${description === undefined ? html`` : html`<p>${prose(description)}</p>`}
    <pre class="curl" tabindex="0"><code>${curlOf(method, path, operation)}</code></pre>
    ${parametersHtml(
      'Path',
      parameters.filter((one) => one.in === 'path'),
    )}
    ${parametersHtml(
      'Query',
      parameters.filter((one) => one.in === 'query'),
    )}
    ${join(
      Object.entries(requestBody?.content ?? {}).map(
        ([type, { schema }]) => html`<h4>Body <small>${type}</small></h4>${shape(schema)}`,
      ),
    )}
    ${join(answers.filter(([status]) => Number(status) < 400).map(answerHtml))}
    ${refusalsHtml(answers.filter(([status]) => Number(status) >= 400))}
  </div>
</details>`
}

function pageOf({ info, tags, paths }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  )
  const of = (tag: string) => operations.filter(({ operation }) => operation.tags[0] === tag)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>kaiser ${info.version}: REST API</title>
<link rel="icon" type="image/svg+xml" href="data:image/svg+xml,${encodeURIComponent(ICON)}">
<link rel="stylesheet" href="/api/docs/style.css">
</head>
<body>
<a class="skip" href="#routes">To the routes</a>
<header>
  <p class="brand"><a href="/"><svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true">${MARK}</svg>kaiser</a>
    <span>${info.version}</span></p>
  <h1>REST API</h1>
  <div class="about">${join(
    info.description
      .split('\n\n')
      .slice(1)
      .map((line) => html`<p>${prose(line)}</p>`),
  )}</div>
  <p class="about">Everything here stands below <code>/api/v1</code>; programs read
    <a href="/api/v1/openapi.json">openapi.json</a>. A click on a line for the terminal selects all of it. To use
    them, set <code>KAISER</code> to the address of this page’s server and <code>TOKEN</code> to an access token.</p>
</header>
<div class="columns">
<nav aria-label="Groups of routes"><ul>${join(
    tags.map(
      ({ name }) => html`<li><a href="#${anchorOf(name)}">${name} <small>${of(name).length}</small></a></li>`,
    ),
  )}</ul></nav>
<main id="routes">
${join(
  tags.map(
    ({ name }) => html`<section aria-labelledby="${anchorOf(name)}">
<h2 id="${anchorOf(name)}">${name}</h2>
${join(of(name).map(({ method, path, operation }) => operationHtml(method, path, operation)))}
</section>`,
  ),
)}
</main>
</div>
</body>
</html>
`.text
}

/** Answers with a text that rarely changes: whoever has it is told so. RFC 9110 13.1.2 */
function constant(type: string, make: () => string): (c: WebContext) => Response {
  let made: { text: string; etag: string } | undefined
  return (c) => {
    if (!made) {
      const text = make()
      made = { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` }
    }
    const headers = { ETag: made.etag, 'Cache-Control': 'no-cache' }
    if (c.req.header('if-none-match')?.includes(made.etag))
      return new Response(null, { status: 304, headers })
    return new Response(made.text, { headers: { ...headers, 'Content-Type': `${type}; charset=utf-8` } })
  }
}

/** What is served where. */
export const apiPage = (document: () => OpenApi): Readonly<Record<string, (c: WebContext) => Response>> => ({
  '/api/docs': constant('text/html', () => pageOf(document())),
  '/api/docs/style.css': constant('text/css', () => pageStyle),
})
