/**
 * Requests are checked by the same TypeBox schemas that describe them: compiled when a route is first
 * asked for. What is wrong is said field by field, with where it is and what is allowed.
 */
import type { Context } from 'hono'
import type { Static, TObject, TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import { type Said, withoutSentence } from '../routing/contract/said.js'
import { type FieldWrong, fieldWrong } from '../routing/contract/sentences/fields.js'
import { type FieldError, Problem } from './problem.js'

/** Fields that are never repeated in an answer. */
const SECRET = /password|token/
/** Longer values are not repeated either, characters. */
const REPEATED = 200
/** Objects and lists in one another, in a body. */
const LEVELS = 64

type Where = 'path' | 'query' | 'body'

type Path = readonly (string | number)[]

const at = (payload: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], payload)

/** What came, as far as it may be said. */
function repeated(payload: unknown, path: Path): unknown {
  if (path.some((key) => SECRET.test(String(key)))) return ''
  const value = at(payload, path) ?? null
  if (typeof value === 'string') return value.slice(0, REPEATED)
  const text = JSON.stringify(value)
  return text.length > REPEATED || SECRET.test(text) ? null : value
}

type Complaint = ReturnType<Validator['Errors']>[number]

/** A place in the payload: `/a~1b/0` → ['a/b', 0], where that is a list. RFC 6901 */
function pathOf({ instancePath }: Complaint, payload: unknown): (string | number)[] {
  const path: (string | number)[] = []
  for (const token of instancePath.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(Array.isArray(at(payload, path)) ? Number(key) : key)
  }
  return path
}

/** The same of a field as routing names it: `interlocks[0].kind` → ['interlocks', 0, 'kind']. */
export const locOf = (field: string): (string | number)[] =>
  field
    .split(/[.[\]]+/)
    .filter((key) => key !== '')
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key))

const allowedBy = ({ params }: Complaint): unknown[] => {
  const { allowedValue, allowedValues } = params as { allowedValue?: unknown; allowedValues?: unknown[] }
  return allowedValues ?? (allowedValue === undefined ? [] : [allowedValue])
}

const BESIDE = '/additionalProperties'

/** Where a field came that no schema knows: the names it does know, of those that can be set. */
function knownBeside(validator: Validator, { keyword, schemaPath }: Complaint): string[] | undefined {
  if (keyword !== 'boolean' || !schemaPath.endsWith(BESIDE)) return undefined
  const owner = at(validator.Type(), schemaPath.slice(0, -BESIDE.length).split('/').slice(1))
  return Object.entries((owner as Partial<TObject> | undefined)?.properties ?? {})
    .filter(([, property]) => (property as { readOnly?: boolean }).readOnly !== true)
    .map(([name]) => name)
}

/** Each field that does not fit, once, with everything that is allowed there. */
function complaints(where: Where, validator: Validator, payload: unknown): FieldError[] {
  const errors = new Map<string, FieldError>()
  const all = validator.Errors(payload)
  for (const complaint of all) {
    const { keyword, message, params, instancePath } = complaint
    const path = pathOf(complaint, payload)
    // Said of each of them by itself.
    if (keyword === 'additionalProperties') continue
    const known = knownBeside(validator, complaint)
    const missing = (params as { requiredProperties?: string[] }).requiredProperties ?? [undefined]
    for (const property of missing) {
      const loc = property === undefined ? path : [...path, property]
      const key = JSON.stringify(loc)
      if (errors.has(key)) continue
      const allowed = all.filter((other) => other.instancePath === instancePath).flatMap(allowedBy)
      const said = property === undefined ? saidOf(complaint, known, allowed) : fieldWrong('required')
      const sentence = known
        ? `is not known; allowed: ${known.join(', ')}`
        : allowed.length > 0
          ? `must be ${choice(allowed)}`
          : message
      errors.set(key, {
        type: keyword,
        loc: [where, ...loc],
        msg: property === undefined ? sentence : 'is required',
        input: repeated(payload, loc),
        ...(said && { said: withoutSentence(said) }),
      })
    }
  }
  return [...errors.values()]
}

const TYPES: Readonly<Record<string, FieldWrong>> = {
  array: 'not_list',
  boolean: 'not_true_or_false',
  integer: 'not_whole',
  number: 'not_number',
  object: 'not_object',
  string: 'not_text',
}
/** Keywords that state a limit. */
const LIMITS: Readonly<Record<string, FieldWrong>> = {
  exclusiveMaximum: 'below',
  exclusiveMinimum: 'above',
  maximum: 'at_most',
  maxItems: 'too_many',
  maxLength: 'too_long',
  minimum: 'at_least',
  minItems: 'too_few',
  minLength: 'too_short',
}

