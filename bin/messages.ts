/** The log of MQTT messages, for those who look: what realtime hears of it, and who may read what. */
import { maySubscribe } from '../broker/access.js'
import type { BrokerLog } from '../broker/message-log.js'
import type { Hub } from '../realtime/hub.js'
import type { Report } from '../routing/contract/codes.js'
import { mqttMessage } from '../routing/mqtt-message.js'
import type { User } from '../storage/users.js'

/** May this person read messages of this topic? Those they may hear. */
export const createMayRead =
  (kaiser_id: string) =>
  ({ id, username, role }: Pick<User, 'id' | 'username' | 'role'>, topic: string): boolean =>
    maySubscribe({ kind: 'user', user_id: id, username, role }, topic, kaiser_id)

const TYPE = 'mqtt_message'
/** What every person may hear; realtime does not ask who listens. */
const forEverybody = createMayRead('')
const ANYBODY = { id: 0, username: '', role: 'viewer' } as const

/** Realtime hears of each message, where somebody asked for it by name: of what everybody may hear. */
export function sayMessages(log: BrokerLog, hub: Pick<Hub, 'emit' | 'wanted'>, report: Report): void {
  log.heard = (id) => {
    try {
      if (!hub.wanted(TYPE)) return
      const topic = log.messages.find(id)?.topic
      if (topic === undefined || !forEverybody(ANYBODY, topic)) return
      const data = mqttMessage(log.messages, id)
      if (data) hub.emit({ type: TYPE, data })
    } catch (error) {
      report('internal_error', TYPE, { err: error })
    }
  }
}
