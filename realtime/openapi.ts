/**
 * The API described for programs: an OpenAPI 3.1 document made from the routes themselves. TypeBox schemas are
 * JSON Schema, so nothing is described twice. https://spec.openapis.org/oas/v3.1.1.html
 */
import Type, { type TObject, type TSchema } from 'typebox'
import { type CodeName, codes } from '../routing/contract/codes.js'
import { Said } from '../routing/contract/said.js'
import { plain, type Schema } from './json-schema.js'
import type { Resource, Route } from './route.js'
import { codesOf, successOf } from './route-word.js'

export interface Parameter {
  name: string
  in: 'path' | 'query'
  required: boolean
  description?: string
  schema: Schema
}
type Content = Record<string, { schema: Schema }>
interface Reference {
  $ref: string
}
export interface Answer {
  description: string
  headers?: Record<string, Reference>
  content?: Content
}
export interface Operation {
  operationId: string
  tags: string[]
  summary: string
  description?: string
  security: Record<string, string[]>[]
  parameters: Parameter[]
  requestBody?: { required: boolean; content: Content }
  responses: Record<string, Answer>
}
export interface OpenApi {
  openapi: '3.1.1'
  info: Record<string, unknown> & { title: string; version: string; description: string }
  servers: { url: string }[]
  tags: { name: string }[]
  paths: Record<string, Record<string, Operation>>
  components: Record<string, Record<string, unknown>>
}

const DESCRIPTION = `The REST API of kaiser, a greenhouse server.

Log in with \`POST /auth/login\` and send the access token as \`Authorization: Bearer …\`. Roles build on one another: a viewer reads, an operator also acts, an admin also rules over people and settings.

Every answer has an \`X-Request-ID\`; one that you send is kept. Every error has \`detail\`, a sentence or, where fields are wrong, a list that names each of them, and \`code\`. Times are ISO 8601 in UTC. What happens live is on the WebSocket \`/api/v1/ws/realtime/{client_id}?token=…\`.`

const FieldError = Type.Object({
  type: Type.String({ description: 'what kind of wrong' }),
  loc: Type.Array(Type.Union([Type.String(), Type.Integer()]), {
    description: 'where: path, query or body, then the field',
  }),
  msg: Type.String({ description: 'what is allowed' }),
  input: Type.Unknown({ description: 'what came; secrets and long values are left out' }),
  said: Type.Optional(
    Type.Object(Said.properties, { description: 'what `msg` says, for pages in other languages' }),
  ),
})
const ErrorBody = Type.Object({
  success: Type.Literal(false),
  detail: Type.Union([Type.String(), Type.Array(FieldError)], {
    description: 'a sentence for people, or each field that is wrong',
  }),
  code: Type.String({ description: 'the same, for programs' }),
  limit_name: Type.Optional(Type.String({ description: 'which limit of the actuator refused the command' })),
  error_detail: Type.Optional(Type.String({ description: 'why it refused it, alone' })),
  error_said: Type.Optional(
    Type.Union([Type.Object(Said.properties), Type.Null()], {
      description: 'why a command came to nothing, by its code',
    }),
  ),
  possible_at: Type.Optional(
    Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'when that command could pass; null when nobody knows',
    }),
  ),
  correlation_id: Type.Optional(Type.String({ description: 'of that command' })),
})

const HEADERS = {
  RequestId: { description: 'names this request in the log', schema: { type: 'string' } },
  RetryAfter: { description: 'seconds until it is worth trying again', schema: { type: 'integer' } },
  Challenge: { description: 'how to come in', schema: { type: 'string', const: 'Bearer' } },
}
const header = (name: keyof typeof HEADERS): Reference => ({ $ref: `#/components/headers/${name}` })
const HEADERS_OF: Readonly<Record<number, Record<string, Reference>>> = {
  401: { 'WWW-Authenticate': header('Challenge') },
  429: { 'Retry-After': header('RetryAfter') },
}

