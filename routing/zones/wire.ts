/**
 * How a device is told about zones and subzones: topic and payload as the firmware has them, QoS 1, not
 * retained, after the commit, and only while it is online and listens: what waited in a session would undo
 * what was decided since. protocol.md §1.2 D11 to D14
 */
import type { Device } from '../../storage/devices.js'
import type { Subzone } from '../../storage/subzones.js'
import { format, toDevice } from '../contract/topics.js'
import type { SubzoneAssign, SubzoneRemove, SubzoneSafe, ZoneAssign } from '../contract/zone-payloads.js'
import { isThere } from '../device-commands.js'
import { type Effect, publish } from '../effect.js'
import type { PendingZone } from './pending.js'

/** How many sensors and actuators are on a gpio of a subzone. */
export type CountOf = (subzone: Subzone) => { sensor_count: number; actuator_count: number }

export interface Wire {
  topicOf(template: (typeof TEMPLATES)[number], esp_id: string): string
  /** It is online and listens to the topic. */
  reaches(device: Device, topic: string): boolean
  zone(device: Device, pending: PendingZone, now: number): Effect
  /** The subzone as it is to be, or that it is to go. */
  subzone(subzone: Subzone, reason: string, now: number): Effect
  safe(subzone: Subzone, reason: string, now: number): Effect
}

export const TEMPLATES = [
  toDevice.zoneAssign,
  toDevice.subzoneAssign,
  toDevice.subzoneRemove,
  toDevice.subzoneSafe,
] as const

export interface WireOptions {
  kaiser_id: string
  /** Does anybody listen to this topic? */
  hears: (topic: string) => boolean
  countOf: CountOf
}

const seconds = (ms: number): number => Math.floor(ms / 1000)

export function createWire({ kaiser_id, hears, countOf }: WireOptions): Wire {
  const topicOf: Wire['topicOf'] = (template, esp_id) => format(template, { kaiser_id, esp_id })
  return {
    topicOf,
    reaches: (device, topic) => isThere(device) && hears(topic),
    zone: ({ device_id }, { zone_id, master_zone_id, zone_name, correlation_id }, now) =>
      publish(topicOf(toDevice.zoneAssign, device_id), {
        zone_id,
        master_zone_id: master_zone_id ?? '',
        zone_name: zone_name ?? '',
        kaiser_id,
        correlation_id,
        timestamp: seconds(now),
      } satisfies ZoneAssign),
    subzone(subzone, reason, now) {
      const { esp_id, subzone_id, correlation_id } = subzone
      const told = { correlation_id, timestamp: seconds(now) }
      if (subzone.status === 'removing')
        return publish(topicOf(toDevice.subzoneRemove, esp_id), {
          subzone_id,
          reason,
          ...told,
        } satisfies SubzoneRemove)
      return publish(topicOf(toDevice.subzoneAssign, esp_id), {
        subzone_id,
        subzone_name: subzone.subzone_name ?? '',
        parent_zone_id: subzone.parent_zone_id,
        assigned_gpios: [...subzone.assigned_gpios],
        safe_mode_active: subzone.safe_mode_active === 1,
        ...countOf(subzone),
        ...told,
      } satisfies SubzoneAssign)
    },
    safe: ({ esp_id, subzone_id, safe_mode_active, correlation_id }, reason, now) =>
      publish(topicOf(toDevice.subzoneSafe, esp_id), {
        subzone_id,
        action: safe_mode_active === 1 ? 'enable' : 'disable',
        reason,
        correlation_id,
        timestamp: seconds(now),
      } satisfies SubzoneSafe),
  }
}
