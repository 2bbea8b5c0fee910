/** `subzone/assign`, `/remove` and `/safe`: groups of its gpios, kept and acknowledged. protocol.md §1.2 D12 to D14, §2.8 */

import { fromDevice, toDevice } from '../../routing/contract/topics.js'
import { SUBZONE_ID } from '../../routing/contract/zone-payloads.js'
import { asked, said } from '../board.js'
import type { WiredBoard } from '../wired-board.js'
import { hearing, type Message, textIn } from './hearing.js'

const NAME = new RegExp(SUBZONE_ID)

function answer(board: WiredBoard, message: Message, status: string, more: object = {}): void {
  const subzone_id = textIn(message, 'subzone_id') ?? ''
  // Without a name of its own an answer is about nothing.
  if (!NAME.test(subzone_id)) return board.fail(2500, 'SERVICE', 'A subzone without a valid name')
  board.say(fromDevice.subzoneAck, {}, { ...said(board), status, subzone_id, ...more, ...asked(message) })
}

const refuse = (
  board: WiredBoard,
  message: Message,
  error_code: number,
  reason_code: string,
  text: string,
): void => answer(board, message, 'error', { error_code, reason_code, message: text })

/** The docs have another word for the list. protocol.md §13 #18 */
const gpiosIn = (message: Message): number[] | undefined => {
  const gpios = message.assigned_gpios ?? message.gpio_pins
  return Array.isArray(gpios) && gpios.every((gpio) => Number.isInteger(gpio) && gpio >= 0 && gpio <= 255)
    ? gpios
    : undefined
}

function say(board: WiredBoard, subzone_id: string): void {
  const subzone = board.state.subzones[subzone_id]
  if (!subzone) return
  const { gpios, safe } = subzone
  board.say(
    fromDevice.subzoneStatus,
    {},
    {
      ...said(board),
      subzone_id,
      active: true,
      sensors_active: board.sensors.all.filter(({ gpio }) => gpios.includes(gpio)).length,
      actuators_active: board.outputs.all.filter(
        ({ gpio }) => gpios.includes(gpio) && board.outputs.outputOf(gpio).value > 0,
      ).length,
      safe_mode: safe,
    },
  )
}

/** What is in it rests, as far as it is safe. */
function keep(board: WiredBoard, subzone_id: string): void {
  const { gpios, safe } = board.state.subzones[subzone_id]!
  if (safe) board.outputs.rest('SAFE_MODE', (gpio) => gpios.includes(gpio))
  board.changed()
}

export const subzoneAssign = hearing({
  topic: toDevice.subzoneAssign,
  hear(board, message) {
    const subzone_id = textIn(message, 'subzone_id') ?? ''
    const gpios = gpiosIn(message)
    const parent = textIn(message, 'parent_zone_id') ?? ''
    const { zone, subzones } = board.state
    if (!gpios) return refuse(board, message, 2504, 'VALIDATION_ERROR', 'assigned_gpios is no list of pins')
    if (!zone || (parent !== '' && parent !== zone.zone_id))
      return refuse(
        board,
        message,
        2502,
        'VALIDATION_ERROR',
        `The device is in zone "${zone?.zone_id ?? ''}"`,
      )
    const taken = Object.entries(subzones).find(
      ([other, { gpios: theirs }]) => other !== subzone_id && theirs.some((gpio) => gpios.includes(gpio)),
    )
    if (taken) return refuse(board, message, 2501, 'VALIDATION_ERROR', `A pin belongs to ${taken[0]}`)
    if (!NAME.test(subzone_id)) return answer(board, message, 'error')
    subzones[subzone_id] = {
      subzone_name: textIn(message, 'subzone_name') ?? '',
      gpios,
      safe: message.safe_mode_active === true,
    }
    answer(board, message, 'subzone_assigned')
    keep(board, subzone_id)
  },
})

export const subzoneRemove = hearing({
  topic: toDevice.subzoneRemove,
  hear(board, message) {
    const subzone_id = textIn(message, 'subzone_id') ?? ''
    if (!Object.hasOwn(board.state.subzones, subzone_id))
      return refuse(board, message, 2503, 'SUBZONE_NOT_FOUND', 'There is no such subzone')
    delete board.state.subzones[subzone_id]
    board.changed()
    answer(board, message, 'subzone_removed')
  },
})

export const subzoneSafe = hearing({
  topic: toDevice.subzoneSafe,
  hear(board, message) {
    const subzone_id = textIn(message, 'subzone_id') ?? ''
    const subzone = Object.hasOwn(board.state.subzones, subzone_id) && board.state.subzones[subzone_id]
    if (!subzone) return refuse(board, message, 2503, 'SUBZONE_NOT_FOUND', 'There is no such subzone')
    subzone.safe = textIn(message, 'action') === 'enable' || message.safe_mode === true
    keep(board, subzone_id)
    say(board, subzone_id)
  },
})
