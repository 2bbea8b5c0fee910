/** `system/heartbeat/ack`: kaiser is there, and says what it takes the device for. protocol.md §2.6 */
import { toDevice } from '../../routing/contract/topics.js'
import { hearing, textIn } from './hearing.js'

export const heartbeatAck = hearing({
  topic: toDevice.heartbeatAck,
  hear(board, message) {
    board.admission = textIn(message, 'status')
    board.silence.answered()
  },
})
