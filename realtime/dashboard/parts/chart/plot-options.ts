/** How a chart looks: one axis per unit, lines and bands, in the colours of the page. */
import type uPlot from 'uplot'
import { exponential, number } from '../../words/times.js'
import { tickIn } from '../../words/zoned.js'
import { type Axis, axisKey } from './axis.js'
import { type Drawing, type DrawnLine, drawnOf } from './drawing.js'
import { colourOf, scaleOf } from './plot-look.js'
import { drawBeside } from './plot-signs.js'
import type { Window } from './range.js'
import { axisLabel } from './sensor-name.js'

/** What people do on the plot. */
export interface Told {
  select(window: Window): void
  /** Where the pointer is, ms; undefined when it left. */
  cursor(at: number | undefined): void
  reset(): void
  /** Where the plot is within its element, px. */
  placed(left: number, width: number): void
}

/** The same, and that the plot can be used. */
export interface Hooks extends Told {
  ready(): void
}

/** Below this there is room for two axes. */
export const NARROW = 560

const FONT = '12px system-ui, sans-serif'
const DASH = [6, 5]
/** Lines of one band are thinner than a line alone. */
const THIN = 1
const PLAIN = 1.75
/** Drags shorter than this are clicks, px. */
const CLICK = 6

const seriesOf = ({ line, colour, dashed }: DrawnLine, root: Element): uPlot.Series[] => {
  const isBand = line.bucket_ms !== null
  const one: uPlot.Series = {
    scale: scaleOf(axisKey(line)),
    stroke: colourOf(root, colour),
    width: isBand ? THIN : PLAIN,
    spanGaps: false,
    ...(dashed && { dash: DASH, alpha: 0.75 }),
    points: isBand ? { show: false } : { size: 4 },
  }
  return isBand ? [one, { ...one }] : [one]
}

function axisFor(axis: Axis, n: number, root: Element): uPlot.Axis {
  return {
    scale: scaleOf(axis.key),
    side: n % 2 === 0 ? 3 : 1,
    label: axisLabel(axis.key),
    labelSize: 20,
    labelFont: FONT,
    labelGap: 0,
    font: FONT,
    stroke: colourOf(root, '--quiet'),
    grid: { show: n === 0, stroke: colourOf(root, '--line'), width: 1 },
    ticks: { stroke: colourOf(root, '--line'), width: 1, size: 4 },
    gap: 4,
    size: (_plot, values) => 14 + 7 * Math.max(2, ...(values ?? []).map((text) => text.length)),
    values: (_plot, splits, _n, _space, step) => splits.map((value) => labelOf(value, step)),
    // Beyond what uPlot has steps for.
    ...(axis.max - axis.min > 1e30 && {
      splits: () => [axis.min, (axis.min + axis.max) / 2, axis.max],
    }),
  }
}

/** As many decimals as the step between two lines needs. */
function labelOf(value: number, step: number): string {
  const size = Math.abs(value)
  if (size >= 1e7 || (size !== 0 && size < 1e-4)) return exponential(value)
  let digits = 0
  while (digits < 6 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) digits++
  return number(value, digits)
}

export function optionsOf(
  UPlot: typeof uPlot,
  drawing: () => Drawing,
  size: { width: number; height: number },
  told: Hooks,
  root: Element,
): uPlot.Options {
  const { lines, axes, zone } = { ...drawing(), lines: drawnOf(drawing()) }
  const narrow = size.width < NARROW
  const series: uPlot.Series[] = [{}]
  const bands: uPlot.Band[] = []
  for (const drawn of lines) {
    const first = series.length
    series.push(...seriesOf(drawn, root))
    if (drawn.line.bucket_ms !== null)
      bands.push({ series: [first, first + 1], fill: `${colourOf(root, drawn.colour)}40` })
  }
  const scales: uPlot.Scales = {
    x: { time: true, range: () => [drawing().window.from, drawing().window.to] },
  }
  for (const { key } of axes)
    scales[scaleOf(key)] = {
      range: () => {
        const { min, max } = drawing().axes.find((axis) => axis.key === key) ?? { min: 0, max: 1 }
        return [min, max]
      },
    }
  return {
    ...size,
    ms: 1,
    tzDate: (at) => (zone ? UPlot.tzDate(new Date(at), zone) : new Date(at)),
    legend: { show: false },
    padding: [16, axes.length > 1 ? 4 : 16, 0, axes.length === 0 ? 16 : 0],
    scales,
    series,
    bands,
    axes: [
      {
        font: FONT,
        stroke: colourOf(root, '--quiet'),
        grid: { stroke: colourOf(root, '--line'), width: 1 },
        ticks: { stroke: colourOf(root, '--line'), width: 1, size: 4 },
        space: narrow ? 60 : 80,
        size: 28,
        values: (_plot, splits, _n, _space, step) => splits.map((at) => tickIn(at, step, zone)),
      },
      ...axes.slice(0, narrow ? 2 : undefined).map((axis, n) => axisFor(axis, n, root)),
    ],
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { size: 7 },
      bind: {
        dblclick: () => () => {
          told.reset()
          return null
        },
      },
    },
    hooks: {
      ready: [told.ready],
      draw: [
        (plot) => {
          drawBeside(plot, drawing(), root)
          told.placed(plot.over.offsetLeft, plot.over.clientWidth)
        },
      ],
      setCursor: [
        (plot) => {
          const { left } = plot.cursor
          told.cursor(left === undefined || left < 0 ? undefined : plot.posToVal(left, 'x'))
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select
          if (width === 0) return
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          if (width < CLICK) return
          told.select({
            from: Math.round(plot.posToVal(left, 'x')),
            to: Math.round(plot.posToVal(left + width, 'x')),
          })
        },
      ],
    },
  }
}
