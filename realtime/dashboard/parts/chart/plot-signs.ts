/** What is drawn onto a chart beside its lines: their letters, what happened, and when readings were doubtful. */
import type uPlot from 'uplot'
import { axisKey } from './axis.js'
import { type Drawing, type DrawnLine, drawnOf } from './drawing.js'
import { colourOf, scaleOf } from './plot-look.js'

const TICK = 9
const FLAW = 3

export function drawBeside(plot: uPlot, drawing: Drawing, root: Element): void {
  const { ctx } = plot
  ctx.save()
  drawFlaws(plot, drawing, root)
  drawMarks(plot, drawing, root)
  const drawn = drawnOf(drawing).filter(({ dashed }) => !dashed)
  if (drawn.length > 1) for (const line of drawn) drawLetter(plot, line, drawing, root)
  ctx.restore()
}

const ratio = (plot: uPlot): number => plot.ctx.canvas.width / plot.width

/** A bar on the upper edge where the quality was less than good. */
function drawFlaws(plot: uPlot, drawing: Drawing, root: Element): void {
  const { ctx } = plot
  const { left, top, width } = plot.bbox
  const height = FLAW * ratio(plot)
  ctx.fillStyle = colourOf(root, '--doubtful')
  for (const { line, dashed } of drawnOf(drawing))
    for (const { from, to } of dashed ? [] : line.flaws) {
      const first = Math.max(left, plot.valToPos(from, 'x', true))
      const last = Math.min(left + width, plot.valToPos(to, 'x', true))
      if (last >= first) ctx.fillRect(first, top, Math.max(height, last - first), height)
    }
}

/** A short line up from the time axis for each; through the whole plot for what is critical. */
function drawMarks(plot: uPlot, { marks, window }: Drawing, root: Element): void {
  const { ctx } = plot
  const { top, height } = plot.bbox
  const foot = top + height
  ctx.lineWidth = ratio(plot)
  const ink = { quiet: colourOf(root, '--quiet'), wrong: colourOf(root, '--wrong') }
  for (const { timestamp, severity } of marks) {
    if (timestamp < window.from || timestamp > window.to) continue
    const isWrong = severity === 'critical' || severity === 'error'
    const x = Math.round(plot.valToPos(timestamp, 'x', true))
    ctx.strokeStyle = isWrong ? ink.wrong : ink.quiet
    ctx.globalAlpha = severity === 'critical' ? 0.6 : 1
    ctx.beginPath()
    ctx.moveTo(x, foot)
    ctx.lineTo(x, severity === 'critical' ? top : foot - TICK * ratio(plot))
    ctx.stroke()
  }
  ctx.globalAlpha = 1
}

/** The letter of a line at its end, for whom its colour says nothing. */
function drawLetter(plot: uPlot, drawn: DrawnLine, { window, axes }: Drawing, root: Element): void {
  const { line, letter, colour } = drawn
  const axis = axes.find(({ key }) => key === axisKey(line))
  let n = line.times.length - 1
  while (n >= 0 && (line.high[n] === null || line.times[n]! > window.to)) n--
  const value = line.high[n]
  if (!axis || typeof value !== 'number' || line.times[n]! < window.from) return
  const { ctx, bbox } = plot
  const size = 12 * ratio(plot)
  const x = Math.min(bbox.left + bbox.width - size, plot.valToPos(line.times[n]!, 'x', true) + size / 3)
  const inside = Math.min(axis.max, Math.max(axis.min, value))
  const y = Math.max(bbox.top + size, plot.valToPos(inside, scaleOf(axis.key), true) - size / 3)
  ctx.font = `700 ${size}px system-ui, sans-serif`
  ctx.lineWidth = size / 4
  ctx.lineJoin = 'round'
  ctx.strokeStyle = colourOf(root, '--surface')
  ctx.strokeText(letter, x, y)
  ctx.fillStyle = colourOf(root, colour)
  ctx.fillText(letter, x, y)
}
