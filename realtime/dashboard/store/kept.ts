/**
 * The last known values, kept in this browser for the next time the page opens while the box is away: every quarter of
 * a minute, when the connection breaks, and when the page goes out of sight. Bounded: a browser is no database.
 */
import { watch } from 'vue'
import { clockAhead, heardServerTime } from '../clock.js'
import { offline } from '../offline.js'
import type { Device } from '../rest.js'
import type { LatchedStop } from '../rest-actuators.js'
import { session } from '../session.js'
import { tokens } from '../tokens.js'
import { type Actuator, actuators } from './actuators.js'
import { listDevice } from './devices.js'
import { devices, loading, readings } from './greenhouse.js'
import type { Reading } from './readings.js'
import { type OfSomebody, read, write } from './record.js'
import { stops } from './stops.js'

interface Kept extends OfSomebody {
  /** How far the browser's clock was ahead of the server's, ms. */
  readonly ahead: number
  readonly devices: readonly Device[]
  readonly readings: readonly Reading[]
  readonly actuators: readonly Actuator[]
  readonly stops: readonly LatchedStop[]
  /** Devices that did not fit. */
  readonly left_out: number
}

/** Of a greenhouse with more than this, the first ones. */
const MOST_DEVICES = 1_000
const MOST_ITEMS = 10_000
const EVERY = 15_000

function known(at: number): Omit<Kept, 'user'> {
  const some = [...devices.values()].slice(0, MOST_DEVICES)
  const ids = new Set(some.map(({ device_id }) => device_id))
  const ofThem = <T extends { esp_id: string }>(all: Iterable<T>): T[] =>
    [...all].filter(({ esp_id }) => ids.has(esp_id)).slice(0, MOST_ITEMS)
  return {
    at,
    ahead: clockAhead.value,
    devices: some,
    readings: ofThem(readings.values()),
    actuators: ofThem(actuators.values()),
    stops: stops.value,
    left_out: devices.size - some.length,
  }
}

/** What was kept before stays, with its time, when there is no space for more. */
async function keep(at: number): Promise<void> {
  if (!session.user || !loading.loaded) return
  const next = known(at)
  try {
    // Another tab may have logged out meanwhile.
    await write({ ...next, user: { ...session.user } }, () => tokens.refresh() !== null)
    Object.assign(offline, { kept_at: at, left_out: next.left_out, fault: '' })
  } catch (error) {
    offline.fault = error instanceof DOMException && error.name === 'QuotaExceededError' ? 'full' : 'denied'
  }
}

/** The connection, as far as this needs it: whether it lives, and since when it does or does not. */
interface Link {
  readonly state: string
  readonly since: number
}

/** Keeps what is known from now on, while the connection lives. Returns what ends it. */
export function keepOn(link: Link): () => void {
  const now = (): void => {
    if (link.state === 'live') void keep(Date.now())
  }
  const hidden = (): void => {
    if (document.visibilityState === 'hidden') now()
  }
  const timer = setInterval(now, EVERY)
  document.addEventListener('visibilitychange', hidden)
  const unwatch = watch(
    () => link.state,
    (state, before) => {
      if (before === 'live' && state !== 'live') void keep(link.since)
    },
  )
  // The lists come one after the other.
  const unload = watch(
    () => loading.loaded,
    (loaded) => loaded && setTimeout(now, 1000),
  )
  return () => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', hidden)
    unwatch()
    unload()
  }
}

/** Takes what was kept for what is known. Returns when that was, ms; undefined where nothing was kept. */
export async function recall(): Promise<number | undefined> {
  const kept = await read<Kept>()
  if (!kept) return undefined
  heardServerTime((Date.now() - kept.ahead) / 1000)
  for (const device of kept.devices) listDevice(device)
  for (const reading of kept.readings) readings.set(reading.key, reading)
  for (const actuator of kept.actuators) actuators.set(actuator.key, actuator)
  stops.value = kept.stops
  Object.assign(offline, { kept_at: kept.at, left_out: kept.left_out })
  return kept.at
}
