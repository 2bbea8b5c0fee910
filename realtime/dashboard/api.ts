/**
 * Every call to REST goes through here. It adds the token, renews the pair once when the server says 401, and
 * turns each failure into an ApiError with a sentence to show. A server that cannot be reached never ends the
 * session; only a refused refresh does.
 */

import type { Said } from '../../routing/contract/said.js'
import type { Tokens } from './rest.js'
import { tokens } from './tokens.js'
import { refusalShown, t } from './words/index.js'
import { saidIn } from './words/said.js'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What the server says beside the sentence. */
interface Beside {
  readonly code?: string
  /** The server's own sentence, in English. */
  readonly detail?: string
  /** Which limit refused a command. */
  readonly limit_name?: string | null
  /** A refused command: when it could pass, ISO 8601, and its id. */
  readonly possible_at?: string | null
  readonly correlation_id?: string
  /** Why a command came to nothing: the sentence alone, and by its code. */
  readonly error_detail?: string
  readonly error_said?: Said | null
}

/** A call that failed. Status 0 means nobody answered; `fields` has the sentences for single inputs. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly fields: Readonly<Record<string, string>> = {},
    readonly beside: Beside = {},
  ) {
    super(message)
  }
}

/** What to say of a failure: the server's sentence with those for single inputs, or what the browser says. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error)
  return [error.message, ...Object.values(error.fields)].filter(Boolean).join(' ')
}

let sessionEnded: (error: ApiError) => void = () => {}
let refreshing: Promise<void> | undefined

/** Names whom to tell when the session cannot be renewed any more. */
export const onSessionEnded = (tell: (error: ApiError) => void): void => {
  sessionEnded = tell
}

/** One call with the session's token; a 401 renews the pair and repeats the call once. */
export const call = <T>(method: Method, path: string, body?: object): Promise<T> =>
  withSession((access) => request<T>(method, path, body, access))

/** One GET with the session's token whose answer is taken as it comes. */
export const stream = (path: string, signal: AbortSignal): Promise<Response> =>
  withSession(async (access) => {
    const response = await answered(path, { headers: { authorization: `Bearer ${access}` }, signal })
    if (!response.ok) throw refusal(response, parsed(await response.text()))
    return response
  })

async function withSession<T>(work: (access: string | null) => Promise<T>): Promise<T> {
  const used = tokens.access()
  try {
    return await work(used)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.beside.code === 'account_inactive') sessionEnded(error)
    if (error.status !== 401) throw error
  }
  await renewed(used)
  return work(tokens.access())
}

/** Throws ApiError when nobody answers. */
async function answered(path: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(`/api/v1${path}`, { ...options, cache: 'no-store' })
  } catch {
    throw new ApiError(0, t('errors.unreachable', { host: location.host }))
  }
}

/** Renews the pair now, before anybody says that it is worn out. */
export const renewPair = (): Promise<void> => renewed(tokens.access())

/** One call without a token and without renewal: status, setup, login, health. */
export const callOpenly = <T>(method: Method, path: string, body?: object): Promise<T> =>
  request<T>(method, path, body, null)

async function renewed(used: string | null): Promise<void> {
  if (tokens.access() !== used) return // another tab was faster
  refreshing ??= refresh().finally(() => {
    refreshing = undefined
  })
  return refreshing
}

async function refresh(): Promise<void> {
  const refresh_token = tokens.refresh()
  try {
    if (!refresh_token) throw new ApiError(401, t('errors.log_in'))
    const answer = await callOpenly<{ tokens: Tokens }>('POST', '/auth/refresh', { refresh_token })
    tokens.keep(answer.tokens)
  } catch (error) {
    if (!(error instanceof ApiError) || ![400, 401, 403, 422].includes(error.status)) throw error
    if (refresh_token && (await renewedElsewhere(refresh_token))) return
    tokens.forget()
    sessionEnded(error)
    throw error
  }
}

/** Two tabs may spend the same refresh token at once; the loser waits a moment for the winner's pair. */
async function renewedElsewhere(spent: string): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 300))
  const kept = tokens.refresh()
  return kept !== null && kept !== spent
}

async function request<T>(
  method: Method,
  path: string,
  body: object | undefined,
  access: string | null,
): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body) headers['content-type'] = 'application/json'
  if (access) headers.authorization = `Bearer ${access}`
  let response: Response
  let text: string
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(30_000),
      cache: 'no-store',
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    text = await response.text()
  } catch {
    throw new ApiError(0, t('errors.unreachable', { host: location.host }))
  }
  const answer = parsed(text)
  if (!response.ok) throw refusal(response, answer)
  return answer as T
}

function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    return undefined
  }
}

function refusal(response: Response, answer: unknown): ApiError {
  const { status } = response
  const { detail, ...beside } = (answer ?? {}) as Omit<Beside, 'detail'> & { detail?: unknown }
  if (typeof detail === 'string') {
    const sentence = withWait(refusalShown(beside.code, detail), response)
    return new ApiError(status, sentence, {}, { ...beside, detail })
  }
  if (!Array.isArray(detail)) return new ApiError(status, t('errors.silent', { status }))
  const fields: Record<string, string> = {}
  const rest: string[] = []
  for (const { loc, msg, said } of detail as { loc?: (string | number)[]; msg?: string; said?: Said }[]) {
    const field = loc?.slice(1).join('.')
    const sentence = saidIn('field', said) ?? (msg && t('errors.field', { detail: msg }))
    if (field) fields[field] = sentence ?? t('errors.field_wrong')
    else rest.push(sentence ?? t('errors.request_wrong'))
  }
  return new ApiError(status, rest.join(' '), fields)
}

function withWait(detail: string, response: Response): string {
  const seconds = Number(response.headers.get('retry-after'))
  return response.status === 429 && seconds > 0 ? t('errors.wait', { detail, seconds }) : detail
}
