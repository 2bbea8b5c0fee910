/**
 * What the greenhouse looks like right now: devices, the ones that wait, and the latest readings. The lists
 * come from REST on every connection; events keep them current in between, and whatever an event cannot tell
 * is read again.
 */
import { reactive, shallowReactive, toRaw } from 'vue'
import type { EventData } from '../../../routing/contract/events.js'
import { call, sentenceOf } from '../api.js'
import { now } from '../clock.js'
import type { Device, LatestReading, PendingDevice } from '../rest.js'
import { session } from '../session.js'
import { createCoalesced } from './coalesced.js'
import { devices, forgetDevices, keepDevice, keepOnly, listDevice } from './devices.js'
import { heard, listed, type Reading, sensorKey } from './readings.js'

export { devices } from './devices.js'
export const pending = shallowReactive(new Map<string, PendingDevice>())
export const readings = shallowReactive(new Map<string, Reading>())
export const loading = reactive({ loaded: false, error: '' })
const arriving = createCoalesced(readings)

const PAGE_SIZE = 100
/** Pages that are asked for at a time. */
const AT_A_TIME = 3
let reloading: ReturnType<typeof setTimeout> | undefined
let reloadsAt = 0
let loadedAt = 0
let round = 0
/** What events said of devices since the lists were asked for: it is newer than the lists. */
const heardSince = new Map<string, Partial<Device>>()

/** Reads the three lists. A failure is shown and tried again in five seconds; a later load replaces this one. */
export async function load(): Promise<void> {
  clearTimeout(reloading)
  reloading = undefined
  const mine = ++round
  const began = performance.now()
  arriving.settle()
  const before = new Map(readings)
  heardSince.clear()
  try {
    const [deviceList, waiting, latest] = await Promise.all([
      allDevices(() => mine === round),
      waitingDevices(),
      call<{ data: LatestReading[] }>('GET', '/sensors/latest'),
    ])
    if (mine !== round) return
    for (const device of deviceList) listDevice({ ...device, ...heardSince.get(device.device_id) })
    keepOnly(new Set(deviceList.map(({ device_id }) => device_id)))
    replace(
      pending,
      waiting.map((device) => [device.device_id, device]),
    )
    arriving.settle()
    takeReadings(latest.data, before)
    loading.loaded = true
    loading.error = ''
    loadedAt = began
  } catch (error) {
    if (mine !== round) return
    loading.error = sentenceOf(error)
    reloadsAt = performance.now() + 5000
    reloading = setTimeout(load, 5000)
  }
}

/**
 * When something of a device came last, ms: its heartbeat or one of its readings, by its own clock as far as that is not
 * ahead. Follows the clock, not every reading.
 */
export function lastHeard(last_seen: string, sensors: readonly string[]): number {
  const raw = toRaw(readings)
  const at = (key: string): number => Math.min(raw.get(key)?.measured_at ?? 0, now.value)
  return sensors.reduce((latest, key) => Math.max(latest, at(key)), Date.parse(last_seen))
}

/** Forgets everything, for the next user of this page. */
export function forget(): void {
  round++
  clearTimeout(reloading)
  reloading = undefined
  heardSince.clear()
  arriving.drop()
  forgetDevices()
  for (const map of [pending, readings]) map.clear()
  loading.loaded = false
  loading.error = ''
}

/** Events that change the lists in ways they do not tell. */
const RELOADS = new Set(['device_discovered', 'device_approved', 'device_rejected', 'system_event'])

/** Lets one event change what is known. */
export function take(type: string, data: unknown): void {
  if (type === 'sensor_data') takeReading(data as EventData['sensor_data'])
  else if (type === 'esp_health') takeHealth(data as EventData['esp_health'])
  else if (type === 'zone_assignment') takeZone(data as EventData['zone_assignment'])
  else if (type === 'esp_safe_mode') takeSafeMode(data as EventData['esp_safe_mode'])
  else if (RELOADS.has(type)) loadSoon(500)
}

