/** Whom an emergency stop is for: an actuator, a device, a zone, or everything. */
import type { Device } from '../../storage/devices.js'
import type { EmergencyStop } from '../../storage/emergency-stops.js'
import { isKnown } from '../registry.js'
import { RequestRefused, refusedField } from '../request-refused.js'

/** As people give it; nothing is everything. */
export interface Selector {
  readonly esp_id?: string | null | undefined
  readonly zone_id?: string | null | undefined
  readonly gpio?: number | null | undefined
}

export type Scope = Pick<EmergencyStop, 'scope' | 'esp_id' | 'zone_id' | 'gpio'>

/** Throws RequestRefused when it contradicts itself. Zones are kept in lower case. */
export function scopeOf({ esp_id = null, zone_id: zone = null, gpio = null }: Selector): Scope {
  const zone_id = zone?.toLowerCase() ?? null
  if (zone_id !== null && esp_id !== null)
    throw refusedField('zone_id', zone_id, 'give esp_id or zone_id, not both')
  if (gpio !== null && esp_id === null) throw refusedField('gpio', gpio, 'needs the esp_id of its device')
  const scope = gpio !== null ? 'actuator' : esp_id !== null ? 'device' : zone_id !== null ? 'zone' : 'all'
  return { scope, esp_id, zone_id, gpio }
}

export const isSameScope = (a: Scope, b: Scope): boolean =>
  a.scope === b.scope && a.esp_id === b.esp_id && a.zone_id === b.zone_id && a.gpio === b.gpio

/** Is the device, or an actuator of it, in the scope as things are now? */
export const covers = ({ scope, esp_id, zone_id }: Scope, device: Device): boolean =>
  scope === 'all' || (scope === 'zone' ? device.zone_id === zone_id : device.device_id === esp_id)

/** The devices that are concerned. Throws RequestRefused when nobody is where somebody was named. */
export function concerned(scope: Scope, devices: readonly Device[]): Device[] {
  const found = devices.filter((device) => isKnown(device) && covers(scope, device))
  if (found.length === 0 && scope.scope !== 'all')
    throw new RequestRefused(
      'not_found',
      scope.scope === 'zone'
        ? `No device is in zone ${scope.zone_id}`
        : `Device ${scope.esp_id} is not known`,
    )
  return found
}

/** As people read it. */
export function spelledScope({ scope, esp_id, zone_id, gpio }: Scope): string {
  if (scope === 'all') return 'everything'
  if (scope === 'zone') return `zone ${zone_id}`
  return scope === 'device' ? `device ${esp_id}` : `GPIO ${gpio} of ${esp_id}`
}
