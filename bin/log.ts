/** The log: JSON lines for machines, pretty on a terminal. Written off the event loop's hot path. */
import pino, { type Logger } from 'pino'
import { createLogLines, type LogLines } from '../realtime/log-lines.js'

export interface Log {
  logger: Logger
  /** The latest of what it wrote. */
  lines: LogLines
  /** Writes what is still buffered; called last. */
  flush(): void
}

/** Everywhere a line goes. */
const both = (lines: LogLines, out: { write(line: string): unknown }) => ({
  write(line: string) {
    lines.write(line)
    out.write(line)
  },
})

export async function createLog(level: string): Promise<Log> {
  const lines = createLogLines()
  if (process.stdout.isTTY) {
    // Loaded where somebody looks at it; a server without a terminal saves the memory.
    const { default: pretty } = await import('pino-pretty')
    const stream = pretty({
      colorize: true,
      ignore: 'pid,hostname',
      translateTime: 'SYS:HH:MM:ss.l',
      sync: true,
    })
    return { logger: pino({ level }, both(lines, stream)), lines, flush: () => {} }
  }
  const destination = pino.destination({ dest: 1, sync: false })
  return {
    logger: pino({ level, base: null }, both(lines, destination)),
    lines,
    flush() {
      try {
        destination.flushSync()
      } catch {
        // Nobody reads the log any more; there is nowhere left to say so.
      }
    },
  }
}
