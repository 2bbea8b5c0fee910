/** A request about an actuator that makes no sense; whoever asked is told which field, and what is allowed. */
import type { CodeName } from '../contract/codes.js'

export class ActuatorRefused extends Error {
  override name = 'ActuatorRefused'
  readonly code: CodeName
  /** The field that is to blame, with what came; undefined when it is none in particular. */
  readonly field: { readonly name: string; readonly value: unknown } | undefined

  constructor(code: CodeName, message: string, field?: ActuatorRefused['field']) {
    super(message)
    this.code = code
    this.field = field
  }
}

/** A field whose value cannot be used; `msg` says what is allowed. */
export const refusedField = (name: string, value: unknown, msg: string): ActuatorRefused =>
  new ActuatorRefused('request_invalid', msg, { name, value })
