/**
 * Which zone a device is in is what people say: it holds from the moment they say it, for readings, stops and
 * lists, whatever the device makes of it. The device is told, and told again until it answers; when it refuses,
 * that is a finding, and the zone stays, because the device does not know where it stands. Inside the group.
 */
import type { Device } from '../../storage/devices.js'
import type { Store } from '../../storage/store.js'
import type { DeviceAudit } from '../audit.js'
import { toDevice } from '../contract/topics.js'
import type { ZoneAssignmentEvent } from '../contract/zone-events.js'
import type { ZoneAck } from '../contract/zone-payloads.js'
import { type Effect, emit } from '../effect.js'
import type { Findings } from '../findings.js'
import type { Refused } from '../handler.js'
import type { Acknowledgements } from './acknowledgements.js'
import { isDue, toldAgain } from './again.js'
import { type Named, named } from './names.js'
import { metadataWith, type PendingZone, pendingOf } from './pending.js'
import { leave } from './place.js'
import type { DeviceSubzones } from './subzones.js'
import type { Wire } from './wire.js'

/** Something a device was asked. */
export interface Order {
  readonly device: Device
  readonly correlation_id: string
  readonly topic: string
  /** It goes out now; otherwise when the device is back. */
  readonly sent: boolean
  /** To be performed after the commit. */
  readonly effects: readonly Effect[]
}

/** What a message of a device changes in its row, and what there is to say. */
export interface Answered {
  readonly changes: Partial<Device>
  readonly effects: readonly Effect[]
}

export interface ZoneAssignments {
  /** The device is in this zone from now on; null: in none. Its subzones go along, or go. */
  assign(device: Device, zone: ({ zone_id: string } & Partial<Named>) | null, by: string, now: number): Order
  /** An answer of the device; `duplicate` when it was answered before. */
  acknowledge(device: Device, ack: ZoneAck, now: number, topic: string): Answered | 'duplicate' | Refused
  /** Tells it what it has not answered; `back`: it was away. */
  offer(device: Device, now: number, back: boolean): readonly Effect[]
  /** It has lost its zone: tells it everything again. */
  restore(device: Device, now: number): readonly Effect[]
}

export interface ZoneAssignmentsOptions {
  store: Store
  kaiser_id: string
  wire: Wire
  subzones: DeviceSubzones
  acknowledgements: Acknowledgements
  audit: DeviceAudit
  findings: Findings
}

const NAMELESS: Named = Object.freeze({ zone_name: null, master_zone_id: null })

/** The zone an answer speaks of; undefined when it names none. */
const spokenOf = ({ status, zone_id }: ZoneAck): string | undefined =>
  status === 'zone_removed' ? '' : zone_id?.toLowerCase()

/** Why this answer does not belong to what is pending; undefined when it does. */
function foreign(pending: PendingZone | undefined, ack: ZoneAck): string | undefined {
  if (!pending) return 'no zone assignment of this device is pending'
  const { correlation_id } = ack
  const spoken = spokenOf(ack)
  if (correlation_id != null && correlation_id !== pending.correlation_id)
    return `correlation_id ${correlation_id} is none of this device's pending assignment`
  if (spoken === undefined) {
    if (correlation_id != null || ack.status === 'error') return undefined
    return 'zone_id is needed where there is no correlation_id'
  }
  return spoken === pending.zone_id || (ack.status === 'error' && correlation_id != null)
    ? undefined
    : `it is about zone "${spoken}", but "${pending.zone_id}" is pending`
}

