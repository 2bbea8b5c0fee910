/**
 * Every HTTP error has the same shape: `detail`, which pages print, and `code`, which programs read. A failed
 * validation lists each field (rest-contract §1).
 */
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { type CodeName, codes } from '../routing/contract/codes.js'
import type { Said } from '../routing/contract/said.js'

/** One field that is wrong: where it is, what is allowed, what came. */
export interface FieldError {
  type: string
  loc: (string | number)[]
  msg: string
  input: unknown
  /** `msg` by its code, for pages in other languages. */
  said?: Said
}

/** The body of an error, for whoever answers without a Response. */
export const problemBody = (
  code: CodeName,
  detail: string | FieldError[] = codes[code].sentence,
): { success: false; detail: string | FieldError[]; code: CodeName } => ({ success: false, detail, code })

/** Thrown anywhere below a route; answered with its code's status. */
export class Problem extends HTTPException {
  readonly code: CodeName
  readonly detail: string | FieldError[]
  readonly headers: Record<string, string>
  /** What programs need beside the sentence. */
  readonly beside: Readonly<Record<string, unknown>>

  constructor(
    code: CodeName,
    detail: string | FieldError[] = codes[code].sentence,
    headers: Record<string, string> = {},
    beside: Readonly<Record<string, unknown>> = {},
  ) {
    super(codes[code].status as ContentfulStatusCode, {
      message: typeof detail === 'string' ? detail : codes[code].sentence,
    })
    this.code = code
    this.detail = detail
    this.headers = headers
    this.beside = beside
  }

  override getResponse(): Response {
    return Response.json(
      { ...problemBody(this.code, this.detail), ...this.beside },
      { status: this.status, headers: this.headers },
    )
  }
}

/** What a 401 says about how to come in. RFC 9110 11.6.1 */
export const CHALLENGE = { 'WWW-Authenticate': 'Bearer' }

/** Too much too soon; `seconds` until it is worth trying again. */
export const rateLimited = (seconds: number, what: string): Problem =>
  new Problem('rate_limited', `${what}; try again in ${seconds} s`, { 'Retry-After': String(seconds) })
