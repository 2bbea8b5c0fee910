/**
 * One pair of connections to Redis, from connecting to the first thing that goes wrong: one for commands, one that
 * listens. Neither keeps anything for later: what cannot be sent now fails now, and what is not answered in time
 * has failed. A line that broke is thrown away; the link opens another.
 */
import { Redis } from 'ioredis'
import type { RedisPlace } from './url.js'

/** How long Redis may take to answer before it counts as lost, ms. */
export const ANSWER_TIMEOUT = 2_000
/** How long a connection may take to be made, ms. */
const CONNECT_TIMEOUT = 3_000
/** How often a quiet line is asked whether it is alive, ms. */
const HEARTBEAT = 5_000

/** What our keys begin with, so that others may use the same Redis. */
const KEYS = 'kaiser:'

export interface Line {
  readonly commands: Redis
  readonly listener: Redis
  /** Resolves when both connections are ready. Rejects with the reason why not. */
  open(): Promise<void>
  close(): void
}

/** `broken` is called once, when an open line is of no use any more. */
export function createLine(place: RedisPlace, broken: (error: Error) => void): Line {
  const { shown: _, ...where } = place
  const options = {
    ...where,
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT,
    disconnectTimeout: ANSWER_TIMEOUT,
    commandTimeout: ANSWER_TIMEOUT,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    retryStrategy: () => null,
    keyPrefix: KEYS,
    keepAlive: 10_000,
  }
  const commands = new Redis({ ...options, enableAutoPipelining: true })
  const listener = new Redis(options)
  const both = [commands, listener]
  let over = false
  let reason: Error | undefined
  let beat: NodeJS.Timeout | undefined

  const close = (): void => {
    over = true
    clearInterval(beat)
    for (const connection of both) connection.disconnect()
  }
  const fail = (error: Error): void => {
    if (over) return
    close()
    broken(reason ?? error)
  }
  for (const connection of both) {
    // ioredis tells the reason first and that it is over afterwards.
    connection.on('error', (error: Error) => {
      reason = error
    })
    connection.on('end', () => fail(new Error('Redis closed the connection')))
  }

  return {
    commands,
    listener,
    async open() {
      try {
        await Promise.all(both.map((connection) => connection.connect()))
      } catch (error) {
        const why = reason ?? (error as Error)
        close()
        throw why
      }
      beat = setInterval(() => {
        for (const connection of both) connection.ping().catch(fail)
      }, HEARTBEAT).unref()
    },
    close,
  }
}
