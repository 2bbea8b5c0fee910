/**
 * Who is there: online by any message, offline at once by a Will, else by silence; unknown after a restart
 * until the device is heard or has been silent for long enough. Coming and going too often is a condition of its own
 * (flapping.ts). Statuses and limits: decisions on devices; protocol.md §3.5 to §3.7.
 */
import type { Device } from '../storage/devices.js'
import type { Store } from '../storage/store.js'
import { doubt, SERVER_RESTART } from './actuators/reports.js'
import type { DeviceAudit } from './audit.js'
import { format, fromDevice } from './contract/topics.js'
import { clearRetained, type Effect, emit } from './effect.js'
import { espHealthEvent } from './esp-health-event.js'
import { type Every, every as really } from './every.js'
import type { Findings } from './findings.js'
import { createFlapping } from './flapping.js'
import { isKnown } from './registry.js'
import type { Speak } from './speech.js'

/** A device's row is written at most this often only because it is alive, ms. */
const SEEN_EVERY = 60_000
/** Silence means offline after this, or three heartbeats if that is longer, ms. */
const SILENT = 180_000
/** How often silence is looked for, ms. */
const LOOK_EVERY = 10_000
/** While a device flaps, it is spoken of at most this often, ms. */
const FLAPPING_EVERY = 30_000
const HEARTBEAT = { least: 1_000, most: 3_600_000 }

export interface PresenceOptions {
  store: Store
  kaiser_id: string
  findings: Findings
  audit: DeviceAudit
  speak: Speak
  /** A device is back, or is heard for the first time. Inside the group. */
  returned?: (device: Device) => void
  /** ms since 1970 */
  now: () => number
  every?: Every | undefined
}

export interface Presence {
  /** Any message of a known device, inside the group. What there is to say when it was not online. */
  seen(device: Device, now: number, topic: string): readonly Effect[]
  /** A message that changes the device's row anyway, inside the group: the new record, and what there is to say. */
  alive(device: Device, changes: Partial<Device>, now: number): { device: Device; effects: readonly Effect[] }
  /** Its Will, inside the group; `taken_over` when a newer connection has its id. */
  left(device: Device, reason: string, now: number, topic: string, taken_over: boolean): readonly Effect[]
  /** May a flapping device be spoken of again? Others always may. */
  mayTell(device: Device, now: number): boolean
  /** How often it beats, as the last two beats have it, ms. */
  interval(device: Device, now: number): number | null
  /** A client connected under a device's id; `before` when it was connected already since kaiser started. */
  reconnected(esp_id: string): void
  /** Looks for those who fell silent, and for those who calmed down. */
  look(): void
  close(): void
}

/** Silence for this long means offline, ms. */
export const patienceFor = (device: Device): number => Math.max(SILENT, 3 * (device.heartbeat_interval ?? 0))

