/** The list of commands, nothing else. */
import type { Command } from '../command.js'
import { device } from './device.js'
import { estop } from './estop.js'
import { record } from './record.js'
import { replay } from './replay.js'
import { sim } from './sim.js'
import { start } from './start.js'
import { tail } from './tail.js'
import { tls } from './tls.js'
import { token } from './token.js'
import { user } from './user.js'

export const commands: readonly Command[] = [
  start,
  device,
  user,
  token,
  estop,
  tls,
  tail,
  sim,
  record,
  replay,
]
