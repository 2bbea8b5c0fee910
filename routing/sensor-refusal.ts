/** A request about a sensor that cannot be carried out; whoever asked is told which field, and what is allowed. */
import type { CodeName } from './contract/codes.js'

export class SensorRefused extends Error {
  override name = 'SensorRefused'
  readonly code: CodeName
  /** The field that is to blame, with what came; undefined when it is none in particular. */
  readonly field: { readonly name: string; readonly value: unknown } | undefined

  constructor(code: CodeName, message: string, field?: SensorRefused['field']) {
    super(message)
    this.code = code
    this.field = field
  }
}

/** A field whose value cannot be used; `msg` says what is allowed. */
export const refusedField = (name: string, value: unknown, msg: string): SensorRefused =>
  new SensorRefused('request_invalid', msg, { name, value })