/** What a complaint says, by its code; undefined where there is none for it. */
function saidOf({ keyword, params }: Complaint, known: string[] | undefined, allowed: readonly unknown[]) {
  if (known) return fieldWrong('not_known', { allowed: known.join(', ') })
  if (allowed.length > 0)
    return fieldWrong('one_of', { allowed: [...new Set(allowed)].map(String).join(', ') })
  if (keyword === 'pattern' || keyword === 'format') return fieldWrong('written_wrong')
  const { type, limit } = params as { type?: unknown; limit?: unknown }
  const code = keyword === 'type' ? TYPES[String(type)] : LIMITS[keyword]
  if (code === undefined) return undefined
  return fieldWrong(code, limit === undefined ? {} : { limit: Number(limit) })
}

const choice = (allowed: readonly unknown[]): string =>
  `${allowed.length > 1 ? 'one of ' : ''}${[...new Set(allowed)].map(String).join(', ')}`

/** `Number` would also take 0x4, 0b1 and spaces. */
const DECIMAL = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i

interface Property {
  type?: string
  anyOf?: Property[]
}

const wants = (property: Property | undefined, ...types: string[]): boolean =>
  property !== undefined &&
  (types.includes(property.type ?? '') || (property.anyOf ?? []).some((one) => wants(one, ...types)))

/**
 * Text of a URL as its schema wants it; what cannot be read as such stays text and is refused as that. A name
 * that may be repeated is a list of all that was said of it.
 */
function typed(
  schema: TObject,
  text: Readonly<Record<string, string>>,
  all: (name: string) => readonly string[] = () => [],
): Record<string, unknown> {
  const read = (name: string, value: string): unknown => {
    const property = (schema.properties as Record<string, Property>)[name]
    if (wants(property, 'array')) return all(name).filter((one) => one !== '')
    if (wants(property, 'number', 'integer') && DECIMAL.test(value) && Number.isFinite(Number(value)))
      return Number(value)
    if (wants(property, 'boolean') && /^(true|false|1|0)$/i.test(value)) return /^(true|1)$/i.test(value)
    return value
  }
  // An empty value is one that was not given (rest-contract §1).
  return Object.fromEntries(
    Object.entries(text)
      .map(([name, value]) => [name, read(name, value)] as const)
      .filter(([, value]) => value !== '' && !(Array.isArray(value) && value.length === 0)),
  )
}

/** Fetches and checks path parameters, query and body. Throws Problem (422) that names each wrong field. */
export function reader(
  schemas: {
    path: TObject | undefined
    query: TObject | undefined
    body: TSchema | undefined
  },
  isForm = false,
): (c: Context) => Promise<{ path: unknown; query: unknown; body: unknown }> {
  const validators: Partial<Record<Where, Validator>> = {}
  /** Compiled when somebody first asks: most of a hundred routes are never asked on a small box. */
  const validatorOf = (where: Where): Validator | undefined => {
    const schema = schemas[where]
    if (!schema) return undefined
    validators[where] ??= Compile(schema as TSchema)
    return validators[where]
  }
  return async (c) => {
    const path = schemas.path ? typed(schemas.path, c.req.param() as Record<string, string>) : {}
    const query = schemas.query
      ? typed(schemas.query, c.req.query(), (name) => c.req.queries(name) ?? [])
      : {}
    const body = schemas.body ? await (isForm ? form(c) : json(c)) : {}
    const given = { path, query, body }
    const errors = (['path', 'query', 'body'] as const).flatMap((where) => {
      const validator = validatorOf(where)
      return validator && !validator.Check(given[where]) ? complaints(where, validator, given[where]) : []
    })
    if (errors.length > 0) throw new Problem('request_invalid', errors)
    return given
  }
}

/** A field that a schema cannot judge. */
export const wrongField = (
  field: string,
  msg: string,
  input: unknown,
  where: Where = 'body',
  said?: Said,
): Problem =>
  new Problem('request_invalid', [
    {
      type: 'value_error',
      loc: [where, ...locOf(field)],
      msg,
      input,
      ...(said && { said: withoutSentence(said) }),
    },
  ])

async function json(c: Context): Promise<unknown> {
  const text = await c.req.text()
  if (text.trim() === '') return {}
  const payload = parsed(text)
  if (isDeeper(payload, LEVELS)) throw invalid(`is nested deeper than ${LEVELS} levels`)
  // Pages send `null` where they have nothing to say (rest-contract §0).
  return payload ?? {}
}

const invalid = (msg: string): Problem =>
  new Problem('request_invalid', [
    { type: 'json_invalid', loc: ['body'], msg, input: '', said: { code: 'not_json', facts: {} } },
  ])

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // Not what was sent: there may be a password in it, and the parser quotes.
    const place = /at position \d+/.exec((error as Error).message)?.[0]
    throw invalid(place ? `is not JSON ${place}` : 'is not JSON')
  }
}

/** Goes no deeper than it asks for: what is parsed easily may be too deep to be written again, or for SQLite. */
const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)))

/** The fields of a form, the last one where a name comes twice. */
const form = async (c: Context): Promise<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(await c.req.text()))

/** A reader of JSON bodies alone. */
export function body<S extends TSchema>(schema: S): (c: Context) => Promise<Static<S>> {
  const read = reader({ path: undefined, query: undefined, body: schema })
  return async (c) => (await read(c)).body as Static<S>
}
