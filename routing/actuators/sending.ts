/**
 * A command on its way: said to its device as the firmware reads it, and led from stage to stage as it is written
 * and acknowledged. What is over by the time it would leave does not leave. OFF may be said ahead of its row.
 * protocol.md §1.2 D1
 */
import { randomUUID } from 'node:crypto'
import type { Command } from '../../storage/actuator-history.js'
import { isFinal } from '../../storage/actuator-history.js'
import type { Store } from '../../storage/store.js'
import type { ActuatorCommand } from '../contract/actuator-payloads.js'
import { format, toDevice } from '../contract/topics.js'
import type { Effect } from '../handler.js'
import type { Speak } from '../speech.js'
import type { Life, Tell } from '../tell.js'
import type { CommandBook } from './book.js'
import { commandFailed, commandReached } from './command-events.js'
import { metadataIn } from './commands.js'
import type { Place } from './place.js'

export interface SendingOptions {
  store: Pick<Store, 'actuatorTimers'>
  book: CommandBook
  kaiser_id: string
  tell: Tell
  speak: Speak
  /** ms since 1970 */
  now: () => number
}

/** `stored` false: its row could not be written, and only OFF goes out all the same. Never throws. */
export type SendCommandNow = (correlation_id: string, stored: boolean) => void

export interface Sending {
  readonly send: SendCommandNow
  /**
   * Says OFF before anything else is made of it, and returns the name under which its row is to be opened; undefined
   * when the device does not hear it. `send` then takes up what became of it instead of saying it again.
   */
  off(place: Place, issued_by: string): string | undefined
  /** What was said ahead got no row. */
  forget(correlation_id: string): void
}

/** What was said ahead of its row. */
interface Ahead {
  reached: 'told' | 'sent' | 'acknowledged'
  /** Its row is there: the next stages are written into it. */
  hasRow: boolean
}

export function createSending(options: SendingOptions): Sending {
  const { book, kaiser_id, tell, speak, now } = options
  const { actuatorTimers } = options.store
  /** Leads the command on, as it is by then; tells when that changed it. */
  const step = (
    correlation_id: string,
    next: (command: Command, at: number) => Command,
    event: (command: Command, at: number) => Effect,
  ): void =>
    speak(() => {
      const at = now()
      const current = book.find(correlation_id)
      if (!current) return []
      const command = next(current, at)
      return command === current ? [] : [event(command, at)]
    })
  const reached = (correlation_id: string, state: 'sent' | 'acknowledged'): void =>
    step(correlation_id, (command, at) => book.advance(command, state, at), commandReached)
  /** It never left: what it was to last for, and to keep rules away, is nothing either. */
  const failed = (correlation_id: string, error: string): void =>
    step(
      correlation_id,
      (command, at) => {
        for (const kind of ['duration', 'override'] as const) {
          const timer = actuatorTimers.find(command.esp_id, command.gpio, kind)
          if (timer?.started_at === Math.round(command.timestamp)) actuatorTimers.remove(timer)
        }
        return book.end(command, { state: 'failed', error }, at)
      },
      commandFailed,
    )

  const say = (command: ActuatorCommand & Place, life: Life): boolean => {
    const { esp_id, gpio, ...payload } = command
    const topic = format(toDevice.actuatorCommand, { kaiser_id, esp_id, gpio })
    return tell(esp_id, { topic, payload: JSON.stringify(payload) }, life)
  }

  const ahead = new Map<string, Ahead>()
  /** Its row takes up what became of it so far. */
  const catchUp = (command: Command, said: Ahead): void => {
    const { correlation_id } = command
    ahead.delete(correlation_id)
    said.hasRow = true
    book.told(command)
    if (said.reached !== 'told') reached(correlation_id, 'sent')
    if (said.reached === 'acknowledged') reached(correlation_id, 'acknowledged')
  }

  return {
    off({ esp_id, gpio }, issued_by) {
      const correlation_id = randomUUID()
      const said: Ahead = { reached: 'told', hasRow: false }
      const reach = (stage: 'sent' | 'acknowledged') => (): void => {
        said.reached = stage
        if (said.hasRow) reached(correlation_id, stage)
      }
      const command = { command: 'OFF', value: 0, duration: 0, correlation_id, issued_by } as const
      const told = say(
        { ...command, esp_id, gpio, timestamp: Math.floor(now() / 1000), intent_id: correlation_id },
        { written: reach('sent'), acknowledged: reach('acknowledged') },
      )
      if (!told) return undefined
      ahead.set(correlation_id, said)
      return correlation_id
    },
    forget: (correlation_id) => void ahead.delete(correlation_id),
    send(correlation_id, stored) {
      const command = book.find(correlation_id)
      if (!command || isFinal(command)) return
      const said = ahead.get(correlation_id)
      if (said) return catchUp(command, said)
      const { esp_id, gpio, command_type, duration, issued_by, timestamp } = command
      const value = command.value ?? 0
      if (!stored && value > 0) return failed(correlation_id, 'storage does not take it now')
      const told = say(
        {
          esp_id,
          gpio,
          command: command_type as ActuatorCommand['command'],
          value,
          duration: duration ?? 0,
          timestamp: Math.floor(timestamp / 1000),
          correlation_id,
          intent_id: correlation_id,
          issued_by,
        },
        {
          written: () => reached(correlation_id, 'sent'),
          acknowledged: () => reached(correlation_id, 'acknowledged'),
        },
      )
      if (told) book.told(command)
      else if (!metadataIn(command).waits) failed(correlation_id, 'the device is not connected')
    },
  }
}
