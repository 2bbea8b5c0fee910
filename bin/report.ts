/** A refusal or a failure, by its code: counted, and written to the log. */
import type { Report } from '../routing/contract/codes.js'
import type { RefusalLog } from '../routing/refusal-log.js'
import type { Stats } from '../routing/stats.js'

export const createReport =
  (stats: Pick<Stats, 'count'>, refusalLog: Pick<RefusalLog, 'write'>): Report =>
  (code, who, fields) => {
    stats.count(code)
    refusalLog.write(code, who, fields)
  }
