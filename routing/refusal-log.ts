/**
 * Every refusal has a log line, but a broken device must not fill the card: the first of a kind is logged at
 * once, its repeats once a minute with a count. Bounded: beyond 1,000 kinds, devices share a line per code.
 */
import type { Logger } from 'pino'
import { type CodeName, codes } from './contract/codes.js'

const MINUTE = 60_000
const KINDS = 1_000

export interface RefusalLog {
  /** `who` is the device or client the repeats are counted for. */
  write(code: CodeName, who: string, fields: object): void
  close(): void
}

interface Kind {
  code: CodeName
  who: string
  repeated: number
  last: object
}

export function createRefusalLog(log: Logger): RefusalLog {
  const kinds = new Map<string, Kind>()

  const line = (code: CodeName, who: string, fields: object): void => {
    const { level, sentence, number, family } = codes[code]
    log[level]({ code, family, number, device: who, ...fields }, sentence)
  }

  const sum = (): void => {
    for (const [key, kind] of kinds) {
      if (kind.repeated === 0) kinds.delete(key)
      else line(kind.code, kind.who, { ...kind.last, repeated: kind.repeated })
      kind.repeated = 0
    }
  }
  const timer = setInterval(sum, MINUTE).unref()

  return {
    write(code, who, fields) {
      const crowded = kinds.size >= KINDS
      const key = crowded && !kinds.has(`${code} ${who}`) ? code : `${code} ${who}`
      const kind = kinds.get(key)
      if (kind) {
        kind.repeated++
        kind.last = fields
        return
      }
      kinds.set(key, { code, who, repeated: 0, last: fields })
      line(code, who, fields)
    },
    close() {
      clearInterval(timer)
      sum()
    },
  }
}
