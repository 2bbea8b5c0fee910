/**
 * What MQTT 3.1.1 demands of a server, one row per demand: a conversation on raw sockets and what must come of it.
 * Clauses are the standard's own numbers (its appendix B).
 */
import { acknowledging } from './acknowledging.js'
import { answering } from './answering.js'
import { connecting } from './connecting.js'
import type { Demand } from './demand.js'
import { lasting } from './lasting.js'
import { matching, wildcards } from './matching.js'
import { retaining } from './retaining.js'
import { subscribing } from './subscribing.js'
import { wills } from './wills.js'

export const demands: readonly Demand[] = [
  ...connecting,
  ...wills,
  ...acknowledging,
  ...subscribing,
  ...matching,
  ...wildcards,
  ...retaining,
  ...lasting,
  ...answering,
]
