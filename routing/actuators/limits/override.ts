/** A person goes before a rule: what a person set, no rule changes until that person's override ends. */
import { commandSaid } from '../../contract/sentences/commands.js'
import { isOfRule } from '../order.js'
import { secondsOf } from '../place.js'
import { blockedBy, limit } from './limit.js'

/** How long a person's command keeps rules away when it has no end of its own, s. */
export const OVERRIDE = 3_600

/** How long a person's command keeps rules away, s: as long as it lasts, and an hour when it does not say. */
export const overrideOf = (duration: number | null | undefined): number => duration || OVERRIDE

export const override = limit({
  name: 'override',
  // OFF too: a rule that ends what a person began would be a rule that goes first. Limits and stops are no rules.
  concerns: ({ issued_by }) => isOfRule(issued_by),
  blocks(_order, { left, at }) {
    if (!left.override) return undefined
    const said = commandSaid('override', { left: secondsOf(left.override) })
    return blockedBy(said, Math.ceil(at.now + left.override))
  },
})