export function createPresence(options: PresenceOptions): Presence {
  const { store, kaiser_id, findings, audit, speak, now, every = really } = options
  const started = now()
  const flapping = createFlapping()
  /** When each was heard last: the row knows it to the minute only. */
  const heard = new Map<string, number>()
  const told = new Map<string, number>()
  const gaps = new Map<string, number>()

  const health = (device: Device, at: number, more: Parameters<typeof espHealthEvent>[2]): Effect =>
    emit('esp_health', espHealthEvent(device, at, more))

  const mayTell = (device: Device, at: number): boolean => {
    if (device.flapping_since === null) return true
    if (at - (told.get(device.device_id) ?? Number.NEGATIVE_INFINITY) < FLAPPING_EVERY) return false
    told.set(device.device_id, at)
    return true
  }

  /** It flaps from now on, if it did not already: one event, one finding. */
  const flaps = (device: Device, at: number): { device: Device; effects: readonly Effect[] } => {
    const { device_id } = device
    const details = {
      reconnects: flapping.counted(device_id, 'reconnect', at),
      wills: flapping.counted(device_id, 'will', at),
    }
    findings.note('flapping', device_id, at, details)
    if (device.flapping_since !== null) return { device, effects: [] }
    told.set(device_id, at)
    return {
      device: store.devices.update(device, { flapping_since: at }, at),
      effects: [
        emit('system_event', {
          event_type: 'flapping',
          message: `${device_id} comes and goes: check its power supply and WiFi`,
          details: { esp_id: device_id, ...details },
        }),
      ],
    }
  }

  const alive: Presence['alive'] = (device, changes, at) => {
    heard.set(device.device_id, at)
    const next = store.devices.update(
      device,
      { ...changes, last_seen: at, status: 'online', offline_reason: null },
      at,
    )
    if (device.status === 'online') return { device: next, effects: [] }
    audit.record(
      {
        event_type: 'device_online',
        severity: 'info',
        source_type: 'esp32',
        source_id: next.device_id,
        status: 'success',
        message: `${next.device_id} is online`,
        details: { before: device.status, offline_reason: device.offline_reason },
      },
      at,
    )
    options.returned?.(next)
    // Its Will stays retained until somebody clears it, and would make a healthy device look dead.
    return {
      device: next,
      effects: [clearRetained(format(fromDevice.will, { kaiser_id, esp_id: next.device_id }))],
    }
  }

  /** With it goes what was known of its actuators: told of those that were running. */
  const goOffline = (
    device: Device,
    reason: string,
    at: number,
  ): { device: Device; effects: readonly Effect[] } => {
    audit.record(
      {
        event_type: 'device_offline',
        severity: 'warning',
        source_type: 'system',
        source_id: device.device_id,
        status: 'success',
        message: `${device.device_id} is offline: ${reason}`,
        details: { reason, last_seen: device.last_seen },
      },
      at,
    )
    return {
      device: store.devices.update(device, { status: 'offline', offline_reason: reason }, at),
      effects: doubt(store, device, reason, at),
    }
  }

  /** Whoever was online when kaiser stopped may have died since: nobody knows before they are heard. */
  const forgetWhoWasOnline = (): void =>
    speak(() => {
      for (const device of store.devices.list()) {
        if (device.status === 'online') store.devices.update(device, { status: 'approved' }, started)
        doubt(store, device, SERVER_RESTART, started)
      }
      return []
    })

  const calm = (device: Device, at: number): readonly Effect[] => {
    findings.clear('flapping', device.device_id)
    told.delete(device.device_id)
    const next = store.devices.update(device, { flapping_since: null }, at)
    return [health(next, at, {})]
  }

  const isCalm = (device: Device, at: number): boolean =>
    device.flapping_since !== null && !flapping.flaps(device.device_id, at)

  /** Online, or not heard since kaiser started, and silent for too long. */
  const isSilent = (device: Device, at: number): boolean => {
    const expected = device.status === 'online' || (device.status === 'approved' && device.last_seen !== null)
    const since = Math.max(started, heard.get(device.device_id) ?? device.last_seen ?? 0)
    return expected && at - since >= patienceFor(device)
  }

  const silence = (device: Device, at: number): readonly Effect[] => {
    const { device: next, effects } = goOffline(device, 'heartbeat_timeout', at)
    const timeout_seconds = patienceFor(device) / 1000
    return [health(next, at, { reason: 'heartbeat_timeout', timeout_seconds }), ...effects]
  }

  const look = (): void => {
    const at = now()
    const changed = store.devices.list().filter((device) => isCalm(device, at) || isSilent(device, at))
    if (changed.length === 0) return
    speak(() =>
      changed.flatMap(({ device_id }) => {
        const effects: Effect[] = []
        for (const [holds, act] of [
          [isCalm, calm],
          [isSilent, silence],
        ] as const) {
          const device = store.devices.find(device_id)
          if (device && holds(device, at)) effects.push(...act(device, at))
        }
        return effects
      }),
    )
  }

  forgetWhoWasOnline()
  const timer = every(LOOK_EVERY, look)

  return {
    alive,
    mayTell,
    look,
    seen(device, at, topic) {
      heard.set(device.device_id, at)
      if (device.status === 'online' && at - (device.last_seen ?? 0) < SEEN_EVERY) return []
      const was = device.status
      const { device: next, effects } = alive(device, {}, at)
      if (was === 'online' || !mayTell(next, at)) return effects
      return [...effects, health(next, at, { topic })]
    },
    left(device, reason, at, topic, taken_over) {
      const flapped = flapping.count(device.device_id, 'will', at) ? flaps(device, at) : undefined
      const current = flapped?.device ?? device
      const effects = flapped?.effects ?? []
      audit.record(
        {
          event_type: 'lwt_received',
          severity: 'warning',
          source_type: 'mqtt',
          source_id: current.device_id,
          status: 'success',
          message: `Will of ${current.device_id}: ${reason}`,
          details: { reason, taken_over, wills_5m: flapping.counted(current.device_id, 'will', at) },
        },
        at,
      )
      // The connection that died is not the one it has now.
      if (taken_over || current.status === 'offline') return effects
      const gone = goOffline(current, reason, at)
      const told = mayTell(gone.device, at) ? [health(gone.device, at, { topic, reason })] : []
      return [...effects, ...told, ...gone.effects]
    },
    interval(device, at) {
      const gap = at - (device.last_heartbeat ?? at)
      const before = gaps.get(device.device_id)
      gaps.set(device.device_id, gap)
      if (gap < HEARTBEAT.least || before === undefined) return device.heartbeat_interval
      // One long gap is an outage; two of them are how it beats.
      return Math.min(HEARTBEAT.most, Math.max(HEARTBEAT.least, Math.min(gap, before)))
    },
    reconnected(esp_id) {
      const at = now()
      const device = store.devices.find(esp_id)
      if (!isKnown(device) || !flapping.count(esp_id, 'reconnect', at)) return
      speak(() => {
        const current = store.devices.find(esp_id)
        return current ? flaps(current, at).effects : []
      })
    },
    close: () => timer.stop(),
  }
}
