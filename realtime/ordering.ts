/**
 * How an order to a device over REST ends: written down, told to the device, and answered at once; or, when the
 * client wants to wait, with what the device made of it. It is told only what is on disk.
 */
import type { Effect } from '../routing/effect.js'
import type { Zoning } from '../routing/zones/zoning.js'
import type { Store } from '../storage/store.js'

export interface OrderingOptions {
  store: Store
  now: () => number
  zoning: Zoning
  /** Performs what there is to say. */
  say: (effects: readonly Effect[]) => void
}

interface Given {
  device_id: string
  correlation_id: string
  topic: string
  sent: boolean
  effects: readonly Effect[]
}

/** Says what was ordered and, for at most `wait` seconds, waits for the device; `what` says what was ordered. */
export async function ordered(
  { store, zoning, say }: OrderingOptions,
  { device_id, correlation_id, topic, sent, effects }: Given,
  what: string,
  wait = 0,
) {
  say(effects)
  const outcome =
    wait > 0 && sent ? await zoning.acknowledgements.wait(device_id, correlation_id, wait * 1000) : undefined
  // What the device answered is said when it is on disk, as everywhere.
  if (outcome) await store.group.run(() => {})
  const refused = outcome !== undefined && !outcome.acknowledged
  const ending = !sent
    ? `${device_id} is not there and is told when it is back`
    : outcome?.acknowledged
      ? `${device_id} has done it`
      : refused
        ? `${device_id} did not: ${outcome.reason}`
        : `${device_id} was told${wait > 0 ? ` and did not answer within ${wait} s` : ''}`
  return {
    success: !refused,
    message: `${what}; ${ending}`,
    device_id,
    mqtt_topic: topic,
    mqtt_sent: sent,
    acknowledged: outcome?.acknowledged ?? false,
    correlation_id,
  }
}
