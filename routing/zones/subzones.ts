/**
 * Subzones: some gpios of one device that belong together, within the zone of the device. As with zones, people
 * are right and the device is told until it answers; a subzone that is removed counts as gone at once and is
 * remembered only until the device has heard of it. They move along with their device. Inside the group.
 */
import type { Device } from '../../storage/devices.js'
import type { Store } from '../../storage/store.js'
import type { Subzone } from '../../storage/subzones.js'
import { toDevice } from '../contract/topics.js'
import type { Effect } from '../effect.js'
import { RequestRefused } from '../request-refused.js'
import type { Acknowledgements } from './acknowledgements.js'
import { isDue } from './again.js'
import { leave } from './place.js'
import { rest } from './safe-mode.js'
import { subzoneEvent } from './subzone-answers.js'
import type { Wire } from './wire.js'

/** Subzones of a device, those that are being removed included. */
export const SUBZONES_PER_DEVICE = 32

export interface SubzoneOrder {
  readonly subzone: Subzone
  readonly topic: string
  readonly sent: boolean
  readonly effects: readonly Effect[]
}

/** What people say about a subzone. */
export interface Described {
  subzone_id: string
  assigned_gpios: readonly number[]
  /** undefined: as it was */
  subzone_name?: string | null
  parent_zone_id?: string | null
  safe_mode_active: boolean
}

export interface DeviceSubzones {
  /** Makes or changes a subzone. Throws RequestRefused: no zone, another zone's, a gpio taken, too many. */
  assign(device: Device, described: Described, now: number): SubzoneOrder
  remove(device: Device, subzone: Subzone, reason: string, now: number): SubzoneOrder
  /** Its actuators rest, or may work again: nothing of it is switched on while they do. */
  safe(device: Device, subzone: Subzone, active: boolean, reason: string, now: number): SubzoneOrder
  /** The device has moved: they are its new zone's. */
  follow(device: Device, zone_id: string, now: number): readonly Effect[]
  /** The device has no zone any more: nor has it subzones. */
  drop(device: Device, now: number): readonly Effect[]
  /** Tells what the device has not answered; `back`: it was away. */
  offer(device: Device, now: number, back: boolean): readonly Effect[]
  /** The device has lost everything: tells it all again. */
  restore(device: Device, now: number): readonly Effect[]
}

export const isLive = ({ status }: Subzone): boolean => status !== 'removing'

const sameGpios = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((gpio, index) => gpio === b[index])

