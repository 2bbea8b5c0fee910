/**
 * Bodies are checked by the same TypeBox schemas that describe them: compiled when the route is made, so that
 * a request only reads. What is wrong is said field by field.
 */
import type { Context } from 'hono'
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { type FieldError, Problem } from './problem.js'

/** Fields that are never repeated in an answer. */
const SECRET = /password|token/

const at = (payload: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], payload)

/** A reader of JSON bodies of one shape. Throws Problem (422) that names each wrong field. */
export function body<S extends TSchema>(schema: S): (c: Context) => Promise<Static<S>> {
  const validator = Compile(schema)
  return async (c) => {
    const payload = await json(c)
    if (validator.Check(payload)) return payload as Static<S>
    const errors: FieldError[] = []
    for (const { keyword, instancePath, message, params } of validator.Errors(payload)) {
      const path = instancePath.split('/').slice(1)
      const missing = (params as { requiredProperties?: string[] }).requiredProperties ?? [undefined]
      for (const property of missing) {
        const loc = property === undefined ? path : [...path, property]
        if (errors.some((error) => error.loc.slice(1).join() === loc.join())) continue
        errors.push({
          type: keyword,
          loc: ['body', ...loc],
          msg: property === undefined ? message : 'is required',
          input: SECRET.test(loc.at(-1) ?? '') ? '' : (at(payload, loc) ?? null),
        })
      }
    }
    throw new Problem('request_invalid', errors)
  }
}

/** A field that a schema cannot judge. */
export const wrongField = (field: string, msg: string, input: unknown): Problem =>
  new Problem('request_invalid', [{ type: 'value_error', loc: ['body', field], msg, input }])

async function json(c: Context): Promise<unknown> {
  const text = await c.req.text()
  if (text.trim() === '') return {}
  try {
    // Pages send `null` where they have nothing to say (rest-contract §0).
    return JSON.parse(text) ?? {}
  } catch (error) {
    throw new Problem('request_invalid', [
      {
        type: 'json_invalid',
        loc: ['body'],
        msg: `is not JSON: ${(error as Error).message}`,
        input: text.slice(0, 100),
      },
    ])
  }
}
