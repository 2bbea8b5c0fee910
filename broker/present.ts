/**
 * Whoever is connected, by who they are: says something to one device alone, and shows out those who may not be here
 * any more.
 */
import type { Client } from 'aedes'
import type { CodeName, Report } from '../routing/contract/codes.js'
import type { Identity } from '../routing/contract/identities.js'
import { matchesFilter } from '../routing/contract/topics.js'
import type { Session } from './session.js'

export interface Present {
  enter(client: Client, session: Session): void
  leave(client: Client): void
  /**
   * Says something to those connections of whom this is true and who subscribed to it, at QoS 1, and to nobody else:
   * it is in no queue but theirs and nowhere retained. Returns how many were told.
   */
  confide(whom: (identity: Identity) => boolean, message: { topic: string; payload: string }): number
  /**
   * Closes the connections of whom this is true, at once; says how many. `since`: ms since 1970, when it came. It is
   * reported as `code`, by default `credentials_revoked`.
   */
  disconnect(whom: (identity: Identity, since: number) => boolean, code?: CodeName): number
}

/** Has it subscribed to a filter that matches? */
export const subscribes = (client: Client, topic: string): boolean =>
  Object.keys((client as unknown as { subscriptions: object }).subscriptions).some((filter) =>
    matchesFilter(filter, topic),
  )

/** `now`: ms since 1970 */
export function createPresent(report: Report, now: () => number): Present {
  const present = new Map<Client, { session: Session; since: number }>()
  return {
    enter: (client, session) => void present.set(client, { session, since: now() }),
    leave: (client) => void present.delete(client),
    confide(whom, message) {
      let told = 0
      for (const [client, { session }] of present) {
        const { identity } = session
        if (!client.connected || !identity || !whom(identity) || !subscribes(client, message.topic)) continue
        told++
        client.publish({ cmd: 'publish', dup: false, qos: 1, retain: false, ...message }, () => {})
      }
      return told
    },
    disconnect(whom, code = 'credentials_revoked') {
      const ended = [...present].filter(
        ([client, { session, since }]) =>
          !client.closed && session.identity !== undefined && whom(session.identity, since),
      )
      for (const [client, { session }] of ended) {
        const { client_id, address } = session
        report(code, client_id, { client_id, address })
        client.close()
      }
      return ended.length
    },
  }
}
