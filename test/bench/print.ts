/**
 * How figures look on the terminal: a bench is a heading and a few aligned rows, a goal stands beside its figure
 * with ✓ or ✗. A missed goal is information, never an exit code.
 */
import type { Rounds } from './stats.js'

/** A row: what was measured, the figure, the noise (min–max), the goal and whether it was met. */
export interface Row {
  what: string
  figure: string
  noise?: string
  goal?: string
  met?: boolean
}

/** Two or three digits that matter, with thousands separated. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** A row from several rounds; the median is held against the goal. */
export function row(what: string, unit: string, values: Rounds, goal?: { text: string; met: boolean }): Row {
  return {
    what,
    figure: `${number(values.median)}${unit}`,
    noise: `${number(values.min)}–${number(values.max)}`,
    ...(goal === undefined ? {} : { goal: goal.text, met: goal.met }),
  }
}

/** Prints a bench. */
export function table(title: string, rows: readonly Row[]): void {
  const head: Row = { what: '', figure: 'median', noise: 'min–max', goal: 'goal' }
  const width = (column: (row: Row) => string): number =>
    Math.max(...[head, ...rows].map((r) => column(r).length))
  const what = width((r) => r.what)
  const figure = width((r) => r.figure)
  const noise = width((r) => r.noise ?? '')
  console.log(`\n${title}`)
  for (const r of [head, ...rows]) {
    const mark = r.met === undefined ? '' : r.met ? ' ✓' : ' ✗'
    const line = `  ${r.what.padEnd(what)}  ${r.figure.padStart(figure)}  ${(r.noise ?? '').padEnd(noise)}  ${r.goal ?? ''}${mark}`
    console.log(line.trimEnd())
  }
}

/** A remark under a table. */
export const remark = (text: string): void => console.log(`  · ${text}`)

/** Where the run has got to; on stderr, so that stdout holds only results. */
export const progress = (text: string): void => console.error(`    ${text}`)
