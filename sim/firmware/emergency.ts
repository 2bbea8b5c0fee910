/** `actuator/emergency`: stop everything, or one actuator, until it is cleared. protocol.md §1.2 D2, §13 #8 */
import { fromDevice, toDevice } from '../../routing/contract/topics.js'
import { asked, said } from '../board.js'
import type { WiredBoard } from '../wired-board.js'
import { hearing, type Message, numberIn, textIn, wordIn } from './hearing.js'

/** Stops, and says that it did. */
function stop(board: WiredBoard, message: Message, only: number | undefined): void {
  const reason = textIn(message, 'reason') || 'emergency stop'
  const gpio_count = board.outputs.emergencyStop(reason, only, textIn(message, 'correlation_id'))
  board.say(
    fromDevice.emergencyAck,
    {},
    { ...said(board), ...idOf(message), command: 'emergency_stop', gpio_count, outcome: 'executed' },
  )
}

function clear(board: WiredBoard, message: Message, only: number | undefined): void {
  board.outputs.clearEmergency(only, textIn(message, 'correlation_id'))
  board.say(
    fromDevice.recoveryConfirm,
    {},
    { ...said(board), ...idOf(message), command: 'clear_emergency', state: 'cleared' },
  )
}

const idOf = (message: Message): { correlation_id?: string } => {
  const { correlation_id } = asked(message)
  return correlation_id === undefined ? {} : { correlation_id }
}

/** Whoever has no token where one is set is not obeyed; without one everybody is. protocol.md §3.10 */
const isAllowed = (token: string | null, message: Message): boolean =>
  token === null || textIn(message, 'auth_token') === token

/** What is missing or unknown is a stop. */
export function stopOrClear(board: WiredBoard, message: Message, token: string | null): void {
  if (!isAllowed(token, message)) {
    board.fail(3501, 'COMMUNICATION', 'An emergency message without the right token')
    return
  }
  const word = wordIn(message)
  const gpio = numberIn(message, 'gpio')
  if (word === 'SAFE_MODE') {
    board.become('SAFE_MODE', textIn(message, 'reason') || 'safe mode')
    return
  }
  if (word === 'CLEAR_EMERGENCY') clear(board, message, gpio)
  else stop(board, message, gpio)
}

export const emergency = hearing({
  topic: toDevice.actuatorEmergency,
  hear: (board, message) => stopOrClear(board, message, board.state.tokens.esp),
  unreadable: (board) => stopOrClear(board, {}, board.state.tokens.esp),
})
