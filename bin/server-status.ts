/**
 * `kaiser/{kaiser_id}/server/status`, retained: devices that read `offline`, or lose the connection, fall back on
 * what they can do alone. protocol.md §1.2 D16
 */
import { format, toDevice } from '../routing/contract/topics.js'
import type { Publish } from '../routing/device-commands.js'

export interface ServerStatus {
  online(): Promise<void>
  /** Never rejects: kaiser stops all the same. */
  offline(): Promise<void>
}

export interface ServerStatusOptions {
  kaiser_id: string
  publish: Publish
  /** Other kaisers on the same Redis are the same server: it is not offline when one of them stops. */
  shared: boolean
  /** ms since 1970 */
  now: () => number
}

export function createServerStatus({ kaiser_id, publish, shared, now }: ServerStatusOptions): ServerStatus {
  const say = (status: object): Promise<void> =>
    publish({
      topic: format(toDevice.serverStatus, { kaiser_id }),
      payload: JSON.stringify({ ...status, timestamp: Math.floor(now() / 1000) }),
      qos: 1,
      retain: true,
    })
  return {
    online: () => say({ status: 'online' }),
    offline: shared
      ? async () => {}
      : () => say({ status: 'offline', reason: 'graceful_shutdown' }).catch(() => {}),
  }
}
