/**
 * The latest lines of the log, kept in memory: whoever has no shell on the machine reads them over REST. Nothing is
 * parsed until somebody asks.
 */

/** What is kept; beyond it the oldest line goes. */
const MOST = 2_000
/** All lines together, characters. */
const MOST_CHARACTERS = 1_048_576
/** A longer line is cut. */
const LONGEST = 16_384

export interface LogLines {
  /** Takes one line, as the logger writes it. */
  write(line: string): void
  /** Oldest first. */
  list(): readonly string[]
  /** Characters of all of them. */
  readonly size: number
}

export function createLogLines(): LogLines {
  let lines: string[] = []
  let first = 0
  let size = 0
  return {
    write(line) {
      const kept = line.slice(0, LONGEST)
      lines.push(kept)
      size += kept.length
      while (lines.length - first > MOST || size > MOST_CHARACTERS) size -= lines[first++]!.length
      if (first > MOST) {
        lines = lines.slice(first)
        first = 0
      }
    },
    list: () => lines.slice(first),
    get size() {
      return size
    },
  }
}
