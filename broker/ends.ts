/** Why connections end: what Aedes or the socket says, as a code; each connection tells once. */
import type { Client } from 'aedes'
import type { CodeName, Report } from '../routing/contract/codes.js'
import { boundOf, type Hits } from './hits.js'
import type { Session } from './session.js'
import { Violation } from './violation.js'

/** What a broken connection is called; undefined when it is everyday life, or was reported where it was decided. */
const codeOf = (error: Error & { code?: string }): CodeName | undefined => {
  if (error instanceof Violation) return error.code
  if (error.message === 'topic has too many levels') return 'topic_too_deep'
  if (error.message.startsWith('maxInflightInbound exceeded')) return 'in_flight_full'
  if (error.message === 'connect did not arrive in time') return 'connect_timeout'
  if (error.message === 'keep alive timeout') return 'keepalive_timeout'
  if (error.message === 'drain timeout') return 'drain_timeout'
  if ('returnCode' in error || /forbidden|closed|storage|backlog/i.test(error.message) || error.code)
    return undefined
  return 'protocol_violation'
}

export interface EndsOptions {
  sessionOf: (client: Client) => Session | undefined
  hit: Hits['hit']
  report: Report
}

/** Aedes tells each write that a broken connection still owed; the first one says why it broke. */
export function createEnds({ sessionOf, hit, report }: EndsOptions): (client: Client, error: Error) => void {
  const broken = new WeakSet<Client>()
  return (client, error) => {
    if (broken.has(client)) return
    broken.add(client)
    const session = sessionOf(client)
    const ended = codeOf(error)
    const code = ended === 'keepalive_timeout' && session?.kept_alive ? 'keepalive_ceiling' : ended
    if (!code) return
    const bound = boundOf(code)
    const who = session?.client_id ?? ''
    const fields = { address: session?.address, detail: error.message }
    if (bound) hit(bound, who, fields)
    else report(code, who, fields)
  }
}
