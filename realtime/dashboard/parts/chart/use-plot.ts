/**
 * The plot of a component: made when it is mounted, as wide as its element, drawn anew whenever what it shows changes,
 * moved by wheel and fingers, and gone with the component.
 */
import { onBeforeUnmount, onMounted, type Ref, ref, watch } from 'vue'
import { isDark } from '../../theme.js'
import { language } from '../../words/index.js'
import type { Drawing } from './drawing.js'
import { listen, type Moves } from './gestures.js'
import { createPlot, type Plot } from './plot.js'
import { NARROW, type Told } from './plot-options.js'

/** px */
const HEIGHT = { plain: 340, narrow: 260 }

/** `width` follows that of the element; `acts` hears what people do. */
export function usePlot(
  root: Readonly<Ref<HTMLElement | null>>,
  width: Ref<number>,
  drawing: () => Drawing,
  acts: Pick<Told, 'select' | 'reset'> & Moves,
) {
  const cursor = ref<number>()
  /** Where the plot is within its element, px. */
  const place = ref({ left: 0, width: 0 })
  const broken = ref('')
  let plot: Plot | undefined
  let isGone = false
  let attached: HTMLElement | undefined
  let stop = (): void => {}

  const resize = (): void => plot?.resize(width.value, width.value < NARROW ? HEIGHT.narrow : HEIGHT.plain)
  const observer = new ResizeObserver(([entry]) => {
    width.value = Math.floor(entry!.contentRect.width)
    resize()
  })

  /** A plot that was built anew has another element to listen on. */
  function attach(): void {
    const over = plot?.over()
    if (!over || over === attached) return
    stop()
    attached = over
    stop = listen(over, () => document.activeElement === root.value, acts)
  }

  function placed(left: number, wide: number): void {
    if (left !== place.value.left || wide !== place.value.width) place.value = { left, width: wide }
    attach()
  }

  onMounted(async () => {
    observer.observe(root.value!)
    try {
      const { select, reset } = acts
      const made = await createPlot(root.value!, {
        ...{ select, reset, placed },
        cursor: (at) => {
          cursor.value = at
        },
      })
      // Whoever left while it was loaded wants none.
      if (isGone) return made.destroy()
      plot = made
    } catch (error) {
      broken.value = String(error)
      return
    }
    resize()
    plot.draw(drawing())
  })
  watch([drawing, isDark, language], () => plot?.draw(drawing()), { flush: 'post' })
  onBeforeUnmount(() => {
    isGone = true
    observer.disconnect()
    stop()
    plot?.destroy()
  })

  return {
    /** Where the cursor is, ms. */
    cursor,
    place,
    broken,
    point(at: number | undefined): void {
      plot?.point(at)
      cursor.value = at
    },
  }
}
