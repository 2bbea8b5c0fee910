/**
 * What somebody wishes of an actuator, made plain: a word in upper case, a value from 0 to 1, a duration in seconds.
 * TOGGLE becomes the opposite of what was reported. A wish that makes no sense is a request error that names the
 * field and what is allowed; that is the only thing that can stop an OFF.
 */
import { type CommandSaid, commandSaid } from '../contract/sentences/commands.js'
import { refusedField } from '../request-refused.js'
import type { Place } from './place.js'

export const COMMANDS = ['ON', 'OFF', 'PWM', 'TOGGLE'] as const
export type CommandWord = (typeof COMMANDS)[number]

/** As it came in, from wherever. */
export interface Wish extends Place {
  /** In any case. */
  readonly command: string
  /** 0 to 1 */
  readonly value?: number | null | undefined
  /** Another word for `value`. */
  readonly pwm?: number | null | undefined
  /** s; 0 or nothing = as long as it may */
  readonly duration?: number | null | undefined
  /** `user:NAME`, `rule:ID`, … */
  readonly issued_by: string
}

/** A wish that makes sense. */
export interface Order extends Place {
  /** What goes out: TOGGLE never does. */
  readonly command: Exclude<CommandWord, 'TOGGLE'>
  /** What was asked for. */
  readonly asked: CommandWord
  /** 0 to 1; 0 switches off. */
  readonly value: number
  /** s; 0 = as long as it may */
  readonly duration: number
  readonly issued_by: string
  /** What was not taken as it came. */
  readonly warnings: readonly string[]
  /** The same by their codes. */
  readonly warned: readonly CommandSaid[]
}

/** Longest duration of a command, s. */
export const LONGEST = 86_400

/** A rule may not act against a person. */
export const isOfRule = (issued_by: string): boolean => issued_by.startsWith('rule:')
export const isOfPerson = (issued_by: string): boolean => issued_by.startsWith('user:')
/** The person's name. */
export const nameOf = (issued_by: string): string => issued_by.slice('user:'.length)

const isShare = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1

function wordOf(command: unknown): CommandWord {
  const word = typeof command === 'string' ? command.trim().toUpperCase() : ''
  if (COMMANDS.includes(word as CommandWord)) return word as CommandWord
  throw refusedField('command', command, `must be one of ${COMMANDS.join(', ')}`, 'one_of', {
    allowed: COMMANDS.join(', '),
  })
}

function givenValue({ value, pwm }: Wish): number | undefined {
  for (const [name, given] of Object.entries({ value, pwm }))
    if (given != null && !isShare(given))
      throw refusedField(name, given, 'must be a number from 0 to 1', 'share')
  if (value != null && pwm != null) throw refusedField('pwm', pwm, 'give value or pwm, not both')
  return value ?? pwm ?? undefined
}

function durationOf({ duration }: Wish): number {
  if (duration == null) return 0
  if (typeof duration === 'number' && duration >= 0 && duration <= LONGEST) return duration
  throw refusedField(
    'duration',
    duration,
    `must be a number of seconds from 0 to ${LONGEST}; 0 = no end given`,
    'duration_within',
    { most: LONGEST },
  )
}

/** As they are said, and by their codes. */
export const warningsOf = (warned: readonly CommandSaid[]) => ({
  warnings: warned.map(({ sentence }) => sentence),
  warned,
})

/** `on` is what was reported; `full` is the value of ON. Throws RequestRefused. */
export function orderOf(wish: Wish, { on, full }: { on: boolean; full: number }): Order {
  const asked = wordOf(wish.command)
  const given = givenValue(wish)
  const duration = durationOf(wish)
  const command = asked === 'TOGGLE' ? (on ? 'OFF' : 'ON') : asked
  const { esp_id, gpio, issued_by } = wish
  const order = { esp_id, gpio, issued_by, command, asked }
  if (command === 'OFF') {
    const isIgnored = asked === 'OFF' && given !== undefined && given > 0
    const warned = isIgnored ? [commandSaid('off_ignores_value', { value: given })] : []
    return { ...order, value: 0, duration: 0, ...warningsOf(warned) }
  }
  if (command === 'PWM') {
    if (given === undefined) throw refusedField('value', null, 'PWM needs a value from 0 to 1')
    return { ...order, value: given, duration: given === 0 ? 0 : duration, ...warningsOf([]) }
  }
  if (asked === 'ON' && given === 0)
    throw refusedField('value', given, 'ON with value 0 contradicts itself: use OFF')
  const isIgnored = asked === 'ON' && given !== undefined && given !== full && given < 1
  const warned = isIgnored ? [commandSaid('on_ignores_value', { value: given, full })] : []
  return { ...order, value: full, duration, ...warningsOf(warned) }
}
