/**
 * Who may publish and subscribe where: pure functions on identity × topic. Nobody publishes under `$SYS/` or
 * says kaiser's own events; only identities that say so see `$SYS/#`.
 */
import { filterOf, fromServer } from '../routing/contract/topics.js'

export type Identity =
  /** `--allow-anonymous`: an operator's rights, no `$SYS` */
  | { readonly kind: 'anonymous' }
  /** a device: its own branch and the broadcasts */
  | { readonly kind: 'device'; readonly esp_id: string }
  /** a part of kaiser itself */
  | { readonly kind: 'system' }

/** Does a literal topic match a filter? [MQTT-4.7] */
export function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/')
  const levels = topic.split('/')
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === '#') return true
    if (i >= levels.length) return false
    if (wanted[i] !== '+' && wanted[i] !== levels[i]) return false
  }
  return wanted.length === levels.length
}

const EVENTS = filterOf(fromServer.event)
const isEvent = (topic: string): boolean => topic.includes('/event/') && matches(EVENTS, topic)

export function mayPublish(identity: Identity, topic: string, kaiser_id: string): boolean {
  if (topic.startsWith('$')) return false
  if (identity.kind === 'system') return true
  if (isEvent(topic)) return false
  if (identity.kind === 'anonymous') return true
  return topic.startsWith(`kaiser/${kaiser_id}/esp/${identity.esp_id}/`)
}

export function maySubscribe(identity: Identity, filter: string, kaiser_id: string): boolean {
  if (identity.kind === 'system') return true
  if (filter.startsWith('$')) return false
  if (identity.kind === 'anonymous') return true
  return (
    filter.startsWith(`kaiser/${kaiser_id}/esp/${identity.esp_id}/`) || filter.startsWith('kaiser/broadcast/')
  )
}
