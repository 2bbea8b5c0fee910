/**
 * A wish that comes again under the name of a command that was given: the same wish is that command, whatever became
 * of it; another one is a mistake that is named. Who asks twice because an answer got lost gives one command.
 */
import type { Command } from '../../storage/actuator-history.js'
import type { Said } from '../contract/said.js'
import { RequestRefused } from '../request-refused.js'
import type { LimitName, Stopped } from './gate.js'
import type { Wish } from './order.js'

interface Metadata {
  readonly asked?: string
  /** s, as it was wished */
  readonly wished?: number
  readonly warnings?: readonly string[]
  readonly possible_at?: number | null
  readonly said?: Said
}
const metadataOf = ({ command_metadata }: Command): Metadata => JSON.parse(command_metadata) as Metadata

/** What of the wish is not as it was, in words; undefined when it is the same. */
export function differenceOf(command: Command, wish: Wish): string | undefined {
  const { asked = command.command_type, wished } = metadataOf(command)
  const word = wish.command.trim().toUpperCase()
  const isPart = word === 'PWM'
  // What a limit refused has its duration as it was wished.
  const duration = wished ?? (command.state === 'refused' ? command.duration : 0) ?? 0
  const parts: readonly (readonly [name: string, was: unknown, is: unknown])[] = [
    ['esp_id', command.esp_id, wish.esp_id],
    ['gpio', command.gpio, wish.gpio],
    ['command', asked, word],
    // Of the others it does not matter.
    ['value', isPart ? command.value : 0, isPart ? (wish.value ?? wish.pwm) : 0],
    ['duration', duration, wish.duration ?? 0],
    ['issued_by', command.issued_by, wish.issued_by],
  ]
  const different = parts.find(([, was, is]) => was !== is)
  return different && `its ${different[0]} was ${different[1]}, not ${different[2]}`
}

/** What the first one was answered with, as far as it has come. Throws RequestRefused when this is another wish. */
export function again(command: Command, wish: Wish) {
  const difference = differenceOf(command, wish)
  const { correlation_id, state, limit_name, error_message } = command
  if (difference)
    throw new RequestRefused('already_exists', `Command ${correlation_id} was given already: ${difference}`)
  const { warnings = [], possible_at = null, said } = metadataOf(command)
  const stopped: Stopped | undefined =
    state === 'refused'
      ? { passes: false, limit: limit_name as LimitName, detail: error_message ?? '', said, possible_at }
      : undefined
  return { command, warnings, stopped, effects: [] }
}
