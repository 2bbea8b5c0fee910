/**
 * Wills that a killed kaiser left are published soon after the next start [MQTT-3.1.2-8]. Not at once: who is
 * back within a few seconds was hardly gone, and takes its old Will away by connecting. Each goes the way of any
 * message, so that routing hears it and sessions that are away keep it.
 */
import { BEFORE, type Will, type WillPacket, type Wills } from './wills.js'

export interface LastWillsOptions {
  wills: Wills
  /** Hands the Will in like a PUBLISH; resolves when it may be forwarded. */
  handIn: (packet: WillPacket) => Promise<void>
  forward: (packet: WillPacket) => Promise<void>
  failed: (error: unknown, client_id: string) => void
}

/** How long clients have to come back, ms. */
export const GRACE_MS = 5_000
const RETRY_MS = 10_000

/** Returns what stops it. */
export function publishLastWills(options: LastWillsOptions, grace = GRACE_MS): () => void {
  const { wills, handIn, forward, failed } = options
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const publish = async (will: Will): Promise<void> => {
    // A copy without the old broker's name: it is given one of this start on its way.
    const { brokerId: _before, ...packet } = will.packet
    try {
      await handIn(packet)
      if (stopped || wills.find(will.client_id) !== will) return
      await forward(packet)
      wills.remove(will.client_id)
    } catch (error) {
      // Storage fails: it stays and is tried again.
      failed(error, will.client_id)
    }
  }

  const round = async (): Promise<void> => {
    for (const will of wills.all()) {
      if (stopped) return
      if (will.packet.brokerId === BEFORE && wills.find(will.client_id) === will) await publish(will)
    }
    if (!stopped && wills.all().some(({ packet }) => packet.brokerId === BEFORE)) wait(RETRY_MS)
  }

  const wait = (ms: number): void => {
    timer = setTimeout(() => void round(), ms).unref()
  }
  if (wills.all().length > 0) wait(grace)
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
