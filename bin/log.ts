/** The log: JSON lines for machines, pretty on a terminal. Written off the event loop's hot path. */
import pino, { type Logger } from 'pino'

export interface Log {
  logger: Logger
  /** Writes what is still buffered; called last. */
  flush(): void
}

export async function createLog(level: string): Promise<Log> {
  if (process.stdout.isTTY) {
    // Loaded where somebody looks at it; a server without a terminal saves the memory.
    const { default: pretty } = await import('pino-pretty')
    const stream = pretty({
      colorize: true,
      ignore: 'pid,hostname',
      translateTime: 'SYS:HH:MM:ss.l',
      sync: true,
    })
    return { logger: pino({ level }, stream), flush: () => {} }
  }
  const destination = pino.destination({ dest: 1, sync: false })
  return {
    logger: pino({ level, base: null }, destination),
    flush() {
      try {
        destination.flushSync()
      } catch {
        // Nobody reads the log any more; there is nowhere left to say so.
      }
    },
  }
}
