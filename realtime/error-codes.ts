/**
 * Every code people may meet, in one shape: kaiser's own, and those the firmware reports. Codes of the firmware
 * are numbers; kaiser's are words, filed under a number of the original that several may share.
 */
import Type, { type Static } from 'typebox'
import { SEVERITIES, type Severity } from '../routing/contract/audit-events.js'
import { codes, type Level } from '../routing/contract/codes.js'

/** A code of the firmware, as its table has it. protocol.md §11 */
export interface EspErrorCode {
  readonly code: number
  readonly name: string
  readonly category: string
  readonly severity: Severity
  readonly message: string
  readonly troubleshooting: readonly string[]
  readonly recoverable: boolean
  readonly user_action_required: boolean
}

export const SeverityName = Type.Enum(Object.keys(SEVERITIES) as Severity[])

export const ErrorCodeBody = Type.Object({
  error_code: Type.Integer(),
  name: Type.String(),
  source: Type.Enum(['kaiser', 'esp32'], { description: 'who reports it' }),
  category: Type.String(),
  severity: SeverityName,
  message: Type.String({ description: 'what it means' }),
  troubleshooting: Type.Array(Type.String(), { description: 'what to do, first things first' }),
  recoverable: Type.Boolean({ description: 'it may pass by itself' }),
  user_action_required: Type.Boolean(),
  http_status: Type.Union([Type.Integer(), Type.Null()], { description: 'of an answer with this code' }),
  docs_link: Type.Null(),
})
export type ErrorCodeBody = Static<typeof ErrorCodeBody>

const SEVERITY: Readonly<Record<Level, Severity>> = {
  debug: 'info',
  info: 'info',
  warn: 'warning',
  error: 'error',
}

/** A sentence says what happened, then what to do. */
const advice = (sentence: string): string[] => {
  const [, next] = sentence.split(/[;:] (.*)/s)
  return next ? [next] : []
}

const ours: readonly ErrorCodeBody[] = Object.entries(codes).map(
  ([name, { number, family, level, sentence, status }]) => ({
    error_code: number,
    name,
    source: 'kaiser',
    category: family.toUpperCase(),
    severity: SEVERITY[level],
    message: sentence,
    troubleshooting: advice(sentence),
    recoverable: status === 503 || status === 429 || status === 408,
    user_action_required: status >= 400 && status < 500 && status !== 408 && status !== 429,
    http_status: status,
    docs_link: null,
  }),
)

const theirs = (code: EspErrorCode): ErrorCodeBody => ({
  error_code: code.code,
  name: code.name,
  source: 'esp32',
  category: code.category,
  severity: code.severity,
  message: code.message,
  troubleshooting: [...code.troubleshooting],
  recoverable: code.recoverable,
  user_action_required: code.user_action_required,
  http_status: null,
  docs_link: null,
})

export interface ErrorCodes {
  list(): readonly ErrorCodeBody[]
  /** By number, or by name in any case; of several with one number the first. */
  find(code: string): ErrorCodeBody | undefined
}

export function createErrorCodes(firmware: readonly EspErrorCode[]): ErrorCodes {
  const all = [...ours, ...firmware.map(theirs)]
  return {
    list: () => all,
    find: (code) =>
      all.find(
        ({ error_code, name }) => String(error_code) === code || name.toLowerCase() === code.toLowerCase(),
      ),
  }
}
