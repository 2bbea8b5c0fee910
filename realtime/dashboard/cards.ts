/**
 * Which cards the overview shows: one for each device, by name, with its readings in a steady order. A device
 * that speaks before any list has named it gets a card too.
 */
import type { Reading } from './readings.js'
import type { Device } from './rest.js'

export interface Card {
  device: Device
  readings: Reading[]
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
): Card[] {
  const cards = new Map<string, Card>()
  for (const device of devices.values()) cards.set(device.device_id, { device, readings: [] })
  for (const reading of readings.values()) {
    const { esp_id } = reading
    const card = cards.get(esp_id) ?? { device: unlisted(esp_id), readings: [] }
    card.readings.push(reading)
    cards.set(esp_id, card)
  }
  for (const card of cards.values()) card.readings.sort((a, b) => a.gpio - b.gpio || byText(a.key, b.key))
  const titleOf = ({ device }: Card) => device.name || device.device_id
  return [...cards.values()].sort(
    (a, b) => byText(titleOf(a), titleOf(b)) || byText(a.device.device_id, b.device.device_id),
  )
}
