/**
 * Parameters that people choose for a pattern or a fault: what is left out is filled in, and what does not fit is
 * said in one sentence with the field and what is allowed there.
 */
import type { Static, TObject } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import Value from 'typebox/value'

const validators = new WeakMap<TObject, Validator>()
const validatorOf = (schema: TObject): Validator => {
  let known = validators.get(schema)
  if (!known) {
    known = Compile(schema)
    validators.set(schema, known)
  }
  return known
}

type Complaint = ReturnType<Validator['Errors']>[number]

const allowedBy = ({ message, params }: Complaint): string => {
  const { allowedValues, allowedValue } = params as { allowedValues?: unknown[]; allowedValue?: unknown }
  const allowed = allowedValues ?? (allowedValue === undefined ? [] : [allowedValue])
  return allowed.length > 0 ? `must be one of ${allowed.join(', ')}` : message
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value)

/** What does not fit the schema, as a sentence; undefined when all fits. `where` is what the value is called. */
export function complaintOf(schema: TObject, value: unknown, where: string): string | undefined {
  const [first] = validatorOf(schema).Errors(value)
  if (!first) return undefined
  const path = first.instancePath.split('/').slice(1)
  const { requiredProperties } = first.params as { requiredProperties?: string[] }
  if (requiredProperties)
    return `${[where, ...path, requiredProperties[0]].filter(Boolean).join('.')} is missing`
  const field = [where, ...path].filter(Boolean).join('.')
  return `${field} ${allowedBy(first)} (it is ${shown(at(value, path))})`
}

/** The parameters, whole; a sentence when they cannot be used. */
export function parametersOf<T extends TObject>(
  schema: T,
  given: unknown,
  where = 'parameters',
): Static<T> | string {
  const whole = given == null ? {} : given
  if (typeof whole !== 'object' || Array.isArray(whole)) return `${where} must be an object`
  const names = Object.keys(schema.properties)
  for (const name of Object.keys(whole))
    if (!names.includes(name))
      return `${where}.${name} is not known; ${names.length > 0 ? `allowed are ${names.join(', ')}` : 'there are none'}`
  // null means "not given", as everywhere.
  const said = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== null))
  const filled = Value.Default(schema, said)
  return complaintOf(schema, filled, where) ?? (filled as Static<T>)
}
