/** Topics as the log of messages knows them: each once, with how much of its messages may be kept. */
import { holdsSecrets, isCredentials } from '../routing/contract/secrets.js'
import { filterOf, fromServer, matchesFilter } from '../routing/contract/topics.js'
import { LONGEST_PIECE } from './log-bytes.js'

/** Bytes that are kept of a payload. */
export const EXCERPT = 4_096
/** What is kept of one that may hold secrets: they can only be blanked where it is whole. */
const WHOLE = LONGEST_PIECE
/** Topics remembered; devices repeat the same ones for ever. */
const REMEMBERED = 16_384

const EVENTS = filterOf(fromServer.event)

export interface LogTopic {
  readonly name: string
  /** Bytes that are kept of a payload. */
  readonly keeps: number
  /** Its messages may hold secrets. */
  readonly secret: boolean
  /** It repeats on MQTT what realtime heard. */
  readonly repeats: boolean
}

export function createTopics(): (name: string) => LogTopic {
  const topics = new Map<string, LogTopic>()
  return (name) => {
    const known = topics.get(name)
    if (known) return known
    if (topics.size >= REMEMBERED) topics.clear()
    const secret = holdsSecrets(name)
    const topic = {
      name,
      keeps: isCredentials(name) ? 0 : secret ? WHOLE : EXCERPT,
      secret,
      repeats: name.includes('/event/') && matchesFilter(EVENTS, name),
    }
    topics.set(name, topic)
    return topic
  }
}
