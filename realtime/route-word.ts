/**
 * What a route says about itself, and whether it keeps its word. Every code it may refuse with is known from
 * its definition; in tests each answer and each refusal is compared with it, so that the OpenAPI document is
 * true. Elsewhere nothing is compared.
 */
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { type CodeName, codes } from '../routing/contract/codes.js'
import { Problem } from './problem.js'
import type { Route } from './route.js'

/** Every code a route can refuse with: its own, and those the frame adds. */
export function codesOf({ method, role, params, query, body, errors = [] }: Route): CodeName[] {
  const all: CodeName[] = [...errors, 'rate_limited', 'internal_error']
  if (role !== 'public') all.push('not_authenticated', 'account_inactive')
  if (role === 'operator' || role === 'admin') all.push('permission_denied')
  if (params || query || body) all.push('request_invalid')
  if (method !== 'GET') all.push('body_too_large', 'storage_unavailable')
  return [...new Set(all)]
}

/** HTTP status of success. */
export const successOf = ({ status, answer, media }: Route): number => status ?? (answer || media ? 200 : 204)

export interface Word {
  /** Throws an Error when this is not what the route answers. */
  answered(result: unknown): void
  /** Throws an Error when this is not what the route refuses with. */
  refused(error: unknown): void
}

export function wordOf(route: Route): Word {
  const answer = route.answer && Compile(route.answer as TSchema)
  const known = codesOf(route)
  const statuses = [
    successOf(route),
    ...(route.other ? [route.other.status] : []),
    304,
    ...known.map((code) => codes[code].status),
  ]
  const broken = (what: string): Error => new Error(`${route.method} ${route.path} ${what}`)
  return {
    answered(result) {
      if (result instanceof Response) {
        if (!statuses.includes(result.status)) throw broken(`answers ${result.status}, which it does not say`)
        return
      }
      if (result === undefined) {
        if (successOf(route) !== 204) throw broken('answers nothing, but says it does')
        return
      }
      if (!answer) throw broken('answers something, but does not say what')
      const sent: unknown = JSON.parse(JSON.stringify(result))
      if (answer.Check(sent)) return
      const [first] = answer.Errors(sent)
      throw broken(`does not answer what it says: ${first?.instancePath} ${first?.message}`)
    },
    refused(error) {
      if (error instanceof Problem && !known.includes(error.code))
        throw broken(`refuses with ${error.code}, which it does not say`)
    },
  }
}
