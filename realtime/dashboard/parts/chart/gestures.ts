/**
 * Moving through time with wheel and fingers: the wheel zooms while Control is held or the chart has the focus (a
 * page is scrolled otherwise) and moves with Shift; two fingers zoom, one moves. A mouse selects, which uPlot does.
 */
export interface Moves {
  /** Larger (above 1) or smaller, around a share of the width. */
  zoom(factor: number, at: number): void
  /** By a share of the width. */
  pan(share: number): void
}

const PER_NOTCH = 1.0015

/** Listens on the element over the plot. Returns how to stop. */
export function listen(over: HTMLElement, hasFocus: () => boolean, moves: Moves): () => void {
  const fingers = new Map<number, number>()
  const shareOf = (x: number): number => {
    const { left, width } = over.getBoundingClientRect()
    return Math.min(1, Math.max(0, (x - left) / Math.max(1, width)))
  }

  function wheel(event: WheelEvent): void {
    const isMeant = event.ctrlKey || event.metaKey || event.shiftKey || hasFocus()
    if (!isMeant) return
    event.preventDefault()
    const way = event.deltaY || event.deltaX
    if (event.shiftKey) moves.pan(Math.sign(way) * 0.1)
    else moves.zoom(PER_NOTCH ** Math.min(500, Math.max(-500, way)), shareOf(event.clientX))
  }

  function down(event: PointerEvent): void {
    if (event.pointerType === 'mouse') return
    fingers.set(event.pointerId, event.clientX)
  }

  function move(event: PointerEvent): void {
    const before = fingers.get(event.pointerId)
    if (before === undefined) return
    const width = Math.max(1, over.clientWidth)
    if (fingers.size === 1) moves.pan((before - event.clientX) / width)
    else {
      const other = [...fingers].find(([id]) => id !== event.pointerId)![1]
      const [was, is] = [Math.abs(before - other), Math.abs(event.clientX - other)]
      if (was > 10 && is > 10) moves.zoom(was / is, shareOf((other + event.clientX) / 2))
    }
    fingers.set(event.pointerId, event.clientX)
  }

  const up = (event: PointerEvent): void => void fingers.delete(event.pointerId)

  const listeners = [
    ['wheel', wheel],
    ['pointerdown', down],
    ['pointermove', move],
    ['pointerup', up],
    ['pointercancel', up],
  ] as [string, EventListener][]
  for (const [name, listener] of listeners) over.addEventListener(name, listener, { passive: false })
  return () => {
    for (const [name, listener] of listeners) over.removeEventListener(name, listener)
  }
}
