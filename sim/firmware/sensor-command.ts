/** `sensor/{gpio}/command`: measure now; answered after the reading. protocol.md §1.2 D4, §1.1 U3 */
import { fromDevice, toDevice } from '../../routing/contract/topics.js'
import { asked, said } from '../board.js'
import type { WiredBoard } from '../wired-board.js'
import { COMMAND_SLOT, hearing, type Message, wordIn } from './hearing.js'

function answer(board: WiredBoard, gpio: number, message: Message, success: boolean, more: object): void {
  board.say(
    fromDevice.sensorResponse,
    { gpio },
    {
      ...said(board),
      gpio,
      command: wordIn(message).toLowerCase().slice(0, 64),
      success,
      ...more,
      ...asked(message),
    },
  )
}

export const sensorCommand = hearing({
  topic: toDevice.sensorCommand,
  slot: COMMAND_SLOT,
  hear(board, message, { gpio }) {
    const word = wordIn(message)
    const sensors = board.sensors.on(gpio)
    const first = sensors[0]?.[1]
    if (word !== 'MEASURE')
      return answer(board, gpio, message, false, { message: `Unknown command: ${word.slice(0, 64)}` })
    if (!first) return answer(board, gpio, message, false, { message: `No sensor on GPIO ${gpio}` })
    for (const [key] of sensors) board.sensors.measure(key)
    answer(board, gpio, message, true, { quality: first.quality, sensor_type: first.sensor_type })
  },
  unreadable: (board, { gpio }) => answer(board, gpio, {}, false, { message: 'Not JSON' }),
})
