/** The names of the events this page has words for; the compiler compares them with the contract. */
import type { EventName } from '../../routing/contract/events.js'

const known: Record<EventName, true> = {
  sensor_data: true,
  esp_health: true,
  device_discovered: true,
  system_event: true,
}

export const events = Object.keys(known)
