/** `system/heartbeat/ack`: kaiser is there. protocol.md §2.6 */
import { toDevice } from '../../routing/contract/topics.js'
import { hearing } from './hearing.js'

export const heartbeatAck = hearing({
  topic: toDevice.heartbeatAck,
  hear: (board) => board.silence.answered(),
})
