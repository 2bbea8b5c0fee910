/**
 * What kaiser says of itself when something happens to it: each event with its log line, its counter, its audit
 * entry and what everybody on realtime hears. It says; it decides nothing.
 */
import type { Logger } from 'pino'
import type { BoundState } from '../broker/hits.js'
import type { Report } from '../routing/contract/codes.js'
import type { SystemEvent } from '../routing/contract/events.js'
import type { Findings } from '../routing/findings.js'
import type { SystemAudit } from '../routing/system-audit.js'
import type { StorageState, Store } from '../storage/store.js'
import { createRedisNews, type RedisNews } from './redis-news.js'
import type { Serving } from './tls/serving.js'

export type Announce = (
  event_type: SystemEvent['event_type'],
  message: string,
  details?: SystemEvent['details'],
) => void

export interface NewsOptions {
  log: Logger
  report: Report
  announce: Announce
  findings: Pick<Findings, 'note'>
  /** It is kept in storage, which has news before there is an audit. */
  audit: () => SystemAudit
  /** ms since 1970 */
  now: () => number
}

export interface News {
  storage(state: StorageState, error: unknown): void
  /** Tables of sessions that could not be read whole. */
  damaged(damage: Store['mqttState']['damage']): void
  sensorTypeFailed(file: string, type: string | null, error: string): void
  boundHit(bound: BoundState, who: string): void
  /** Redis is lost, or back. */
  readonly redis: RedisNews
  readonly certificate: Omit<Parameters<Serving['start']>[0], 'take'>
}

export function createNews({ log, report, announce, findings, audit, now }: NewsOptions): News {
  let wasOpen = false
  return {
    storage(state, error) {
      const detail = error instanceof Error ? error.message : ''
      if (state === 'ok') {
        log.info('Storage takes writes again')
        if (wasOpen) announce('breaker_closed', 'Storage breaker closed')
        announce('storage_recovered', 'Storage takes writes again')
      } else {
        report('storage_unavailable', 'storage', { state, detail })
        if (state === 'open') announce('breaker_open', `Storage breaker open: ${detail}`, { detail })
        else announce('storage_failing', `Storage fails: ${detail}`, { detail })
      }
      wasOpen = state === 'open'
      audit().storage(state, detail)
    },

    damaged(damage) {
      for (const { table, rows, reason } of damage) {
        const details = { table, rows, reason }
        report('sessions_damaged', table, details)
        findings.note('sessions_damaged', table, now(), details)
        announce('sessions_damaged', `${table} was damaged: ${reason}`, details)
      }
    },

    sensorTypeFailed(file, type, error) {
      report('sensor_type_failed', file, { file, type, detail: error })
      findings.note('sensor_type_failed', type ?? file, now(), { file, error })
      announce('sensor_type_failed', error, { file, type })
    },

    boundHit: ({ name, flag, value, hits }, who) =>
      announce('bound_hit', `Bound ${name} of ${value} was hit by ${who || 'somebody'}; it is ${flag}`, {
        bound: name,
        value,
        hits,
        who,
      }),

    redis: createRedisNews({ log, report, announce, audit }),

    certificate: {
      taken(state) {
        log.info(state, 'The certificate was renewed')
        announce('certificate_renewed', 'The certificate was renewed', { ...state })
        audit().certificate(state)
      },
      failed(detail) {
        report('tls_reload_failed', 'tls', { detail })
        announce('tls_reload_failed', `The new certificate cannot be used: ${detail}`, { detail })
        audit().certificate({}, detail)
      },
      expires: ({ expires_at, days_left }) => report('certificate_expires', 'tls', { expires_at, days_left }),
    },
  }
}
