/** `kaiser/broadcast/emergency`: the same for every device. protocol.md §1.2 D3 */
import { toDevice } from '../../routing/contract/topics.js'
import { stopOrClear } from './emergency.js'
import { hearing } from './hearing.js'

export const broadcast = hearing({
  topic: toDevice.broadcastEmergency,
  hear: (board, message) => stopOrClear(board, message, board.state.tokens.broadcast),
  unreadable: (board) => stopOrClear(board, {}, board.state.tokens.broadcast),
})
