/**
 * What a chart shows and keeps current: the lines of its sensors, those of a day before, and what happened; asked for
 * anew when time, sensors or resolution change, and continued with what is measured meanwhile.
 */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { sentenceOf } from '../../api.js'
import { now } from '../../clock.js'
import { live } from '../../live/connection.js'
import { readings } from '../../store/greenhouse.js'
import { askLines, pointsFor } from './asking.js'
import { appended, type Line, shifted } from './lines.js'
import { askMarks, type Mark, type Marks } from './marks.js'
import { DAY, isLive, type Range, type Window, windowOf } from './range.js'
import { identityOf, keyOf } from './sensor-name.js'

export interface Wanted {
  readonly sensors: readonly string[]
  readonly range: Range
  /** With the day before. */
  readonly compare: boolean
  /** With what happened. */
  readonly marks: boolean
  /** px; 0 while it is not known. */
  readonly width: number
}

const NO_MARKS: Marks = { marks: [], more: false }
const SOON = 60
/** A line that goes on is read anew once in a while: what was missed, or came late, is in it then. */
const AGAIN = { share: 1 / 60, least: 60_000, most: 600_000 }
const AFTER_FAILURE = 5_000

export function createShownLines(wanted: () => Wanted) {
  const lines = shallowRef<readonly Line[]>([])
  const before = shallowRef<readonly Line[]>([])
  const unknown = shallowRef<ReadonlyMap<string, string>>(new Map())
  const marks = shallowRef<Marks>(NO_MARKS)
  const busy = ref(false)
  const loaded = ref(false)
  const failure = ref('')
  let round = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let missed = false

  /** What goes on moves by a pixel at a time. */
  const window = computed<Window>(() => {
    const { range, width } = wanted()
    if (!isLive(range)) return range
    const { from, to } = windowOf(range, now.value)
    const step = Math.max(1_000, (to - from) / Math.max(100, width))
    return windowOf(range, Math.ceil(now.value / step) * step)
  })
  const points = computed(() => pointsFor(wanted().width, wanted().sensors.length))

  async function load(): Promise<void> {
    clearTimeout(timer)
    const { sensors, range, compare, marks: withMarks, width } = wanted()
    const mine = ++round
    if (width === 0) return
    busy.value = true
    const asked = { from: Math.floor(window.value.from), to: Math.ceil(window.value.to) }
    const earlier = { from: asked.from - DAY, to: asked.to - DAY }
    try {
      const answer = await askLines(sensors, asked, points.value)
      const other = compare
        ? await askLines(
            answer.lines.map(({ name }) => name),
            earlier,
            points.value,
          )
        : undefined
      if (mine !== round) return
      lines.value = answer.lines
      unknown.value = answer.unknown
      before.value = other?.lines.map((line) => shifted(line, DAY)) ?? []
      loaded.value = true
      failure.value = ''
      continued()
      if (isLive(range)) again(clamped((asked.to - asked.from) * AGAIN.share))
    } catch (error) {
      if (mine !== round) return
      failure.value = sentenceOf(error)
      again(AFTER_FAILURE)
    } finally {
      if (mine === round) busy.value = false
    }
    await loadMarks(mine, withMarks ? sensors : [], asked)
  }

  async function loadMarks(mine: number, sensors: readonly string[], asked: Window): Promise<void> {
    const ids = sensors.filter((name) => !unknown.value.has(name)).map((name) => identityOf(name).esp_id)
    // What happened is beside the point: a chart without it is a chart.
    const found = ids.length > 0 ? await askMarks(ids, asked).catch(() => undefined) : NO_MARKS
    if (mine === round && found) marks.value = found
  }

  const clamped = (wait: number): number => Math.min(AGAIN.most, Math.max(AGAIN.least, wait))

  function again(wait: number): void {
    clearTimeout(timer)
    timer = setTimeout(load, wait)
  }

  /** Adds what was measured since. */
  function continued(): void {
    if (!isLive(wanted().range)) return
    const next = lines.value.map((line) => {
      const reading = readings.get(keyOf(line.name))
      return reading ? appended(line, reading.measured_at, reading.value) : line
    })
    if (next.some((line, n) => line !== lines.value[n])) lines.value = next
    // More points than pixels: the server makes buckets of them.
    if (next.some(({ bucket_ms, times }) => bucket_ms === null && times.length > 2 * points.value))
      again(SOON)
  }

  watch(
    () => wanted().sensors.map((name) => readings.get(keyOf(name))),
    () => loaded.value && continued(),
  )
  watch(
    () => {
      const { sensors, range, compare, marks, width } = wanted()
      return JSON.stringify([sensors, range, compare, marks, width > 0 ? points.value : 0])
    },
    () => again(loaded.value ? SOON : 0),
    { immediate: true },
  )
  // Events of a time without a connection are in the answer only.
  watch(
    () => live.link.state,
    (state) => {
      if (state !== 'live') missed ||= loaded.value
      else if (missed) {
        missed = false
        again(SOON)
      }
    },
  )
  onScopeDispose(() => {
    round++
    clearTimeout(timer)
  })

  return {
    window,
    lines,
    before,
    unknown,
    marks: computed<readonly Mark[]>(() => marks.value.marks),
    moreMarks: computed(() => marks.value.more),
    busy,
    loaded,
    failure,
    load,
  }
}
