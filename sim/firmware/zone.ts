/** `zone/assign`: which zone it belongs to, kept and acknowledged, with a heartbeat that says so. protocol.md §1.2 D11, §2.8 */
import { fromDevice, toDevice } from '../../routing/contract/topics.js'
import { asked, said } from '../board.js'
import type { WiredBoard } from '../wired-board.js'
import { hearing, type Message, textIn } from './hearing.js'

const ZONE = /^[A-Za-z0-9_-]{0,50}$/

function answer(board: WiredBoard, message: Message, status: string, more: object = {}): void {
  const { zone } = board.state
  board.say(
    fromDevice.zoneAck,
    {},
    {
      ...said(board),
      status,
      zone_id: zone?.zone_id ?? '',
      master_zone_id: zone?.master_zone_id ?? '',
      ...more,
      ...asked(message),
    },
  )
}

export const zone = hearing({
  topic: toDevice.zoneAssign,
  hear(board, message) {
    const zone_id = textIn(message, 'zone_id')
    if (zone_id === undefined || !ZONE.test(zone_id)) {
      answer(board, message, 'error', {
        message: 'zone_id is missing or no name',
        reason_code: 'VALIDATION_ERROR',
      })
      return
    }
    if (zone_id !== board.state.zone?.zone_id) board.state.subzones = {}
    board.state.zone =
      zone_id === ''
        ? null
        : {
            zone_id,
            zone_name: textIn(message, 'zone_name') ?? '',
            master_zone_id: textIn(message, 'master_zone_id') ?? '',
          }
    board.changed()
    answer(board, message, zone_id === '' ? 'zone_removed' : 'zone_assigned')
    board.beat()
  },
  unreadable: (board) => answer(board, {}, 'error', { message: 'Not JSON', reason_code: 'JSON_PARSE_ERROR' }),
})
