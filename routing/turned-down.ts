/**
 * What becomes of a message the gate turned down: an entry of the audit and a system event. Whoever repeats it does
 * so unheard for a while, because these events are never left out and a script is quick.
 */
import type { DeviceAudit } from './audit.js'
import type { TurnedDown } from './contract/identities.js'
import type { Sender } from './delivery.js'
import { type Effect, emit } from './effect.js'

/** The same from the same is announced again after this long, ms; of more kinds than fit the oldest is forgotten. */
const QUIET = 10_000
const KINDS = 1_000
/** Announced within that time in all. */
const AT_MOST = 20

export function createTurnedDown(
  audit: DeviceAudit,
): (topic: string, sender: Sender, down: TurnedDown, now: number) => readonly Effect[] {
  const told = new Map<string, number>()
  let lately = { since: 0, count: 0 }

  const tells = (what: string, now: number): boolean => {
    if (now - lately.since >= QUIET || now < lately.since) lately = { since: now, count: 0 }
    if (now - (told.get(what) ?? Number.NEGATIVE_INFINITY) < QUIET || lately.count >= AT_MOST) return false
    lately.count++
    told.delete(what)
    told.set(what, now)
    if (told.size > KINDS) told.delete(told.keys().next().value!)
    return true
  }

  return (topic, { client_id, address }, { by, code, detail }, now) => {
    const details = { topic, client_id, by, detail }
    audit.record(
      {
        event_type: 'command_refused',
        severity: 'warning',
        source_type: 'mqtt',
        source_id: by,
        status: 'failed',
        message: `${by} published on ${topic}`,
        error_code: code,
        ip_address: address,
        details,
      },
      now,
    )
    if (!tells(`${by} ${topic}`, now)) return []
    const message = `What ${by} published on ${topic} was not passed on: ${detail}`
    return [emit('system_event', { event_type: 'command_refused', message, details })]
  }
}
