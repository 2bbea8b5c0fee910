/**
 * Emergency stops that hold, with what each device said to them. They are read again whenever something is heard of
 * one, and every few seconds while a device has not confirmed: that it is told again and again, no event says.
 */
import { shallowRef } from 'vue'
import type { EventData } from '../../../routing/contract/events.js'
import { call } from '../api.js'
import { createReloading } from '../reloading.js'
import type { ArmedAnswer, LatchedStop, StopAnswer, StoppedAnswer, StoppedDevice } from '../rest-actuators.js'
import { t } from '../words/index.js'
import { devices } from './greenhouse.js'

/** Oldest first. */
export const stops = shallowRef<readonly LatchedStop[]>([])

const reloading = createReloading(async () => {
  const answer = await call<{ stops: LatchedStop[] }>('GET', '/actuators/emergency')
  return () => {
    stops.value = answer.stops
    if (answer.stops.some((stop) => stop.confirmed < stop.devices.length)) reloading.soon(5000)
  }
})
export const { load: loadStops, loading: loadingStops } = reloading

export function forgetStops(): void {
  reloading.forget()
  stops.value = []
}

/** Lets one event change what is known. */
export function takeStopEvent(type: string, data: unknown): void {
  if (type === 'emergency_stop') {
    const { stop_id, state } = data as EventData['emergency_stop']
    if (state === 'released') stops.value = stops.value.filter((stop) => stop.stop_id !== stop_id)
    void loadStops()
  } else if (type === 'emergency_device') {
    takeDevice(data as EventData['emergency_device'])
    reloading.soon(1000)
  }
}

function takeDevice({ stop_id, esp_id, state, timestamp }: EventData['emergency_device']): void {
  if (state === 'cleared') return
  const confirmed_at = state === 'confirmed' ? new Date(timestamp * 1000).toISOString() : null
  const heard = (device: StoppedDevice): StoppedDevice =>
    device.esp_id === esp_id ? { ...device, state, confirmed_at } : device
  stops.value = stops.value.map((stop) => {
    if (stop.stop_id !== stop_id) return stop
    const next = stop.devices.map(heard)
    return { ...stop, devices: next, confirmed: next.filter((each) => each.state === 'confirmed').length }
  })
}

export type Scope = Pick<LatchedStop, 'esp_id' | 'zone_id' | 'gpio'>

const nameOf = (esp_id: string | null): string =>
  (esp_id !== null && devices.get(esp_id)?.name) || (esp_id ?? '')

/** Whom a stop is for, as people say it. */
export function spelledScope({ esp_id, zone_id, gpio }: Scope): string {
  if (gpio !== null) return t('stops.gpio_of', { gpio, device: nameOf(esp_id) })
  if (esp_id !== null) return nameOf(esp_id)
  if (zone_id === null) return t('stops.everything')
  const zone = [...devices.values()].find((device) => device.zone_id === zone_id)
  return t('stops.zone', { zone: zone?.zone_name || zone_id })
}

const bodyOf = ({ esp_id, zone_id, gpio }: Scope, reason: string) => ({ esp_id, zone_id, gpio, reason })

/** Stops at once. */
export const stop = (scope: Scope, reason: string): Promise<StoppedAnswer> =>
  call<StoppedAnswer>('POST', '/actuators/emergency_stop', bodyOf(scope, reason))

/** Nothing is released by it yet. */
export const armRelease = (scope: Scope, reason: string): Promise<ArmedAnswer> =>
  call<ArmedAnswer>('POST', '/actuators/clear_emergency', bodyOf(scope, reason))

/** Releases; nothing is switched on by it. */
export const confirmRelease = (scope: Scope, reason: string, token: string): Promise<StopAnswer> =>
  call<StopAnswer>('POST', '/actuators/clear_emergency', { ...bodyOf(scope, reason), token })
