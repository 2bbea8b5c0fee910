/**
 * Who is connected under which client id. A second connection with the same id takes the first one's place
 * [MQTT-3.1.4-2]; everyday life when a device comes back, a fault in the configuration when it goes on.
 */
import type { Report } from '../routing/contract/codes.js'
import type { Identity } from '../routing/contract/identities.js'
import { fromDevice, matcher } from '../routing/contract/topics.js'
import type { Session } from './session.js'

/** A client that said who it is. */
export interface Arrival {
  readonly client_id: string
  /** The device it is, or says it is: by its credentials, its Will, or its client id. */
  readonly esp_id: string
  /** Where it is, `address:port`. */
  readonly peer: string | null
  /** Where the client was that it threw out; undefined when it threw out nobody. */
  readonly instead_of: string | null | undefined
}

export interface Takeovers {
  /** Who is connected with a client id. */
  holder(client_id: string): Identity | undefined
  /** Somebody said who it is; reports whom it throws out. */
  arrive(session: Session): Arrival
  /** It ended. */
  leave(session: Session): void
}

const willOf = matcher(fromDevice.will)

export function createTakeovers(report: Report): Takeovers {
  const present = new Map<string, Session>()
  return {
    holder: (client_id) => present.get(client_id)?.identity,
    arrive(session) {
      const { client_id, peer, identity, will } = session
      const before = present.get(client_id)
      if (before) {
        before.taken_over = true
        report('session_taken_over', client_id, { client_id, address: peer, instead_of: before.peer })
      }
      present.set(client_id, session)
      const named = identity?.kind === 'device' ? identity.esp_id : undefined
      return {
        client_id,
        esp_id: named ?? (will === undefined ? undefined : willOf(will)?.esp_id) ?? client_id,
        peer,
        instead_of: before ? before.peer : undefined,
      }
    },
    leave(session) {
      if (present.get(session.client_id) === session) present.delete(session.client_id)
    },
  }
}
