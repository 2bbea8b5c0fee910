/** What operations of the command line are given, and how they say no. */
import type { Actuators } from '../routing/actuators.js'
import type { Event } from '../routing/contract/events.js'
import type { Pairing } from '../routing/pairing.js'
import type { Act } from '../routing/speech.js'
import type { Store } from '../storage/store.js'

/** What stops, and lets go again. */
export interface Brake {
  readonly actuators: Pick<Actuators, 'stops' | 'release'>
  readonly act: Act
}

/** What was asked cannot be done; the message says why. */
export class AdminError extends Error {
  override name = 'AdminError'
}

export interface AdminContext {
  store: Store
  now: () => number
  /** Tells the subscribers of a running server. */
  say?: (event: Event) => void
  /** Of a running server. */
  pairing?: Pairing
  /** Of a running server. */
  brake?: Brake
  /** Of a running server: tells every actuator of a device OFF, at once. */
  switchOff?: (esp_id: string, reason: string) => void
  /** What tokens are signed with. */
  secret: () => Uint8Array
}
