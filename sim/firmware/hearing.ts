/** What a topic of the firmware is: one file each, one entry of the table in index.ts. */
import type { Levels, toDevice } from '../../routing/contract/topics.js'
import type { WiredBoard } from '../wired-board.js'

export type Template = (typeof toDevice)[keyof typeof toDevice]
/** A message as it came: a JSON object, of which nothing is known yet. */
export type Message = Readonly<Record<string, unknown>>

export interface Hearing<T extends Template = Template> {
  readonly topic: T
  /** Bytes that its queue in the firmware keeps of a message; the rest is cut off. */
  readonly slot?: number
  hear(board: WiredBoard, message: Message, levels: Levels<T>): void
  /** It was no JSON object; without this it is lost. */
  unreadable?(board: WiredBoard, levels: Levels<T>): void
}

/** Forgets which levels an entry has, so that all fit in one table. */
export const hearing = <T extends Template>(entry: Hearing<T>): Hearing => entry as unknown as Hearing

export const textIn = (message: Message, name: string): string | undefined => {
  const value = message[name]
  return typeof value === 'string' ? value : undefined
}
export const numberIn = (message: Message, name: string): number | undefined => {
  const value = message[name]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
/** The command a message names, in upper case; '' when it names none. */
export const wordIn = (message: Message): string =>
  (textIn(message, 'command') ?? textIn(message, 'action') ?? '').trim().toUpperCase()

/** Of a command to an actuator or a sensor: 512 with the NUL at the end, so that correlation ids fit. */
export const COMMAND_SLOT = 511

/** A message that is a JSON object; undefined for all else. */
export function objectIn(payload: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(payload)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Message)
      : undefined
  } catch {
    return undefined
  }
}
