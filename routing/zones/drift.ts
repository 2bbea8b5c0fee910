/**
 * What a heartbeat says about the zone, against what people say. People are right: a device that has lost its
 * zone is told again, one that has another is a finding, and one that has the right one has thereby answered,
 * also when its firmware never says so. protocol.md §3.5, §12.5
 */
import type { Device } from '../../storage/devices.js'
import type { Store } from '../../storage/store.js'
import type { Heartbeat } from '../contract/payloads.js'
import type { Effect } from '../effect.js'
import type { Findings } from '../findings.js'
import { AGAIN } from './again.js'
import type { ZoneAssignments } from './assignments.js'
import { pendingOf } from './pending.js'

/** A heartbeat of a known device, inside the group: what there is to tell it and others. */
export type Heard = (
  device: Device,
  said: Pick<Heartbeat, 'zone_id' | 'zone_assigned'>,
  now: number,
  topic: string,
) => readonly Effect[]

/** The zone it says it has, '' for none; undefined when it says nothing of that. */
function zoneIn({ zone_id, zone_assigned }: Parameters<Heard>[1]): string | undefined {
  if (zone_assigned === false) return ''
  return zone_id?.toLowerCase()
}

export function createHeard(
  store: Pick<Store, 'devices'>,
  assignments: ZoneAssignments,
  findings: Findings,
): Heard {
  /** When each was told again. */
  const restored = new Map<string, number>()

  const isRecent = (at: number | null | undefined, now: number): boolean =>
    at != null && now >= at && now - at < AGAIN

  return (device, said, now, topic) => {
    const { device_id } = device
    const wanted = device.zone_id ?? ''
    const has = zoneIn(said)
    const pending = pendingOf(device)
    if (has === undefined) return assignments.offer(device, now, false)
    if (has === wanted) {
      findings.clear('zone_differs', device_id)
      if (!pending || isRecent(pending.sent_at, now)) return assignments.offer(device, now, false)
      // It has what it was asked for, and its answer got lost or was never sent.
      const status = wanted === '' ? 'zone_removed' : 'zone_assigned'
      const answered = assignments.acknowledge(device, { status, zone_id: wanted }, now, topic)
      if (answered === 'duplicate' || 'code' in answered) return []
      return [
        ...answered.effects,
        ...assignments.offer(store.devices.update(device, answered.changes, now), now, false),
      ]
    }
    // What it says may be older than what it was told.
    if (pending) return assignments.offer(device, now, false)
    if (has !== '') {
      findings.note('zone_differs', device_id, now, { zone_id: device.zone_id, reported: has })
      return assignments.offer(device, now, false)
    }
    if (isRecent(restored.get(device_id), now)) return []
    restored.set(device_id, now)
    return assignments.restore(device, now)
  }
}
