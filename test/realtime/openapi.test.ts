import { readFileSync } from 'node:fs'
import t from 'tap'
import Type from 'typebox'
import { plain, type Schema } from '../../realtime/json-schema.js'
import type { OpenApi, Operation } from '../../realtime/openapi.js'
import { codesOf, successOf } from '../../realtime/route-word.js'
import { codes } from '../../routing/contract/codes.js'
import { openApp } from '../support/app.js'
import { request } from '../support/http.js'

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

const operationsOf = (document: OpenApi): { method: string; path: string; operation: Operation }[] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  )

async function described(t: Parameters<typeof openApp>[0]) {
  const app = await openApp(t)
  const { status, headers, body } = await request(app, 'GET', '/openapi.json')
  return { app, status, headers, document: body as unknown as OpenApi }
}

/** Every object of a document, with where it stands. */
function* everyObject(value: unknown, at = '#'): Generator<[string, Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield [at, value as Record<string, unknown>]
  for (const [key, inner] of Object.entries(value)) yield* everyObject(inner, `${at}/${key}`)
}

t.test('the document is there for everybody, with version and server', async (t) => {
  const { status, headers, document } = await described(t)
  t.equal(status, 200)
  t.match(headers.get('content-type'), /^application\/json/)
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
  t.match(document, { openapi: /^3\.1\.\d+$/, info: { title: 'kaiser', version, license: { name: 'MIT' } } })
  t.strictSame(document.servers, [{ url: '/api/v1' }])
  t.match(document.components.securitySchemes, { bearer: { type: 'http', scheme: 'bearer' } })
})

t.test('it describes every route that is served, and nothing else', async (t) => {
  const { app, document } = await described(t)
  const served = app.api.resources.flatMap(({ prefix, routes }) =>
    routes.map(({ method, path }) => `${method.toLowerCase()} ${prefix}${path}`),
  )
  const operations = operationsOf(document)
  t.ok(served.length >= 20)
  t.strictSame(operations.map(({ method, path }) => `${method} ${path}`).sort(), served.sort())
  for (const { method, path } of operations) {
    t.ok(METHODS.includes(method), method)
    t.match(path, /^(\/([a-z0-9_.-]+|\{[a-z_]+\}))+$/, path)
  }
})

t.test('what an actuator is bound by is described field by field', async (t) => {
  const { document } = await described(t)
  const { post, get } = document.paths['/actuators/{esp_id}/{gpio}'] as unknown as Record<string, unknown>
  const text = JSON.stringify([post, get])
  for (const name of ['interlocks', 'required_sensors', 'sanity']) {
    const places = [...everyObject([post, get])].filter(([at]) => at.endsWith(`/properties/${name}`))
    t.equal(places.length, 3, `${name}: asked, and answered twice`)
    for (const [at, schema] of places) {
      const fields = [...everyObject(schema)].filter(([inner]) => /\/properties\/\w+$/.test(inner))
      t.ok(fields.length >= 3, `${at} has fields`)
    }
  }
  t.match(text, /never_with: never on together/)
})

