/** What goes wrong on a mock, said on `system/error`: the same error at most once a minute. protocol.md §1.1 U13, §2.9 */
import { fromDevice } from '../routing/contract/topics.js'
import { type Board, said } from './board.js'
import { uptimeOf } from './vitals.js'

/** ms */
const PAUSE = 60_000
const ERROR = 2

export class Complaints {
  readonly #board: Board
  /** When each was said; made with the first. */
  #said: Map<number, number> | undefined

  constructor(board: Board) {
    this.#board = board
  }

  /** `error_code` is one of the firmware's. */
  say(error_code: number, category: string, message: string): void {
    const board = this.#board
    board.state.errors++
    this.#said ??= new Map()
    const now = board.clock.now()
    if (now - (this.#said.get(error_code) ?? Number.NEGATIVE_INFINITY) < PAUSE) return
    this.#said.set(error_code, now)
    const context = { esp_id: board.esp_id, uptime_ms: uptimeOf(board) * 1000 }
    board.say(
      fromDevice.systemError,
      {},
      { ...said(board), error_code, severity: ERROR, category, message: message.slice(0, 200), context },
    )
  }
}
