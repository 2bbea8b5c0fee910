/** A board with what is wired to it, as everything knows it that is no part of it. */
import type { Board } from './board.js'
import type { Outputs } from './outputs.js'
import type { Sensors } from './sensors.js'
import type { Silence } from './silence.js'

export interface WiredBoard extends Board {
  readonly sensors: Sensors
  readonly outputs: Outputs
  readonly silence: Silence
}