export function createZoneAssignments(options: ZoneAssignmentsOptions): ZoneAssignments {
  const { store, kaiser_id, wire, subzones, acknowledgements, audit, findings } = options
  const topicOf = (device: Device): string => wire.topicOf(toDevice.zoneAssign, device.device_id)

  const event = (
    { device_id, zone_id, master_zone_id, zone_name }: Device,
    status: ZoneAssignmentEvent['status'],
    correlation_id: string | null,
    now: number,
    topic: string,
    { message, reason_code, error_code }: Partial<ZoneAck> = {},
  ): Effect =>
    emit('zone_assignment', {
      esp_id: device_id,
      status,
      zone_id,
      master_zone_id,
      zone_name,
      kaiser_id,
      correlation_id,
      ...(message != null && { message }),
      ...(reason_code != null && { reason_code }),
      ...(error_code != null && { error_code }),
      timestamp: now / 1000,
      topic,
    })

  /** Puts the device into the zone, makes that pending, and sends it when the device is there. */
  const ask = (device: Device, zone: Named & Pick<Device, 'zone_id'>, by: string, now: number) => {
    const before = pendingOf(device)
    if (before)
      acknowledgements.settle(device.device_id, before.correlation_id, {
        acknowledged: false,
        reason: 'A newer assignment has taken its place',
      })
    const sent = wire.reaches(device, topicOf(device))
    const pending: PendingZone = {
      ...zone,
      zone_id: zone.zone_id ?? '',
      kaiser_id,
      correlation_id: store.uuid(),
      requested_by: by,
      requested_at: now,
      sent_at: sent ? now : null,
      attempts: sent ? 1 : 0,
    }
    const changes = { ...zone, device_metadata: metadataWith(device, pending) }
    const next = store.devices.update(device, changes, now)
    return { device: next, pending, sent, effects: sent ? [wire.zone(next, pending, now)] : [] }
  }

  const assign: ZoneAssignments['assign'] = (given, zone, by, now) => {
    const zone_id = zone ? zone.zone_id.toLowerCase() : null
    if (zone_id !== given.zone_id) leave(store, given, now)
    const words = zone && zone_id !== null ? named(store, zone_id, zone, now) : NAMELESS
    // Its name may have changed just now.
    const current = store.devices.find(given.device_id) ?? given
    // Subzones belong to a zone: a device that leaves it is told that they are gone before it is told so.
    const dropped = zone_id === null ? subzones.drop(current, now) : []
    const { device, pending, sent, effects } = ask(current, { zone_id, ...words }, by, now)
    const followed = zone_id === null ? [] : subzones.follow(device, zone_id, now)
    const { correlation_id } = pending
    const topic = topicOf(device)
    const said = event(device, 'pending', correlation_id, now, topic)
    return { device, correlation_id, topic, sent, effects: [...dropped, ...effects, ...followed, said] }
  }

  const acknowledge: ZoneAssignments['acknowledge'] = (device, ack, now, topic) => {
    const { device_id } = device
    const pending = pendingOf(device)
    if (ack.correlation_id != null && acknowledgements.settled(device_id, ack.correlation_id))
      return 'duplicate'
    const detail = foreign(pending, ack)
    if (!pending || detail) return { code: 'ack_unsolicited', detail: detail ?? '' }

    const refused = ack.status === 'error'
    const reason = ack.message ?? ack.reason_code ?? (refused ? 'The device refused without a reason' : null)
    if (refused) findings.note('zone_refused', device_id, now, { zone_id: pending.zone_id, reason })
    else for (const kind of ['zone_refused', 'zone_differs'] as const) findings.clear(kind, device_id)
    audit.record(
      {
        event_type: 'zone_acknowledged',
        severity: refused ? 'warning' : 'info',
        source_type: 'esp32',
        source_id: device_id,
        status: refused ? 'failed' : 'success',
        message: refused
          ? `${device_id} refused zone "${pending.zone_id}": ${reason}`
          : `${device_id} has taken zone "${pending.zone_id}"`,
        details: { zone_id: pending.zone_id, requested_by: pending.requested_by, reason },
        correlation_id: pending.correlation_id,
      },
      now,
    )
    acknowledgements.settle(device_id, pending.correlation_id, {
      acknowledged: !refused,
      reason: refused ? reason : null,
    })
    const status = refused ? 'error' : pending.zone_id === '' ? 'zone_removed' : 'zone_assigned'
    return {
      changes: { device_metadata: metadataWith(device, undefined) },
      effects: [event(device, status, pending.correlation_id, now, topic, ack)],
    }
  }

  return {
    assign,
    acknowledge,
    offer(device, now, back) {
      const pending = pendingOf(device)
      if (!pending || !isDue(pending, now, back)) return subzones.offer(device, now, back)
      const reached = wire.reaches(device, topicOf(device))
      const again = reached ? toldAgain(pending, now, back) : { ...pending, sent_at: null, attempts: 0 }
      if (!reached && pending.sent_at === null) return subzones.offer(device, now, back)
      const next = store.devices.update(device, { device_metadata: metadataWith(device, again) }, now)
      return [...(reached ? [wire.zone(next, again, now)] : []), ...subzones.offer(next, now, back)]
    },
    restore(device, now) {
      const { zone_id, zone_name, master_zone_id } = device
      if (zone_id === null) return []
      const asked = ask(device, { zone_id, zone_name, master_zone_id }, 'kaiser', now)
      return [...asked.effects, ...subzones.restore(asked.device, now)]
    },
  }
}
