/**
 * The counters people read under `subscriber`: a message counts once, as processed or as failed; every
 * refusal counts under its code. Names are the seed's (§6.2).
 */
import { type CodeName, codes } from './contract/codes.js'
import { Histogram, type Quantiles } from './histogram.js'

export type Latency = 'handler' | 'db_write' | 'sync' | 'broadcast' | 'ack'

export interface SubscriberStats {
  messages_processed: number
  messages_failed: number
  /** processed / (processed + failed), per cent, two decimals; 100 while nothing has failed */
  success_rate: number
  /** redeliveries of readings that were stored already; they count as processed */
  duplicates: number
  codes: Record<string, number>
  /** what was accepted although it was not as it should be */
  tolerated: Record<string, number>
  latency: Record<Latency, Quantiles>
}

export interface Stats {
  processed(): void
  duplicate(): void
  /** Counts a code; `failed` when it is about a device's message. */
  count(code: CodeName, failed?: boolean): void
  tolerate(what: string): void
  readonly latency: Readonly<Record<Latency, Histogram>>
  subscriber(): SubscriberStats
  codes(): Record<string, number>
  close(): void
}

export function createStats(monotonic: () => number): Stats {
  let processed = 0
  let failed = 0
  let duplicates = 0
  const byCode = Object.fromEntries(Object.keys(codes).map((code) => [code, 0])) as Record<CodeName, number>
  const tolerated: Record<string, number> = Object.create(null)
  const latency: Record<Latency, Histogram> = {
    handler: new Histogram(monotonic),
    db_write: new Histogram(monotonic),
    sync: new Histogram(monotonic),
    broadcast: new Histogram(monotonic),
    ack: new Histogram(monotonic),
  }
  const timer = setInterval(() => {
    for (const histogram of Object.values(latency)) histogram.tick()
  }, 10_000).unref()

  const counted = (): Record<string, number> =>
    Object.fromEntries(Object.entries(byCode).filter(([, count]) => count > 0))

  return {
    processed: () => void processed++,
    duplicate: () => void duplicates++,
    count(code, ofMessage = false) {
      byCode[code]++
      if (ofMessage) failed++
    },
    tolerate: (what) => {
      tolerated[what] = (tolerated[what] ?? 0) + 1
    },
    latency,
    codes: counted,
    close: () => clearInterval(timer),
    subscriber: () => ({
      messages_processed: processed,
      messages_failed: failed,
      success_rate: failed === 0 ? 100 : Math.round((10_000 * processed) / (processed + failed)) / 100,
      duplicates,
      codes: counted(),
      tolerated: { ...tolerated },
      latency: Object.fromEntries(
        Object.entries(latency).map(([name, histogram]) => [name, histogram.quantiles()]),
      ) as Record<Latency, Quantiles>,
    }),
  }
}
