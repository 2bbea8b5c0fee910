/**
 * The picture itself: uPlot on an element, loaded when the first chart is shown. It draws what it is given and
 * tells of the cursor and of what is selected; what time is shown is decided elsewhere.
 * https://github.com/leeoniya/uPlot
 */
import type uPlot from 'uplot'
import { axisKey, drawable } from './axis.js'
import { type Drawing, type DrawnLine, drawnOf } from './drawing.js'
import { NARROW, optionsOf, type Told } from './plot-options.js'

export interface Plot {
  draw(drawing: Drawing): void
  resize(width: number, height: number): void
  /** Puts the cursor on a time; undefined takes it away. */
  point(at: number | undefined): void
  /** The element that pointers move over. */
  readonly over: () => HTMLElement | undefined
  destroy(): void
}

/** What cannot be changed in a plot that is there. */
const shapeOf = ({ lines, axes, zone }: Drawing, width: number): string =>
  JSON.stringify([
    lines.map(({ line, colour, letter, dashed }) => [
      line.name,
      line.unit,
      line.bucket_ms === null,
      line.times.length > 0,
      colour,
      letter,
      dashed,
    ]),
    axes.map(({ key }) => key),
    zone,
    width < NARROW,
    document.documentElement.dataset.theme,
    document.documentElement.lang,
  ])

/** A gap lasts until the next point of the same line, however many points of others lie within. */
const EXPANDED = 2
const gapsOf = (table: uPlot.AlignedData): uPlot.JoinNullMode[] => table.map(() => EXPANDED)

function dataOf(drawing: Drawing, join: typeof uPlot.join): uPlot.AlignedData {
  const { from, to } = drawing.window
  const axes = new Map(drawing.axes.map((axis) => [axis.key, axis]))
  const tables = drawnOf(drawing).map(({ line }) => {
    const axis = axes.get(axisKey(line))!
    const column = (values: readonly (number | null)[]) =>
      values.map((value) => (value === null ? null : drawable(axis, value)))
    const columns = line.bucket_ms === null ? [line.high] : [line.high, line.low]
    return [line.times, ...columns.map(column)] as uPlot.AlignedData
  })
  if (tables.length === 0) return [[from, to]]
  return tables.length === 1 ? tables[0]! : join(tables, tables.map(gapsOf))
}

export async function createPlot(root: HTMLElement, told: Told): Promise<Plot> {
  const [{ default: UPlot }] = await Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')])
  let plot: uPlot | undefined
  let drawing: Drawing | undefined
  let shape = ''
  let lines: readonly DrawnLine[] | undefined
  let range = ''
  const size = { width: 0, height: 0 }

  let pointedAt: number | undefined
  let isReady = false

  /** What the cursor points at outlives the plot that it is shown in. */
  const cursor = (at: number | undefined): void => {
    if (!isReady) return
    pointedAt = at
    told.cursor(at)
  }

  function point(at: number | undefined): void {
    if (!plot) return
    const left = at === undefined ? -10 : plot.valToPos(at, 'x')
    plot.setCursor({ left, top: at === undefined ? -10 : plot.over.clientHeight / 2 }, false)
    pointedAt = at
  }

  function ready(): void {
    if (pointedAt !== undefined) point(pointedAt)
    isReady = true
  }

  function build(): void {
    if (!drawing || size.width === 0) return
    isReady = false
    plot?.destroy()
    const options = optionsOf(UPlot, () => drawing!, size, { ...told, cursor, ready }, root)
    plot = new UPlot(options, dataOf(drawing, UPlot.join), root)
  }

  const rangeOf = ({ axes }: Drawing): string => JSON.stringify(axes)

  function draw(next: Drawing): void {
    const before = drawing
    drawing = next
    const nextShape = shapeOf(next, size.width)
    const nextRange = rangeOf(next)
    if (!plot || nextShape !== shape) build()
    else if (next.lines !== lines || nextRange !== range || drawnOf(next).length === 0)
      plot.setData(dataOf(next, UPlot.join))
    else if (before?.window !== next.window)
      plot.setScale('x', { min: next.window.from, max: next.window.to })
    else plot.redraw(false)
    shape = nextShape
    range = nextRange
    lines = next.lines
  }

  return {
    draw,
    resize(width, height) {
      if (width === size.width && height === size.height) return
      Object.assign(size, { width, height })
      plot?.setSize(size)
      if (drawing) draw(drawing)
    },
    point,
    over: () => plot?.over,
    destroy() {
      plot?.destroy()
      plot = undefined
    },
  }
}
