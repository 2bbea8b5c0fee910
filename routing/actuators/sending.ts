/**
 * A command on its way: said to its device as the firmware reads it, and led from stage to stage as it is written
 * and acknowledged. What is over by the time it would leave does not leave. protocol.md §1.2 D1
 */
import type { Command } from '../../storage/actuator-history.js'
import { isFinal } from '../../storage/actuator-history.js'
import type { Store } from '../../storage/store.js'
import type { ActuatorCommand } from '../contract/actuator-payloads.js'
import { format, toDevice } from '../contract/topics.js'
import type { Effect } from '../effect.js'
import type { Speak } from '../speech.js'
import type { Tell } from '../tell.js'
import type { CommandBook } from './book.js'
import { commandFailed, commandReached } from './command-events.js'
import { metadataIn } from './commands.js'

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

export function createSending(options: SendingOptions): SendCommandNow {
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

  return (correlation_id, stored) => {
    const command = book.find(correlation_id)
    if (!command || isFinal(command)) return
    const { esp_id, gpio, command_type, duration, issued_by, timestamp } = command
    const value = command.value ?? 0
    if (!stored && value > 0) return failed(correlation_id, 'storage does not take it now')
    const payload = JSON.stringify({
      command: command_type as ActuatorCommand['command'],
      value,
      duration: duration ?? 0,
      timestamp: Math.floor(timestamp / 1000),
      correlation_id,
      intent_id: correlation_id,
      issued_by,
    } satisfies ActuatorCommand)
    const told = tell(
      esp_id,
      { topic: format(toDevice.actuatorCommand, { kaiser_id, esp_id, gpio }), payload },
      {
        written: () => reached(correlation_id, 'sent'),
        acknowledged: () => reached(correlation_id, 'acknowledged'),
      },
    )
    if (told) book.told(command)
    else if (!metadataIn(command).waits) failed(correlation_id, 'the device is not connected')
  }
}
