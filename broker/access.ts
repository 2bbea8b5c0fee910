/**
 * Who may publish and subscribe where: pure functions on identity × topic. Nobody outside says kaiser's own events
 * or anything under `$SYS/`, and only administrators see that. What devices obey is a second question, asked by the
 * gate (routing/gate.ts) of whoever may publish at all.
 */
import { type Identity, nameOf } from '../routing/contract/identities.js'
import { isCredentials } from '../routing/contract/secrets.js'
import {
  filterOf,
  format,
  fromDevice,
  fromServer,
  matchesFilter,
  toDevice,
} from '../routing/contract/topics.js'

const EVENTS = filterOf(fromServer.event)
const isEvent = (topic: string): boolean => topic.includes('/event/') && matchesFilter(EVENTS, topic)

/** What a server says of itself. Other topics that begin with `$` are what people make of them. [MQTT-4.7.2-1] */
const isOfServer = (topic: string): boolean => topic === '$SYS' || topic.startsWith('$SYS/')

const BROADCASTS = 'kaiser/broadcast/'
/** Every device may know whether its server is there. protocol.md §1.2 D16 */
const isForAll = (filter: string, kaiser_id: string): boolean =>
  filter.startsWith(BROADCASTS) || filter === format(toDevice.serverStatus, { kaiser_id })
const branchOf = (kaiser_id: string, esp_id: string): string => `kaiser/${kaiser_id}/esp/${esp_id}/`

/** What a device that waits for its credentials may say, and what it may hear besides broadcasts. protocol.md §1.6 */
const SAYS_WAITING = [
  fromDevice.heartbeat,
  fromDevice.heartbeatShort,
  fromDevice.deviceStatus,
  fromDevice.sessionAnnounce,
  fromDevice.will,
  fromDevice.authStatus,
]
const HEARS_WAITING = [toDevice.authUpdate, toDevice.heartbeatAck, toDevice.config, toDevice.systemCommand]

const isOneOf = (templates: readonly string[], topic: string, kaiser_id: string, esp_id: string): boolean =>
  topic.startsWith(branchOf(kaiser_id, esp_id)) &&
  templates.some((template) => format<string>(template, { kaiser_id, esp_id } as never) === topic)

/** The deprecated way to ask to be let in: whoever does may name itself only. */
function isOwnDiscovery(topic: string, kaiser_id: string, esp_id: string, payload: Uint8Array): boolean {
  if (topic !== format(fromDevice.discoveryNodes, { kaiser_id })) return false
  try {
    return (
      (JSON.parse(Buffer.from(payload).toString('utf8')) as { esp_id?: unknown } | null)?.esp_id === esp_id
    )
  } catch {
    return false
  }
}

export function mayPublish(
  identity: Identity,
  topic: string,
  payload: Uint8Array,
  kaiser_id: string,
): boolean {
  if (isOfServer(topic)) return false
  if (identity.kind === 'system') return true
  if (isEvent(topic)) return false
  switch (identity.kind) {
    case 'anonymous':
      return true
    case 'user':
      return identity.role !== 'viewer'
    case 'pairing':
      return isOneOf(SAYS_WAITING, topic, kaiser_id, identity.esp_id)
    case 'device':
      return (
        topic.startsWith(branchOf(kaiser_id, identity.esp_id)) ||
        isOwnDiscovery(topic, kaiser_id, identity.esp_id, payload)
      )
  }
}

/** May it subscribe to this filter? With a literal topic: may it hear a message of it? */
export function maySubscribe(identity: Identity, filter: string, kaiser_id: string): boolean {
  if (isOfServer(filter))
    return identity.kind === 'system' || (identity.kind === 'user' && identity.role === 'admin')
  switch (identity.kind) {
    case 'system':
    case 'anonymous':
      return true
    case 'user':
      return identity.role !== 'viewer' || filter.startsWith('kaiser/')
    case 'pairing':
      return isForAll(filter, kaiser_id) || isOneOf(HEARS_WAITING, filter, kaiser_id, identity.esp_id)
    case 'device':
      return isForAll(filter, kaiser_id) || filter.startsWith(branchOf(kaiser_id, identity.esp_id))
  }
}

/**
 * Whose a connection or session is: somebody else with the same client id gets nothing of it. A device is the same
 * one while it pairs and after.
 */
export const ownerOf = (identity: Identity): string =>
  `${identity.kind === 'pairing' ? 'device' : identity.kind} ${nameOf(identity)}`

/** May a message be written down for a session of this owner? Credentials are for nobody but their device. */
export function mayWait(topic: string, owner: string): boolean {
  if (!isCredentials(topic)) return true
  const [, , , esp_id = ''] = topic.split('/')
  return owner === ownerOf({ kind: 'device', esp_id })
}