function takeReading(event: EventData['sensor_data']): void {
  const key = sensorKey(event)
  const reading = heard(event, arriving.get(key), now.value)
  if (reading) arriving.set(key, reading)
  // The more there is to read, the longer between two readings of it.
  if (devices.get(event.esp_id)?.status !== 'online')
    loadSoon((devices.has(event.esp_id) ? 2_000 : 500) + devices.size * 5)
}

function hear(device: Device, news: Partial<Device>): void {
  const { device_id } = device
  heardSince.set(device_id, { ...heardSince.get(device_id), ...news })
  keepDevice({ ...device, ...news })
}

function takeHealth(event: EventData['esp_health']): void {
  const device = devices.get(event.esp_id)
  if (!device) {
    loadSoon(500)
    return
  }
  const { status, flapping, health_status, last_seen, reason, heap_free, wifi_rssi, uptime } = event
  const vitals = status === 'offline' ? {} : { heap_free, wifi_rssi, uptime, health_status }
  hear(device, {
    status,
    flapping,
    ...(last_seen !== null && { last_seen: new Date(last_seen * 1000).toISOString() }),
    offline_reason: reason ?? null,
    ...vitals,
  })
}

function takeZone({ esp_id, zone_id, zone_name }: EventData['zone_assignment']): void {
  const device = devices.get(esp_id)
  if (device) hear(device, { zone_id, zone_name })
  else loadSoon(500)
}

function takeSafeMode({ esp_id, safe_mode_active }: EventData['esp_safe_mode']): void {
  const device = devices.get(esp_id)
  if (device) hear(device, { system_state: safe_mode_active ? 'SAFE_MODE' : 'OPERATIONAL' })
}

/** Reads the lists again shortly, and not more often than every `distance` milliseconds. */
function loadSoon(distance: number): void {
  const due = Math.max(performance.now() + 250, loadedAt + distance)
  if (reloading !== undefined && reloadsAt <= due) return
  clearTimeout(reloading)
  reloadsAt = due
  reloading = setTimeout(load, due - performance.now())
}

/** The devices that ask to be let in are the business of operators; nobody else may read them. */
async function waitingDevices(): Promise<PendingDevice[]> {
  if (session.user?.role === 'viewer') return []
  return (await call<{ devices: PendingDevice[] }>('GET', '/esp/devices/pending')).devices
}

interface DevicePage {
  data: Device[]
  pagination: { total_pages: number }
}

const devicePage = (page: number): Promise<DevicePage> =>
  call<DevicePage>('GET', `/esp/devices?page=${page}&page_size=${PAGE_SIZE}`)

/** All pages; the first time each is shown as it comes, so that a large house need not be waited for. */
async function allDevices(isWanted: () => boolean): Promise<Device[]> {
  const first = await devicePage(1)
  const found = first.data
  const show = (page: readonly Device[]): void => {
    if (loading.loaded || !isWanted()) return
    for (const device of page) listDevice({ ...device, ...heardSince.get(device.device_id) })
  }
  show(first.data)
  for (let page = 2; page <= first.pagination.total_pages && isWanted(); page += AT_A_TIME) {
    const numbers = Array.from({ length: AT_A_TIME }, (_, n) => page + n)
    const pages = await Promise.all(
      numbers.filter((each) => each <= first.pagination.total_pages).map(devicePage),
    )
    for (const { data } of pages) {
      found.push(...data)
      show(data)
    }
  }
  return found
}

/** The list is the truth, except for what was heard since it was asked for and for what is not stored yet. */
function takeReadings(rows: LatestReading[], before: ReadonlyMap<string, Reading>): void {
  const next = new Map<string, Reading>()
  for (const row of rows) {
    const reading = listed(row, undefined)
    const known = readings.get(reading.key)
    const newer = known !== undefined && known.measured_at > reading.measured_at
    next.set(reading.key, newer ? known : { ...reading, gaps: known?.gaps ?? [] })
  }
  for (const [key, known] of readings) {
    if (!next.has(key) && (!known.stored || before.get(key) !== known)) next.set(key, known)
  }
  replace(readings, [...next])
}

function replace<T>(map: Map<string, T>, entries: [string, T][]): void {
  const next = new Map(entries)
  for (const key of map.keys()) if (!next.has(key)) map.delete(key)
  for (const [key, value] of next) map.set(key, value)
}
