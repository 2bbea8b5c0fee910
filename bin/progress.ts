/**
 * A line that says how far something is: rewritten in place on a terminal, a new one every few seconds elsewhere, so
 * that a log of it can be read. It keeps the process alive while it is open.
 */
import type { Io } from './command.js'
import type { Sandbox } from './sandbox.js'

/** Between two lines, ms: on a terminal, and elsewhere. */
const ON_TERMINAL = 1_000
const ELSEWHERE = 5_000
const WIDTH = 79
const CLEAR = '\r\u001b[K'

export interface Progress {
  /** Says something of its own above the line. */
  note(text: string): void
  close(): void
}

/** `line` is asked for each time, without its end. */
export function openProgress(io: Io, line: () => string, terminal = process.stderr.isTTY === true): Progress {
  let shown = false
  const show = (): void => {
    const text = line().slice(0, WIDTH)
    io.err(terminal ? `${CLEAR}${text}` : `${text}\n`)
    shown = terminal
  }
  const timer = setInterval(show, terminal ? ON_TERMINAL : ELSEWHERE)
  const clear = (): void => {
    if (shown) io.err(CLEAR)
    shown = false
  }
  return {
    note(text) {
      clear()
      io.err(`${text}\n`)
    },
    close() {
      clearInterval(timer)
      clear()
    },
  }
}

/** `12,345`; `0.84` below ten. */
export const number = (n: number): string =>
  n.toLocaleString('en', { maximumFractionDigits: n < 10 ? 2 : n < 100 ? 1 : 0 })

/** `1 device`, `2 devices` */
export const plural = (n: number, word: string): string => `${number(n)} ${word}${n === 1 ? '' : 's'}`

/** `1:02:03` */
export const clockText = (ms: number): string => {
  const s = Math.floor(ms / 1000)
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
}

/** What a sandbox made of what it was told. */
export function sandboxRows(sandbox: Sandbox, kept: boolean): [name: string, text: string][] {
  const { messages_processed, messages_failed, codes } = sandbox.stats()
  return [
    ['kaiser took', `${number(messages_processed)}, and not ${number(messages_failed)}`],
    ...Object.entries(codes).map(([code, count]): [string, string] => ['', `${code} ${number(count)}`]),
    ...(kept ? [['kept in', sandbox.database] as [string, string]] : []),
  ]
}
