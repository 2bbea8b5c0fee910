/**
 * Whoever may not be here any more is shown out at once, whichever way it was decided: a device that is rejected,
 * removed or put back to waiting, a person who is disabled, deleted, or got another password or role, a token that
 * was logged out or has run out. A device with a new password may stay a moment, to hear it.
 */
import type { Device } from '../storage/devices.js'
import type { Store } from '../storage/store.js'
import type { User } from '../storage/users.js'
import type { CodeName } from './contract/codes.js'
import type { Identity } from './contract/identities.js'
import { isKnown } from './registry.js'

/** How long a device may go on with what it logged in with before, ms. */
export const HANDOVER_MS = 10_000
/** How often tokens are looked at, ms: a connection outlives its token by no more. */
const SWEEP_MS = 1_000

export interface RevocationOptions {
  store: Pick<Store, 'devices' | 'users' | 'revokedTokens'>
  /** Closes the connections of whom this is true; `since` is when they were accepted, ms since 1970. */
  disconnect: (whom: (identity: Identity, since: number) => boolean, code?: CodeName) => unknown
  /** ms since 1970 */
  now: () => number
}

const isOf = (esp_id: string, identity: Identity): boolean =>
  'esp_id' in identity && identity.esp_id === esp_id

const stays = (before: User, after: User | undefined): boolean =>
  after !== undefined &&
  after.is_active === 1 &&
  after.token_version === before.token_version &&
  after.password_hash === before.password_hash &&
  after.role === before.role

/** Begins to watch the store and the time. */
export function createRevocation({ store, now, ...options }: RevocationOptions): { close(): void } {
  // Not within the group that writes the change: a Will may be the last word of a connection that ends.
  const disconnect = (whom: (identity: Identity, since: number) => boolean): void =>
    void setImmediate(() => options.disconnect(whom))

  const deviceChanged = (before: Device | undefined, after: Device | undefined): void => {
    if (!before) return
    const { device_id } = before
    if (!after || after.status === 'rejected' || (isKnown(before) && !isKnown(after)))
      return disconnect((identity) => isOf(device_id, identity))
    if (before.password_hash === after.password_hash) return
    const changed_at = now()
    const end = (): void =>
      void disconnect((identity, since) => isOf(device_id, identity) && since < changed_at)
    setTimeout(end, HANDOVER_MS).unref()
  }

  store.devices.watch((before, after) => {
    // Heartbeats change records all the time and are none of this file's business.
    if (before?.status !== after?.status || before?.password_hash !== after?.password_hash)
      deviceChanged(before, after)
  })
  store.users.watch((before, after) => {
    if (!stays(before, after))
      disconnect((identity) => identity.kind === 'user' && identity.user_id === before.id)
  })
  store.revokedTokens.watch(({ jti }) => {
    disconnect((identity) => identity.kind === 'user' && identity.jti === jti)
  })

  // Not a timer for each: the clock may be set, and a token may live longer than a timer can wait.
  const sweep = (): void => {
    const at = now()
    options.disconnect(
      (identity) =>
        identity.kind === 'user' && identity.expires_at !== undefined && identity.expires_at <= at,
      'token_expired',
    )
  }
  const timer = setInterval(sweep, SWEEP_MS).unref()
  return { close: () => clearInterval(timer) }
}
