/** What a command of the command line is; the list of commands is in commands/index.ts. */
import type { Options } from './config.js'

export interface Io {
  out(text: string): void
  err(text: string): void
  /** Everything on standard input. */
  stdin(): Promise<string>
}

export interface Command {
  name: string
  summary: string
  /** What follows the name, e.g. `add ID`. */
  usage: string
  options: Options
  /** Returns the exit code. Throws UsageError for a wrong call. */
  run(argv: readonly string[], io: Io): Promise<number>
}
