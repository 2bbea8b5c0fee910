/**
 * The certificate kaiser serves with, from start to stop: what it is, how long it lasts, and the next one when its
 * files change. One that cannot be used is reported and changes nothing.
 */
import { UsageError } from '../config.js'
import { type Description, describe } from './description.js'
import { type Pair, PairError, type PairFiles, readPair } from './pair.js'
import { type Watch, watchFiles } from './watch.js'

export interface ServingState extends Description {
  /** Until it expires; negative when it has. */
  days_left: number
  /** Why the files that are there now are not used; null when they are. */
  reload_failed: string | null
}

export interface Serving {
  readonly files: PairFiles
  readonly pair: Pair
  state(): ServingState
  /** Takes what is in the files now. */
  look(): Promise<void>
  /** Watches the files from now on. */
  start(news: ServingNews): void
  close(): void
}

export interface ServingNews {
  /** Puts a new certificate in place. Throws when it cannot be. */
  take: (pair: Pair) => void
  taken: (state: ServingState) => void
  failed: (detail: string) => void
  /** It expires soon, or has; said once a day. */
  expires: (state: ServingState) => void
}

/** The flags about TLS. */
export interface TlsFlags {
  'mqtts-port'?: number | undefined
  'tls-cert'?: string | undefined
  'tls-key'?: string | undefined
  'tls-client-ca'?: string | undefined
}

const DAY = 86_400_000
/** This long before its end people are told, days. */
export const SOON = 30

const wanting = (flag: keyof TlsFlags, others: string): UsageError =>
  new UsageError(`--${flag} needs ${others}; \`kaiser tls init\` makes a certificate and its key`)

function filesOf(flags: TlsFlags): PairFiles | undefined {
  const { 'tls-cert': cert, 'tls-key': key, 'tls-client-ca': client_ca, 'mqtts-port': port } = flags
  if (cert !== undefined && key === undefined) throw wanting('tls-cert', '--tls-key')
  if (key !== undefined && cert === undefined) throw wanting('tls-key', '--tls-cert')
  if (port !== undefined && cert === undefined) throw wanting('mqtts-port', '--tls-cert and --tls-key')
  if (client_ca !== undefined && port === undefined) throw wanting('tls-client-ca', '--mqtts-port')
  if (cert === undefined || key === undefined) return undefined
  return { 'tls-cert': cert, 'tls-key': key, 'tls-client-ca': client_ca }
}

/** Reads what the flags name; undefined without TLS. Throws UsageError. */
export function openServing(flags: TlsFlags, now: () => number, every = 2_000): Serving | undefined {
  const files = filesOf(flags)
  if (!files) return undefined
  let pair: Pair
  try {
    pair = readPair(files)
  } catch (error) {
    throw error instanceof PairError ? new UsageError(error.message) : error
  }
  let reload_failed: string | null = null
  let watch: Watch | undefined
  let daily: NodeJS.Timeout | undefined

  const state = (): ServingState => ({
    ...describe(pair.certificate),
    days_left: Math.floor((Date.parse(pair.certificate.validTo) - now()) / DAY),
    reload_failed,
  })

  const warn = (news: ServingNews): void => {
    if (state().days_left < SOON) news.expires(state())
  }

  const reload = (news: ServingNews): void => {
    try {
      const next = readPair(files)
      const [before, after] = [pair, next].map(({ cert, key, client_ca }) =>
        Buffer.concat([cert, key, client_ca ?? Buffer.alloc(0)]),
      ) as [Buffer, Buffer]
      if (!before.equals(after)) news.take(next)
      reload_failed = null
      if (before.equals(after)) return
      pair = next
      news.taken(state())
      warn(news)
    } catch (error) {
      reload_failed = (error as Error).message
      news.failed(reload_failed)
    }
  }

  return {
    files,
    get pair() {
      return pair
    },
    state,
    look: async () => watch?.look(),
    start(news) {
      warn(news)
      daily = setInterval(() => warn(news), DAY).unref()
      const watched = Object.values(files).filter((file) => file !== undefined)
      watch = watchFiles(watched, every, () => reload(news))
    },
    close() {
      watch?.close()
      clearInterval(daily)
    },
  }
}
