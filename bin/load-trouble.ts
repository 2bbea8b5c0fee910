/** What does not work in a load, for people. */
import type { Trouble } from '../sim/connection.js'

/** [MQTT-3.2.2.3] */
const REFUSALS: Readonly<Record<string, string>> = {
  'CONNACK 1': 'it does not speak MQTT 3.1.1',
  'CONNACK 2': 'it does not like the client id',
  'CONNACK 3': 'it is not available',
  'CONNACK 4': 'user name or password is wrong',
  'CONNACK 5': 'not authorized',
}

/** What did not work, for people. */
export function troubleText(where: string, esp_id: string, what: Trouble, detail: string): string {
  switch (what) {
    case 'unreachable':
      return `${where} cannot be reached: ${detail || 'no answer'}; tried again after 1 s to 30 s`
    case 'connection_refused':
      return `${where} refuses ${esp_id}: ${REFUSALS[detail] ?? detail}; tried again after 1 s to 30 s`
    case 'subscription_refused':
      return `${where} refuses subscriptions, such as ${detail}`
    case 'packet_too_large':
      return `${esp_id} was sent more than a device takes: ${detail}`
  }
}

/** Whom kaiser has not let in, and what may be done about it. */
export const outsideText = (where: string, { esp_id, status }: { esp_id: string; status: string }): string =>
  `${where} does not let ${esp_id} in (${status}); nothing it says is kept. --register URL registers each of them`
