/** What is in a recording, before it is played: how much, how long, whose, and whether it is whole. */
import { matchesFilter } from '../../routing/contract/topics.js'
import type { Recorded } from './format.js'
import { readRecording } from './reader.js'
import { whoSaid } from './who-said.js'

export interface Overview {
  /** ms since 1970 */
  readonly started_at: number
  /** ms, to the last message that is played */
  readonly lasts: number
  /** Those to be played, and those of servers that are not. */
  readonly messages: number
  readonly left_out: number
  readonly devices: readonly string[]
  /** Does anybody else say something? */
  readonly others: boolean
  /** The first that is named. */
  readonly kaiser_id: string | undefined
  readonly damage: string | undefined
}

/** Is it among those that were asked for? Without filters, all are. */
export const isAsked = (filters: readonly string[], { topic }: Recorded): boolean =>
  filters.length === 0 || filters.some((filter) => matchesFilter(filter, topic))

/** Throws RecordingError. */
export async function lookThrough(path: string, filters: readonly string[]): Promise<Overview> {
  const reader = readRecording(path)
  const devices = new Set<string>()
  let [messages, left_out, lasts] = [0, 0, 0]
  let others = false
  let kaiser_id: string | undefined
  for await (const message of reader) {
    if (!isAsked(filters, message)) continue
    const sayer = whoSaid(message.topic)
    if (sayer.kind === 'left_out') {
      left_out++
      continue
    }
    messages++
    lasts = Math.max(lasts, message.t)
    if (sayer.kind === 'somebody') others = true
    else {
      devices.add(sayer.esp_id)
      kaiser_id ??= sayer.kaiser_id
    }
  }
  const { started_at } = reader.header!
  return {
    started_at,
    lasts,
    messages,
    left_out,
    devices: [...devices],
    others,
    kaiser_id,
    damage: reader.damage,
  }
}
