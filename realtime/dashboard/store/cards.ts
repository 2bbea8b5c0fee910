/**
 * Which cards the overview shows: one for each device, by name, with its readings and actuators in a
 * steady order. A device that speaks before any list has named it gets a card too.
 */

import type { Device } from '../rest.js'
import type { Actuator } from './actuators.js'
import type { Reading } from './readings.js'

export interface Card {
  device: Device
  readings: Reading[]
  actuators: Actuator[]
}

const unlisted = (device_id: string): Device => ({
  ...{
    device_id,
    name: null,
    status: 'unknown',
    hardware_type: null,
    last_seen: null,
    zone_id: null,
    zone_name: null,
  },
  ...{ heap_free: null, wifi_rssi: null, uptime: null },
  ...{ flapping: false, offline_reason: null, health_status: null },
})

const byText = new Intl.Collator(undefined, { numeric: true }).compare

/** The cards in the order of their names. */
export function cardsOf(
  devices: ReadonlyMap<string, Device>,
  readings: ReadonlyMap<string, Reading>,
  actuators: ReadonlyMap<string, Actuator>,
): Card[] {
  const cards = new Map<string, Card>()
  const cardOf = (esp_id: string, device = unlisted(esp_id)): Card => {
    const card = cards.get(esp_id) ?? { device, readings: [], actuators: [] }
    cards.set(esp_id, card)
    return card
  }
  for (const device of devices.values()) cardOf(device.device_id, device)
  for (const reading of readings.values()) cardOf(reading.esp_id).readings.push(reading)
  for (const actuator of actuators.values()) cardOf(actuator.esp_id).actuators.push(actuator)
  for (const card of cards.values()) {
    card.readings.sort((a, b) => a.gpio - b.gpio || byText(a.key, b.key))
    card.actuators.sort((a, b) => a.gpio - b.gpio)
  }
  const titleOf = ({ device }: Card) => device.name || device.device_id
  return [...cards.values()].sort(
    (a, b) => byText(titleOf(a), titleOf(b)) || byText(a.device.device_id, b.device.device_id),
  )
}