export function createDeviceSubzones(
  store: Pick<Store, 'subzones' | 'placements' | 'actuatorStates' | 'uuid'>,
  wire: Wire,
  acknowledgements: Acknowledgements,
): DeviceSubzones {
  const { subzones } = store

  const topicOf = ({ esp_id, status }: Subzone): string =>
    wire.topicOf(status === 'removing' ? toDevice.subzoneRemove : toDevice.subzoneAssign, esp_id)

  /** Whoever waits for the answer to the last order waits in vain. */
  const supersede = ({ esp_id, correlation_id, status }: Subzone): void => {
    if (status === 'pending' || status === 'removing')
      acknowledgements.settle(esp_id, correlation_id, {
        acknowledged: false,
        reason: 'A newer order has taken its place',
      })
  }

  /** Sends a pending subzone when the device is there. */
  const send = (
    device: Device,
    subzone: Subzone,
    reason: string,
    now: number,
    attempts = 1,
  ): SubzoneOrder => {
    const topic = topicOf(subzone)
    if (!wire.reaches(device, topic)) return { subzone, topic, sent: false, effects: [] }
    const next = subzones.update(subzone, { told: 1, sent_at: now, attempts }, now)
    return { subzone: next, topic, sent: true, effects: [wire.subzone(next, reason, now)] }
  }

  const asked = (status: 'pending' | 'removing') => ({
    status,
    error: null,
    correlation_id: store.uuid(),
    sent_at: null,
    attempts: 0,
  })

  const told = (order: SubzoneOrder, now: number): SubzoneOrder => ({
    ...order,
    effects: [...order.effects, subzoneEvent(order.subzone, 'pending', now, order.topic)],
  })

  /** Its actuators go off at once; the limits see to it that they stay so. */
  const resting = (order: SubzoneOrder, now: number): SubzoneOrder => ({
    ...order,
    effects: [...rest(store, order.subzone, now), ...order.effects],
  })

  const refuse = (device: Device, { subzone_id, assigned_gpios, parent_zone_id }: Described): void => {
    const { device_id, zone_id } = device
    if (zone_id === null)
      throw new RequestRefused('request_refused', `${device_id} is in no zone: assign one first`)
    if (parent_zone_id && parent_zone_id.toLowerCase() !== zone_id)
      throw new RequestRefused(
        'request_refused',
        `${device_id} is in zone ${zone_id}, not in ${parent_zone_id}: a subzone belongs to its device's zone`,
      )
    for (const gpio of assigned_gpios) {
      const owner = subzones.of(device_id, gpio)
      if (owner !== undefined && owner !== subzone_id)
        throw new RequestRefused('gpio_conflict', `GPIO ${gpio} of ${device_id} belongs to subzone ${owner}`)
    }
    if (!subzones.find(device_id, subzone_id) && subzones.list(device_id).length >= SUBZONES_PER_DEVICE)
      throw new RequestRefused(
        'subzones_full',
        `${device_id} has ${SUBZONES_PER_DEVICE} subzones, those included that it has not heard are gone`,
      )
  }

  const remove: DeviceSubzones['remove'] = (device, subzone, reason, now) => {
    supersede(subzone)
    leave(store, device, now)
    const going = subzones.update(subzone, asked('removing'), now)
    // What the device was never told of need not be taken back.
    if (subzone.told === 0) {
      subzones.remove(going)
      const gone = subzoneEvent(going, 'subzone_removed', now, topicOf(going))
      return { subzone: going, topic: topicOf(going), sent: false, effects: [gone] }
    }
    return told(send(device, going, reason, now), now)
  }

  return {
    remove,
    assign(device, described, now) {
      refuse(device, described)
      const { device_id: esp_id, zone_id } = device
      const { subzone_id, subzone_name, safe_mode_active } = described
      const assigned_gpios = [...new Set(described.assigned_gpios)].sort((a, b) => a - b)
      const known = subzones.find(esp_id, subzone_id)
      if (known) supersede(known)
      const live = known && isLive(known)
      if (!live || !sameGpios(known.assigned_gpios, assigned_gpios)) leave(store, device, now)
      const fields = {
        ...asked('pending'),
        parent_zone_id: zone_id!,
        assigned_gpios,
        safe_mode_active: safe_mode_active ? 1 : 0,
        subzone_name: subzone_name === undefined ? (live ? known.subzone_name : null) : subzone_name || null,
      }
      const subzone = known
        ? subzones.update(known, fields, now)
        : subzones.insert({ esp_id, subzone_id }, fields, now)
      return resting(told(send(device, subzone, '', now), now), now)
    },
    safe(device, subzone, active, reason, now) {
      const safe_mode_active = active ? 1 : 0
      const topic = wire.topicOf(toDevice.subzoneSafe, device.device_id)
      if (wire.reaches(device, topic)) {
        // An order that waits for its answer keeps its id.
        const correlation_id = subzone.status === 'pending' ? subzone.correlation_id : store.uuid()
        const next = subzones.update(subzone, { safe_mode_active, correlation_id }, now)
        return resting({ subzone: next, topic, sent: true, effects: [wire.safe(next, reason, now)] }, now)
      }
      // It is not there: when it is back it is told of the subzone as a whole.
      supersede(subzone)
      const next = subzones.update(subzone, { safe_mode_active, ...asked('pending') }, now)
      return resting({ subzone: next, topic, sent: false, effects: [] }, now)
    },
    follow: (device, parent_zone_id, now) =>
      subzones
        .list(device.device_id)
        .filter((subzone) => isLive(subzone) && subzone.parent_zone_id !== parent_zone_id)
        .flatMap((subzone) => {
          supersede(subzone)
          const moved = subzones.update(subzone, { parent_zone_id, ...asked('pending') }, now)
          return told(send(device, moved, '', now), now).effects
        }),
    drop: (device, now) =>
      subzones
        .list(device.device_id)
        .filter(isLive)
        .flatMap((subzone) => remove(device, subzone, 'zone_removed', now).effects),
    offer: (device, now, back) =>
      subzones
        .list(device.device_id)
        .filter(({ status }) => status === 'pending' || status === 'removing')
        .filter((subzone) => isDue(subzone, now, back))
        .flatMap((subzone) => {
          if (!wire.reaches(device, topicOf(subzone))) {
            // It was away and does not listen yet: as soon as it does.
            if (back && subzone.sent_at !== null)
              subzones.update(subzone, { attempts: 0, sent_at: null }, now)
            return []
          }
          return send(device, subzone, 'removed', now, back ? 1 : subzone.attempts + 1).effects
        }),
    restore: (device, now) =>
      subzones
        .list(device.device_id)
        .filter(isLive)
        .flatMap((subzone) => {
          supersede(subzone)
          return send(device, subzones.update(subzone, asked('pending'), now), '', now).effects
        }),
  }
}
