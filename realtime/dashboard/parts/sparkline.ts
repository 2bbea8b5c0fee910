/** The points of a sparkline as the path of an SVG. Pure. */
import type { Point } from './trend.js'

/** How wide and high the path is drawn; the SVG stretches it. */
export const WIDTH = 120
export const HEIGHT = 28

const EDGE = 2

/** Breaks where nothing was measured; empty when there is nothing to draw. Noise is not blown up to a mountain range. */
export function pathOf(points: readonly Point[], from: number, to: number, least: number): string {
  const values = points.flatMap(([, value]) => (value === null ? [] : [value]))
  if (values.length < 2 || !(to > from)) return ''
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const span = Math.max(high - low, least)
  const middle = low / 2 + high / 2
  // Values beyond half of what a number can hold have no middle.
  if (!Number.isFinite(span) || span === 0) return flat(from, to, points)
  const x = (at: number) => (((at - from) / (to - from)) * WIDTH).toFixed(1)
  const y = (value: number) => (HEIGHT / 2 - ((value - middle) / span) * (HEIGHT - 2 * EDGE)).toFixed(1)
  return drawn(points, (at, value) => `${x(at)} ${y(value)}`)
}

const flat = (from: number, to: number, points: readonly Point[]): string =>
  drawn(points, (at) => `${(((at - from) / (to - from)) * WIDTH).toFixed(1)} ${HEIGHT / 2}`)

function drawn(points: readonly Point[], place: (at: number, value: number) => string): string {
  let path = ''
  let isDown = false
  for (const [at, value] of points) {
    if (value !== null) path += `${isDown ? 'L' : 'M'}${place(at, value)}`
    isDown = value !== null
  }
  return path
}
