/**
 * The last hour of the sensors that somebody looks at: few points, asked for when a card comes into view, many
 * sensors at a time, and again every few minutes while it stays there.
 */
import { shallowReactive } from 'vue'
import { ApiError, call } from '../api.js'
import { now } from '../clock.js'
import { nameOfKey } from './readings.js'

export interface Spark {
  readonly from: number
  readonly to: number
  readonly points: readonly (readonly [at: number, value: number | null])[]
}

/** By the key of its reading. */
export const sparks = shallowReactive(new Map<string, Spark>())

const SPAN = 3_600_000
/** Two values each. */
const POINTS = 40
const TOGETHER = 40
const SOON = 150
const AGAIN = 240_000

/** How many look at it. */
const looked = new Map<string, number>()
const askedAt = new Map<string, number>()
let timer: ReturnType<typeof setTimeout> | undefined

interface Series {
  timestamps: number[]
  values: (number | null)[]
}

async function ask(): Promise<void> {
  timer = undefined
  const at = performance.now()
  const isDue = (key: string) => at - (askedAt.get(key) ?? Number.NEGATIVE_INFINITY) >= AGAIN
  const due = [...looked.keys()].filter(isDue).slice(0, TOGETHER)
  if (due.length > 0 && document.visibilityState === 'visible') {
    for (const key of due) askedAt.set(key, at)
    await read(due).catch((error) => apart(due, error))
  }
  plan(due.length === TOGETHER ? SOON : AGAIN / 10)
}

/** One that the server does not know yet spoils the answer for all: then each is asked for alone. */
async function apart(keys: readonly string[], error: unknown): Promise<void> {
  const isRefused = error instanceof ApiError && error.status === 422
  // Nobody answered: they are due again with the next look.
  if (!isRefused) for (const key of keys) askedAt.delete(key)
  if (!isRefused || keys.length === 1) return
  for (const key of keys) await read([key]).catch(() => {})
}

async function read(keys: readonly string[]): Promise<void> {
  const to = Math.ceil(now.value)
  const from = to - SPAN
  const sensors = keys.map((key) => `sensor=${encodeURIComponent(nameOfKey(key))}`).join('&')
  const times = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`
  const { series } = await call<{ series: Series[] }>(
    'GET',
    `/sensors/series?${sensors}&${times}&points=${POINTS}`,
  )
  for (const [index, { timestamps, values }] of series.entries()) {
    const points = timestamps.map((time, n) => [time, values[n] ?? null] as const)
    sparks.set(keys[index]!, { from, to, points })
  }
}

function plan(wait: number): void {
  if (looked.size === 0) return
  clearTimeout(timer)
  timer = setTimeout(ask, wait)
}

/** Somebody looks at these sensors now. Returns how to say that nobody does any more. */
export function lookAt(keys: readonly string[]): () => void {
  for (const key of keys) {
    looked.set(key, (looked.get(key) ?? 0) + 1)
  }
  plan(SOON)
  return () => {
    for (const key of keys) {
      const left = (looked.get(key) ?? 0) - 1
      if (left > 0) looked.set(key, left)
      else looked.delete(key)
    }
  }
}

export function forgetSparks(): void {
  clearTimeout(timer)
  for (const map of [looked, askedAt, sparks]) map.clear()
}
