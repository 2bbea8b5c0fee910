/** What a kaiser is made with: its configuration and its log, and what tests have otherwise. */
import type { Logger } from 'pino'
import type { Bounds } from '../broker/bounds.js'
import type { LogLines } from '../realtime/log-lines.js'
import type { Every } from '../routing/every.js'
import type { Handler } from '../routing/handler.js'
import type { StartConfig } from './config.js'

export interface AppOptions {
  config: StartConfig
  log: Logger
  /** The latest lines of the log, for whoever reads them over REST. */
  logLines?: LogLines
  /** ms since 1970 */
  now?: () => number
  /** ms, for what lasts */
  monotonic?: () => number
  /** What wakes those who look again and again. */
  every?: Every
  /** Where ids of rows come from. */
  uuid?: () => string
  /** More handlers, for tests. */
  extraHandlers?: Readonly<Record<string, Handler>>
  bounds?: Partial<Bounds>
  /** Storage limits, for tests: how long an acknowledgement is held (ms), how many wait. */
  hold?: number
  backlog?: number
  /** For tests: the first and the longest wait between two attempts to reach Redis, ms. */
  redisBackoff?: readonly [first: number, last: number]
  /** How often the files of the certificate are looked at, ms. */
  certificatePoll?: number
  /** How long clients have to come back before the Wills of a killed kaiser are published, ms. */
  willGrace?: number
  /** For tests: REST answers are compared with their schemas. */
  checkAnswers?: boolean
}
