/** How every handler begins of what a device says of itself: a redelivery is counted, and nothing else comes of it. */
import type { Device } from '../../storage/devices.js'
import type { Context } from '../handler.js'
import { type Identity, type IdentityOptions, identityOf } from './facts.js'

/** What of a message makes it that message. */
interface Heard {
  readonly payload: IdentityOptions['said']
  readonly device: Device | undefined
  readonly received_at: number
}

/**
 * Remembers the message by what it says, `words`, and returns its identity; undefined when it came before. Words alone
 * are the same message for `spoken` ms: 0 where the device may well mean the same once more. Inside the group only.
 */
export function firstHeard(
  { facts, duplicate }: Pick<Context, 'facts' | 'duplicate'>,
  { payload, device, received_at }: Heard,
  words: readonly unknown[],
  spoken = 0,
): Identity | undefined {
  const identity = identityOf({ words, said: payload, device, received_at, answers: false, spoken })
  if (facts.before(identity, received_at)) {
    duplicate()
    return undefined
  }
  facts.remember(identity, received_at)
  return identity
}
