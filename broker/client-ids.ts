/**
 * Whose a client id is. A client takes over the place of an older one of its own [MQTT-3.1.4-2], never that of
 * somebody else: it would throw them out, and end the session that waits for them. Who is refused may use another id.
 */
import type { Identity } from '../routing/contract/identities.js'
import { ownerOf } from './access.js'

const NOBODY_IN_PARTICULAR = ownerOf({ kind: 'anonymous' })

/**
 * Finds who keeps somebody from using a client id; undefined when nobody does. `connected` is who is connected with
 * it, `absent` whose lasting session of that id is kept, as `ownerOf` says it.
 */
export const holderAmong =
  (
    connected: (client_id: string) => Identity | undefined,
    absent: (client_id: string) => string | undefined,
  ) =>
  (client_id: string, identity: Identity): string | undefined => {
    if (identity.kind === 'system') return undefined
    // Its own name is a device's to use, or whoever is quicker could keep it out.
    if ('esp_id' in identity && identity.esp_id === client_id) return undefined
    const owner = ownerOf(identity)
    const live = connected(client_id)
    if (live) return ownerOf(live) === owner ? undefined : ownerOf(live)
    const left = absent(client_id)
    // What nobody in particular left may go: its client got credentials meanwhile, and anybody could have had it.
    return !left || left === owner || left === NOBODY_IN_PARTICULAR ? undefined : left
  }
