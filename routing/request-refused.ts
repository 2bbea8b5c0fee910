/** A request that cannot be carried out; whoever asked is told which field, and what is allowed. */
import type { CodeName } from './contract/codes.js'

export class RequestRefused extends Error {
  override name = 'RequestRefused'
  readonly code: CodeName
  /** The field that is to blame, with what came; undefined when it is none in particular. */
  readonly field: { readonly name: string; readonly value: unknown } | undefined

  constructor(code: CodeName, message: string, field?: RequestRefused['field']) {
    super(message)
    this.code = code
    this.field = field
  }
}

/** A field whose value cannot be used; `msg` says what is allowed. */
export const refusedField = (name: string, value: unknown, msg: string): RequestRefused =>
  new RequestRefused('request_invalid', msg, { name, value })

/** The same as it stands behind something else, in a list of rejects or behind `kaiser: `. */
export const detailOf = ({ field, message }: RequestRefused): string =>
  field ? `${field.name} ${message}` : `${message.charAt(0).toLowerCase()}${message.slice(1)}`
