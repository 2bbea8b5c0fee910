/**
 * A JSON Schema as people read it: one row per field with its type, whether it may be missing, what is allowed
 * and what it means; what is inside an object or a list stands indented below it.
 */
import { type Html, html, join, prose } from './html.js'
import type { Schema } from './json-schema.js'

export interface Field {
  name: string
  required: boolean
  schema: Schema
}

/** A schema without its null, and whether it had one. */
function apart(schema: Schema): { schema: Schema; isNullable: boolean } {
  const { anyOf, ...rest } = schema
  const others = anyOf?.filter((one) => one.type !== 'null') ?? []
  if (!anyOf || others.length === anyOf.length) return { schema, isNullable: false }
  const [first] = others
  return {
    schema: others.length === 1 ? { ...first, ...rest } : { ...rest, anyOf: others },
    isNullable: true,
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': 'time',
  date: 'date',
  uuid: 'uuid',
  uri: 'address',
}

/** What a value is, in a word or two. */
function kindOf(whole: Schema): string {
  const { schema } = apart(whole)
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.anyOf) return [...new Set(schema.anyOf.map(kindOf))].join(' or ')
  if (schema.enum) return 'one of'
  if (schema.prefixItems) return `[${schema.prefixItems.map(kindOf).join(', ')}]`
  if (schema.type === 'array') return `list of ${schema.items ? kindOf(schema.items) : 'anything'}`
  if (schema.patternProperties) return 'map'
  if (schema.type === 'string') return FORMATS[String(schema.format)] ?? 'text'
  if (schema.type === 'number') return 'number'
  return schema.type ?? 'anything'
}

const between = (low: unknown, high: unknown, what: string): string[] => {
  const unit = what ? ` ${what}` : ''
  if (low !== undefined && high !== undefined) return [`${low} to ${high}${unit}`]
  if (low !== undefined) return [`at least ${low}${unit}`]
  return high === undefined ? [] : [`at most ${high}${unit}`]
}

/** What is allowed beyond the type. */
const limitsOf = (schema: Schema): string[] => [
  ...between(schema.minimum, schema.maximum, ''),
  ...(schema.exclusiveMinimum === undefined ? [] : [`over ${schema.exclusiveMinimum}`]),
  ...(schema.exclusiveMaximum === undefined ? [] : [`under ${schema.exclusiveMaximum}`]),
  ...between(schema.minLength, schema.maxLength, 'characters'),
  ...between(schema.minItems, schema.maxItems, 'items'),
]

/** The fields of an object, or of what is in a list or a map of objects. */
function inside(whole: Schema): Field[] {
  const { schema } = apart(whole)
  if (schema.items && !schema.prefixItems) return inside(schema.items)
  if (schema.patternProperties) {
    const [values] = Object.values(schema.patternProperties)
    return values ? [{ name: '*', required: false, schema: values }] : []
  }
  // Fields of several shapes, each name once: a field that not all of them have is optional.
  if (schema.anyOf) {
    const shapes = schema.anyOf.map(inside)
    const always = (name: string): boolean =>
      shapes.every((shape) => shape.some((field) => field.name === name && field.required))
    const named = new Map(shapes.flat().map((field) => [field.name, field]))
    return [...named.values()].map((field) => ({ ...field, required: always(field.name) }))
  }
  return Object.entries(schema.properties ?? {}).map(([name, inner]) => ({
    name,
    required: schema.required?.includes(name) ?? false,
    schema: inner,
  }))
}

function wordsOf(whole: Schema): unknown[] {
  const { schema } = apart(whole)
  return schema.enum ?? (schema.type === 'array' && schema.items ? wordsOf(schema.items) : [])
}

function row({ name, required, schema: whole }: Field): Html {
  const { schema, isNullable } = apart(whole)
  const words = wordsOf(schema)
  const below = inside(schema)
  const marks = [
    ...(required ? [] : name === '*' ? ['each'] : ['optional']),
    ...(isNullable ? ['or null'] : []),
    ...limitsOf(schema),
  ]
  const pattern =
    typeof schema.pattern === 'string' ? html`<code class="pattern">${schema.pattern}</code>` : html``
  const said = whole.description ?? schema.description
  return html`<li><div class="field">
<code class="name">${name}</code>
<span class="kind">${kindOf(schema)}</span>
${join(words.map((word) => html`<code class="word">${String(word)}</code>`))}
${join(marks.map((mark) => html`<span class="mark">${mark}</span>`))}
${said === undefined ? html`` : html`<span class="said">${prose(said)}</span>`}
${pattern}
</div>${below.length > 0 ? fields(below) : html``}</li>`
}

/** A list of named fields. */
export const fields = (all: readonly Field[]): Html => html`<ul class="fields">${join(all.map(row))}</ul>`

/** A body: its fields, or what it is where it has none. */
export function shape(schema: Schema): Html {
  const all = inside(schema)
  const kind = kindOf(schema)
  const lead = kind === 'object' ? html`` : html`<p class="kind">${kind}</p>`
  return all.length > 0 ? html`${lead}${fields(all)}` : html`<p class="kind">${kind}</p>`
}
