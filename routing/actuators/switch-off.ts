/**
 * OFF, whatever else happens: for alarms. One command at a time and actuator, so that a device that raises alarm
 * without end is told once until it answers; it goes out before its row is on disk.
 */
import { randomUUID } from 'node:crypto'
import type { Store } from '../../storage/store.js'
import type { ActuatorCommand } from '../contract/actuator-payloads.js'
import { format, toDevice } from '../contract/topics.js'
import type { Publish } from '../device-commands.js'
import type { Effect } from '../handler.js'
import type { Speak } from '../speech.js'
import type { Command, CommandBook } from './book.js'
import { commandFailed, commandReached } from './command-events.js'
import { gpiosOf } from './reports.js'

export interface SwitchOffOptions {
  store: Store
  book: CommandBook
  kaiser_id: string
  publish: Publish
  /** Does anybody listen to this topic? */
  hears: (topic: string) => boolean
  speak: Speak
  /** ms since 1970 */
  now: () => number
}

/** Tells an actuator OFF, or with `gpio` null every one of the device. Never throws. */
export type SwitchOff = (request: { esp_id: string; gpio: number | null; reason: string }) => void

export function createSwitchOff(options: SwitchOffOptions): SwitchOff {
  const { store, book, kaiser_id, publish, hears, speak, now } = options

  const open = (esp_id: string, gpio: number, reason: string): Command | undefined => {
    if (book.unfinished(esp_id, gpio).some(({ command_type }) => command_type === 'OFF')) return undefined
    return book.open(
      {
        correlation_id: randomUUID(),
        esp_id,
        gpio,
        actuator_type: store.actuatorStates.find(esp_id, gpio)?.actuator_type ?? null,
        command_type: 'OFF',
        value: 0,
        duration: 0,
        issued_by: `gate:${reason}`,
      },
      now(),
    )
  }

  /** Leads the command on, as it is by then. */
  const step = (
    { correlation_id }: Command,
    next: (
      command: Command,
      at: number,
    ) => { command: Command; tell: (command: Command, at: number) => Effect },
  ): void =>
    speak(() => {
      const at = now()
      const current = book.find(correlation_id)
      if (!current) return []
      const { command, tell } = next(current, at)
      return command === current ? [] : [tell(command, at)]
    })
  const failed = (command: Command, error: string): void =>
    step(command, (current, at) => ({
      command: book.end(current, { state: 'failed', error }, at),
      tell: commandFailed,
    }))

  const send = (command: Command): void => {
    const { esp_id, gpio, correlation_id, issued_by } = command
    const topic = format(toDevice.actuatorCommand, { kaiser_id, esp_id, gpio })
    // A broker would keep it for whoever is absent, and deliver it when it matters no more.
    if (!hears(topic)) return failed(command, 'the device is not connected')
    const payload = JSON.stringify({
      command: 'OFF',
      value: 0,
      duration: 0,
      timestamp: Math.floor(command.timestamp / 1000),
      correlation_id,
      intent_id: correlation_id,
      issued_by,
    } satisfies ActuatorCommand)
    publish({ topic, payload, qos: 1, retain: false }).then(
      () =>
        step(command, (current, at) => ({
          command: book.advance(current, 'sent', at),
          tell: commandReached,
        })),
      (error: Error) => failed(command, error.message),
    )
  }

  return ({ esp_id, gpio, reason }) => {
    const commands: Command[] = []
    speak(() => {
      for (const each of gpio === null ? gpiosOf(store, esp_id) : [gpio]) {
        const command = open(esp_id, each, reason)
        if (command) commands.push(command)
      }
      return commands.map((command) => commandReached(command, now()))
    })
    for (const command of commands) send(command)
  }
}