t.test('every operation is whole: name, group, role, parameters', async (t) => {
  const { app, document } = await described(t)
  const operations = operationsOf(document)
  const ids = operations.map(({ operation }) => operation.operationId)
  t.equal(new Set(ids).size, ids.length, 'names are unique')
  t.strictSame(
    document.tags.map(({ name }) => name),
    [...new Set(app.api.resources.map(({ tag }) => tag))],
  )
  for (const { method, path, operation } of operations) {
    const name = `${method} ${path}`
    t.match(operation.operationId, /^[a-z][A-Za-z0-9]+$/, name)
    t.ok(
      operation.tags.every((tag) => document.tags.some((known) => known.name === tag)),
      name,
    )
    t.match(
      operation.security,
      operation.security.length === 0 ? [] : [{ bearer: [/^(viewer|operator|admin)$/] }],
    )
    const inPath = operation.parameters.filter((one) => one.in === 'path')
    t.strictSame(
      inPath.map((one) => one.name).sort(),
      [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort(),
      `${name} declares its path parameters`,
    )
    t.ok(inPath.every(({ required }) => required))
    const keys = operation.parameters.map((one) => `${one.in} ${one.name}`)
    t.equal(new Set(keys).size, keys.length, name)
    t.ok(operation.parameters.every(({ schema }) => typeof schema === 'object'))
    // The original's pages send the reason with this one. rest-contract §8
    if (method === 'get' || (method === 'delete' && !path.endsWith('/safe-mode')))
      t.equal(operation.requestBody, undefined, name)
  }
})

t.test('every operation says every status it can answer with, errors in one shape', async (t) => {
  const { app, document } = await described(t)
  t.match(document.components.schemas!.Error, {
    type: 'object',
    required: ['success', 'detail', 'code'],
    properties: {
      detail: {
        anyOf: [{ type: 'string' }, { type: 'array', items: { required: ['type', 'loc', 'msg', 'input'] } }],
      },
    },
  })
  for (const { prefix, routes } of app.api.resources)
    for (const route of routes) {
      const path = `${prefix}${route.path}`
      const { responses, security } = document.paths[path]![route.method.toLowerCase()]!
      const statuses = Object.keys(responses)
      const wanted = new Set([
        String(successOf(route)),
        ...(route.other ? [String(route.other.status)] : []),
        ...codesOf(route).map((code) => String(codes[code].status)),
      ])
      t.strictSame(statuses.slice().sort(), [...wanted].sort(), path)
      if (security.length > 0) t.ok(responses['401'] && responses['403'], path)
      for (const [status, { description, headers, content }] of Object.entries(responses)) {
        t.ok(description.length > 0)
        t.ok(headers?.['X-Request-ID'], `${path} ${status}`)
        t.equal(content === undefined, status === '204', `${path} ${status}`)
        if (Number(status) >= 400)
          t.match(content, { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } })
      }
      t.ok(responses['429']!.headers!['Retry-After'])
    }
})

t.test('it is plain JSON Schema: no marks of a library, every reference leads somewhere', async (t) => {
  const { document } = await described(t)
  let schemas = 0
  for (const [at, object] of everyObject(document)) {
    for (const key of Object.keys(object)) if (/^~|^\$(id|defs|async)$/.test(key)) t.fail(`${at} has ${key}`)
    const { $ref, type, items, additionalItems, nullable, required, properties, anyOf } = object as Schema
    if (typeof $ref === 'string') {
      const target = $ref
        .split('/')
        .slice(1)
        .reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], document)
      t.ok(target, `${at} refers to ${$ref}`)
    }
    // Fields of a body may have such names; what they hold is a schema then.
    if (typeof type !== 'string' || at.endsWith('/properties') || at.includes('securitySchemes')) continue
    schemas++
    t.match(type, /^(object|array|string|number|integer|boolean|null)$/, at)
    t.notOk(
      Array.isArray(items) || additionalItems !== undefined || nullable !== undefined,
      `${at}: old dialect`,
    )
    if (Array.isArray(required))
      for (const name of required) if (!(name in (properties ?? {}))) t.fail(`${at} requires ${name}`)
    t.notOk(anyOf?.length === 0, at)
  }
  t.ok(schemas > 100, `${schemas} schemas`)
})

t.test('a choice of words is one list; null, tuples and maps are what 2020-12 says', async (t) => {
  const words = Type.Union([Type.Literal('a'), Type.Literal('b')], { description: 'which' })
  t.strictSame(plain(words), { type: 'string', enum: ['a', 'b'], description: 'which' })
  t.strictSame(plain(Type.Union([words, Type.Null()])), {
    anyOf: [{ type: 'string', enum: ['a', 'b'], description: 'which' }, { type: 'null' }],
  })
  t.strictSame(plain(Type.Tuple([Type.Number(), Type.String()])), {
    type: 'array',
    minItems: 2,
    prefixItems: [{ type: 'number' }, { type: 'string' }],
    items: false,
  })
  const odd = Type.Object({ anyOf: Type.Optional(Type.Number()), items: Type.Array(Type.Number()) })
  t.strictSame(plain(odd), {
    type: 'object',
    required: ['items'],
    properties: { anyOf: { type: 'number' }, items: { type: 'array', items: { type: 'number' } } },
  })
})
