/** `server/status`, retained: kaiser says that it goes, or is back. protocol.md §1.2 D16 */
import { toDevice } from '../../routing/contract/topics.js'
import { hearing, textIn } from './hearing.js'

export const serverStatus = hearing({
  topic: toDevice.serverStatus,
  hear(board, message) {
    if (textIn(message, 'status') === 'offline') board.silence.left()
    // Whether it is there, its answer says.
    else if (board.state.alone !== null) board.beat()
  },
})
