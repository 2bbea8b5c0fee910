/** `mqtt/auth_update`: credentials to log in with from now on. protocol.md §1.2 D15, §1.1 U26 */
import { fromDevice, toDevice } from '../../routing/contract/topics.js'
import { said } from '../board.js'
import { hearing, textIn } from './hearing.js'

export const authUpdate = hearing({
  topic: toDevice.authUpdate,
  hear(board, message) {
    const username = textIn(message, 'username') ?? ''
    const password = textIn(message, 'password') ?? ''
    const enabled = message.enabled !== false
    const success = !enabled || (username !== '' && password !== '')
    if (success) board.logIn(enabled ? { username, password } : undefined)
    board.say(
      fromDevice.authStatus,
      {},
      {
        ...said(board),
        success,
        mode: enabled ? 'authenticated' : 'anonymous',
        username: username.slice(0, 64),
        error: success ? null : 'username and password are needed',
      },
    )
    if (success && message.force_reconnect === true) board.reconnect()
  },
})