function refusals(route: Route): Record<string, Answer> {
  const byStatus = new Map<number, CodeName[]>()
  for (const code of codesOf(route)) {
    const { status } = codes[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      String(status),
      {
        description: names.map((name) => `\`${name}\`: ${codes[name].sentence}`).join('\n\n'),
        headers: { 'X-Request-ID': header('RequestId'), ...HEADERS_OF[status] },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Error', properties: { code: { enum: names } } },
          },
        },
      },
    ]),
  )
}

function success(route: Route): Record<string, Answer> {
  const { answer, media = [], summary, other } = route
  const status = successOf(route)
  const content = {
    ...(answer && { 'application/json': { schema: plain(answer) } }),
    ...Object.fromEntries(media.map((type) => [type, { schema: { type: 'string' } }])),
  }
  return {
    [String(status)]: {
      description: status === 204 ? 'Done' : summary,
      headers: { 'X-Request-ID': header('RequestId') },
      ...(status !== 204 && { content }),
    },
    ...(other && {
      [String(other.status)]: {
        description: other.summary,
        headers: { 'X-Request-ID': header('RequestId') },
        content: { 'application/json': { schema: plain(other.answer) } },
      },
    }),
  }
}

const parametersOf = (where: 'path' | 'query', schemas: TObject | undefined): Parameter[] =>
  Object.entries(schemas?.properties ?? {}).map(([name, schema]) => {
    const { description, ...rest } = plain(schema as TSchema)
    return {
      name,
      in: where,
      required: where === 'path' || ((schemas?.required ?? []) as string[]).includes(name),
      ...(description !== undefined && { description }),
      schema: rest,
    }
  })

/** `GET /esp/devices/{esp_id}` → `getEspDevicesByEspId` */
const operationIdOf = (method: string, path: string): string => {
  const words = path.replaceAll(/\{(\w+)\}/g, 'by_$1').split(/[^A-Za-z0-9]+/)
  const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
  return method.toLowerCase() + words.map(capital).join('')
}

function operation(tag: string, path: string, route: Route): Operation {
  const { method, role, summary, description, params, query, body, form } = route
  return {
    operationId: operationIdOf(method, path),
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: role === 'public' ? [] : [{ bearer: [role] }],
    parameters: [...parametersOf('path', params), ...parametersOf('query', query)],
    ...(body && {
      requestBody: {
        required: ((body as TObject).required ?? []).length > 0,
        content: {
          [form ? 'application/x-www-form-urlencoded' : 'application/json']: { schema: plain(body) },
        },
      },
    }),
    responses: { ...success(route), ...refusals(route) },
  }
}

export function openApi(resources: readonly Resource[], version: string): OpenApi {
  const paths: OpenApi['paths'] = {}
  for (const { prefix, tag, routes } of resources)
    for (const route of routes) {
      const path = `${prefix}${route.path}` || '/'
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(tag, path, route) }
    }
  return {
    openapi: '3.1.1',
    info: {
      title: 'kaiser',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/api/v1' }],
    tags: [...new Set(resources.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { Error: plain(ErrorBody) },
      headers: HEADERS,
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'the access token of POST /auth/login; the role named at each route is the least one',
        },
      },
    },
  }
}

/** `/openapi.json`: the document itself, made when first asked for. */
export function description(resources: () => readonly Resource[], version: string): Resource {
  let document: OpenApi | undefined
  return {
    prefix: '/openapi.json',
    tag: 'About',
    routes: [
      {
        method: 'GET',
        path: '',
        role: 'public',
        summary: 'This API as an OpenAPI 3.1 document',
        answer: Type.Object({
          openapi: Type.String(),
          info: Type.Object({ title: Type.String(), version: Type.String() }),
          paths: Type.Record(Type.String(), Type.Unknown()),
          components: Type.Record(Type.String(), Type.Unknown()),
        }),
        handle() {
          document ??= openApi(resources(), version)
          return document
        },
      },
    ],
  }
}
