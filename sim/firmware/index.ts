/** The table of what a device listens to, and finding the entry of a topic. Paket G of the seed is in it. */
import { matcher } from '../../routing/contract/topics.js'
import { authUpdate } from './auth-update.js'
import { broadcast } from './broadcast.js'
import { command } from './command.js'
import { config } from './config.js'
import { emergency } from './emergency.js'
import type { Hearing } from './hearing.js'
import { heartbeatAck } from './heartbeat-ack.js'
import { sensorCommand } from './sensor-command.js'
import { serverStatus } from './server-status.js'
import { subzoneAssign, subzoneRemove, subzoneSafe } from './subzone.js'
import { systemCommand } from './system-command.js'
import { zone } from './zone.js'

export const hearings: readonly Hearing[] = [
  command,
  emergency,
  broadcast,
  heartbeatAck,
  config,
  zone,
  subzoneAssign,
  subzoneRemove,
  subzoneSafe,
  sensorCommand,
  systemCommand,
  serverStatus,
  authUpdate,
]

const table = hearings.map((entry) => ({ entry, match: matcher<string>(entry.topic) }))

/** The entry of a literal topic, with its levels; undefined when the device does not know it. */
export function findHearing(
  topic: string,
): { entry: Hearing; levels: Record<string, string | number> } | undefined {
  for (const { entry, match } of table) {
    const levels = match(topic)
    if (levels) return { entry, levels }
  }
  return undefined
}

/** What a device subscribes to. */
export const filtersOf = (kaiser_id: string, esp_id: string): string[] =>
  hearings.map(({ topic }) =>
    topic.replace('{kaiser_id}', kaiser_id).replace('{esp_id}', esp_id).replace('{gpio}', '+'),
  )
