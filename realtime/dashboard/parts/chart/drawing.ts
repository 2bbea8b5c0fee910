/** What the plot is given, put together: whose line has which colour and letter, and how far each axis goes. Pure. */
import type { Zone } from '../../words/zoned.js'
import { type Axis, axisKey, axisOf } from './axis.js'
import type { Line } from './lines.js'
import type { Mark } from './marks.js'
import type { Window } from './range.js'

export interface DrawnLine {
  readonly line: Line
  /** The custom property with its colour. */
  readonly colour: string
  /** Tells lines apart where colours do not. */
  readonly letter: string
  /** Of another time. */
  readonly dashed: boolean
}

export interface Drawing {
  readonly window: Window
  readonly lines: readonly DrawnLine[]
  readonly axes: readonly Axis[]
  readonly marks: readonly Mark[]
  readonly zone: Zone
}

/** The lines that have something to draw. */
export const drawnOf = ({ lines }: Drawing): readonly DrawnLine[] =>
  lines.filter(({ line }) => line.times.length > 0)

const COLOURS = 8
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

const letterOf = (n: number): string =>
  n < LETTERS.length
    ? LETTERS[n]!
    : `${LETTERS[Math.floor(n / LETTERS.length) - 1]}${LETTERS[n % LETTERS.length]}`

/** A sensor keeps colour and letter as long as it stands at the same place of the list. */
export const drawnLines = (lines: readonly Line[], sensors: readonly string[]): DrawnLine[] =>
  lines.map((line) => {
    const n = Math.max(0, sensors.indexOf(line.name))
    return { line, colour: `--series-${(n % COLOURS) + 1}`, letter: letterOf(n), dashed: false }
  })

export function drawingOf(
  drawn: readonly DrawnLine[],
  before: readonly Line[],
  hidden: ReadonlySet<string>,
  rest: Pick<Drawing, 'window' | 'marks' | 'zone'>,
): Drawing {
  const main = drawn.filter(({ line }) => !hidden.has(line.name))
  const dashed = main.flatMap((one) => {
    const line = before.find(({ name }) => name === one.line.name)
    return line ? [{ ...one, line, dashed: true }] : []
  })
  const lines = [...main, ...dashed]
  const { from, to } = rest.window
  const keys = [...new Set(lines.map(({ line }) => axisKey(line)))]
  const axes = keys.map((key) =>
    axisOf(
      key,
      lines.filter(({ line }) => axisKey(line) === key).map(({ line }) => line),
      from,
      to,
    ),
  )
  return { ...rest, lines, axes }
}
