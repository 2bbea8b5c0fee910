/**
 * A TypeBox schema as the plain JSON Schema 2020-12 that OpenAPI 3.1 wants: without TypeBox's own marks, words
 * of a choice as one list, and tuples as that dialect spells them.
 */
import type { TSchema } from 'typebox'

/** JSON Schema as data; the keywords that are read here are named. */
export interface Schema {
  $ref?: string
  type?: string
  description?: string
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  items?: Schema
  prefixItems?: Schema[]
  properties?: Record<string, Schema>
  patternProperties?: Record<string, Schema>
  required?: string[]
  [keyword: string]: unknown
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Several constants of one type are a list of words. */
function choice(schema: Schema): Schema {
  const { anyOf, ...rest } = schema
  if (!Array.isArray(anyOf) || anyOf.length < 2) return schema
  const [first] = anyOf
  if (!anyOf.every((one) => one.const !== undefined && one.type === first?.type)) return schema
  return { ...(first?.type && { type: first.type }), enum: anyOf.map((one) => one.const), ...rest }
}

function tuple(schema: Schema): Schema {
  if (!Array.isArray(schema.items)) return schema
  const { items, additionalItems: _, ...rest } = schema
  return { ...rest, prefixItems: items as unknown as Schema[], items: false as unknown as Schema }
}

function convert(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convert)
  if (!isObject(value)) return value
  return tuple(
    choice(
      Object.fromEntries(
        Object.entries(value)
          .filter(([key]) => !key.startsWith('~'))
          .map(([key, inner]) => [key, convert(inner)]),
      ),
    ),
  )
}

export const plain = (schema: TSchema): Schema => convert(JSON.parse(JSON.stringify(schema))) as Schema
