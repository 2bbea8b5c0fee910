/** `actuator/{gpio}/command`: ON, OFF, PWM or TOGGLE, for a time or for good; every command is answered. protocol.md §1.2 D1 */
import { fromDevice, toDevice } from '../../routing/contract/topics.js'
import { asked, said, zoneOf } from '../board.js'
import type { WiredBoard } from '../wired-board.js'
import { COMMAND_SLOT, hearing, type Message, numberIn, textIn, wordIn } from './hearing.js'

/** What it is to be, 0–1; text when it cannot be. */
function wantedOf(board: WiredBoard, gpio: number, word: string, message: Message): number | string {
  switch (word) {
    case 'ON':
      return 1
    case 'OFF':
      return 0
    case 'TOGGLE':
      return board.outputs.outputOf(gpio).value > 0 ? 0 : 1
    case 'PWM': {
      const value = numberIn(message, 'value') ?? numberIn(message, 'pwm')
      return value !== undefined && value >= 0 && value <= 1 ? value : 'PWM needs a value from 0 to 1'
    }
    default:
      return `Unknown command: ${word}`
  }
}

function answer(board: WiredBoard, gpio: number, message: Message, success: boolean, text: string): void {
  board.say(
    fromDevice.actuatorResponse,
    { gpio },
    {
      ...said(board),
      ...zoneOf(board),
      gpio,
      command: wordIn(message).slice(0, 32) || 'UNKNOWN',
      value: board.outputs.find(gpio) ? board.outputs.outputOf(gpio).value : 0,
      success,
      message: text,
      duration: numberIn(message, 'duration') ?? 0,
      ...asked(message),
    },
  )
}

/** Does it, says what became of it. */
export function obey(board: WiredBoard, gpio: number, message: Message): void {
  const { outputs } = board
  if (!outputs.find(gpio)) return answer(board, gpio, message, false, outputs.refusal(gpio)!)
  const value = wantedOf(board, gpio, wordIn(message), message)
  if (typeof value === 'string') return answer(board, gpio, message, false, value)
  // The firmware that is stopped says no to everything, and OFF is what it is.
  const refusal = value > 0 || board.state.emergency !== null ? outputs.refusal(gpio) : undefined
  if (refusal) return answer(board, gpio, message, false, refusal)
  outputs.set(gpio, {
    value,
    command: wordIn(message),
    duration: Math.max(0, numberIn(message, 'duration') ?? 0),
    correlation_id: textIn(message, 'correlation_id'),
  })
  answer(board, gpio, message, true, 'Command executed')
}

export const command = hearing({
  topic: toDevice.actuatorCommand,
  slot: COMMAND_SLOT,
  hear: (board, message, { gpio }) => obey(board, gpio, message),
  unreadable: (board, { gpio }) => answer(board, gpio, {}, false, 'Not JSON'),
})
