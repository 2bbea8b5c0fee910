/** What devices say of themselves is kept in their row; what has no column of its own goes into `health`. */
import type { Device } from '../storage/devices.js'
import { type Effect, emit } from './effect.js'
import { espHealthEvent } from './esp-health-event.js'
import type { Context } from './handler.js'

/** A message that changes the device's row: the new record, and the news that it is back when it was away. */
export function report(
  { presence }: Pick<Context, 'presence'>,
  { device, received_at, topic }: { device: Device; received_at: number; topic: string },
  changes: Partial<Device>,
): { device: Device; effects: readonly Effect[] } {
  const alive = presence.alive(device, changes, received_at)
  if (device.status === 'online' || !presence.mayTell(alive.device, received_at)) return alive
  const back = emit('esp_health', espHealthEvent(alive.device, received_at, { topic }))
  return { device: alive.device, effects: [...alive.effects, back] }
}

/** The given fields of a payload: what is missing or null says nothing. */
export const givenOf = <T extends object, K extends keyof T & string>(
  payload: T,
  fields: readonly K[],
): Record<string, unknown> =>
  Object.fromEntries(fields.filter((field) => payload[field] != null).map((field) => [field, payload[field]]))

/** The device's `health`, with more in it; the text as it is when there is nothing new. */
export const withHealth = (device: Device | undefined, more: Record<string, unknown>): string =>
  Object.keys(more).length === 0
    ? (device?.health ?? '{}')
    : JSON.stringify({ ...(JSON.parse(device?.health ?? '{}') as object), ...more })

/**
 * A device has booted when it says so by a new id, or when its uptime fell; `seq` counts anew from there. The
 * first id after none is no news: the device has only now begun to say it, or its boot was announced already.
 */
export function bootOf(
  device: Device,
  said: { boot_sequence_id?: string | number | null; uptime?: number | null },
): Pick<Device, 'boot' | 'boot_sequence_id'> {
  const id = said.boot_sequence_id == null ? device.boot_sequence_id : String(said.boot_sequence_id)
  const fell = said.uptime != null && said.uptime < (device.uptime ?? 0)
  const changed = device.boot_sequence_id !== null && id !== device.boot_sequence_id
  return { boot_sequence_id: id, boot: changed || fell ? device.boot + 1 : device.boot }
}

/** What a payload says besides what its schema knows. */
export const besides = (payload: object, schema: { properties: object }): Record<string, unknown> =>
  Object.fromEntries(Object.entries(payload).filter(([field]) => !Object.hasOwn(schema.properties, field)))
