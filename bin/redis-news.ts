/** Who hears that Redis is lost or back: the log, the counters, the audit, and everybody on realtime. */
import type { Logger } from 'pino'
import type { RedisStatus } from '../broker/redis/cluster.js'
import type { LinkState } from '../broker/redis/link.js'
import type { Report } from '../routing/contract/codes.js'
import type { SystemEvent } from '../routing/contract/events.js'
import type { SystemAudit } from '../routing/system-audit.js'

export interface RedisNewsOptions {
  log: Logger
  report: Report
  announce: (event_type: SystemEvent['event_type'], message: string, details: SystemEvent['details']) => void
  audit: () => Pick<SystemAudit, 'redis'>
}

export type RedisNews = (state: LinkState, status: RedisStatus) => void

export function createRedisNews({ log, report, announce, audit }: RedisNewsOptions): RedisNews {
  let missed = 0
  let wasLost = false
  return (state, { url, detail, missed: all }) => {
    audit().redis(state, detail)
    if (state === 'lost') {
      wasLost = true
      report('redis_unavailable', 'redis', { url, detail })
      announce('redis_lost', `Redis is lost: ${detail}`, { url, detail })
      return
    }
    const now = all - missed
    missed = all
    log.info({ url, missed: now }, wasLost ? 'Redis is back' : 'Redis is there')
    if (wasLost)
      announce(
        'redis_back',
        now === 0
          ? 'Redis is back; what waited for it is written'
          : `Redis is back; other nodes did not get ${now} messages of the meantime`,
        { url, missed: now },
      )
  }
}
