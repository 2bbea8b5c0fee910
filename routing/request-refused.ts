/** A request that cannot be carried out; whoever asked is told which field, and what is allowed. */
import type { CodeName } from './contract/codes.js'
import type { Said } from './contract/said.js'
import type { FieldWrong } from './contract/sentences/fields.js'

export class RequestRefused extends Error {
  override name = 'RequestRefused'
  readonly code: CodeName
  /** The field that is to blame, with what came; undefined when it is none in particular. */
  readonly field: { readonly name: string; readonly value: unknown } | undefined

  /** The sentence about the field, by its code. */
  readonly said: Said | undefined

  constructor(code: CodeName, message: string, field?: RequestRefused['field'], said?: Said) {
    super(message)
    this.code = code
    this.field = field
    this.said = said
  }
}

/** A field whose value cannot be used; `msg` says what is allowed, `code` and `facts` the same for other languages. */
export const refusedField = (
  name: string,
  value: unknown,
  msg: string,
  code?: FieldWrong,
  facts: Said['facts'] = {},
): RequestRefused => new RequestRefused('request_invalid', msg, { name, value }, code && { code, facts })

/** The same as it stands behind something else, in a list of rejects or behind `kaiser: `. */
export const detailOf = ({ field, message }: RequestRefused): string =>
  field ? `${field.name} ${message}` : `${message.charAt(0).toLowerCase()}${message.slice(1)}`
