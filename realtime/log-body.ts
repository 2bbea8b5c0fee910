/** A line of the log as REST shows it. rest-contract §14 */
import Type, { type Static } from 'typebox'
import { nullable, Time } from './shapes.js'
import { iso } from './web.js'

/** Least first. */
export const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const
export type Level = (typeof LEVELS)[number]

export const LogBody = Type.Object({
  timestamp: Time,
  level: Type.Enum([...LEVELS]),
  logger: Type.Literal('kaiser'),
  message: Type.String(),
  module: nullable(Type.String({ description: 'family of its code, such as Storage' })),
  function: Type.Null(),
  line: Type.Null(),
  exception: nullable(Type.String({ description: 'stack of the error' })),
  extra: nullable(Type.Record(Type.String(), Type.Unknown(), { description: 'what else the line says' })),
})
export type LogBody = Static<typeof LogBody>

/** How the logger numbers what the original calls by name: 10 and 20 are DEBUG, 30 INFO, … */
const levelOf = (number: unknown): Level =>
  LEVELS[Math.min(Math.max(Math.floor(Number(number) / 10) - 2, 0), LEVELS.length - 1)] ?? 'INFO'

/** One that was cut is its text. */
function fieldsOf(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return { msg: line.trimEnd() }
  }
}

const stackOf = (err: unknown): string | null => {
  const { stack, message } = (err ?? {}) as { stack?: unknown; message?: unknown }
  return typeof stack === 'string' ? stack : typeof message === 'string' ? message : null
}

export function logBody(line: string): LogBody {
  const { level = 30, time, msg, family, err, ...extra } = fieldsOf(line)
  return {
    timestamp: iso(typeof time === 'number' ? time : 0)!,
    level: levelOf(level),
    logger: 'kaiser',
    message: typeof msg === 'string' ? msg : '',
    module: typeof family === 'string' ? family : null,
    function: null,
    line: null,
    exception: stackOf(err),
    extra: Object.keys(extra).length === 0 ? null : extra,
  }
}
