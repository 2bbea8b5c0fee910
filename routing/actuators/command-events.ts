/** What is told of commands: that one reached a stage, or came to nothing. */
import type { Command } from '../../storage/actuator-history.js'
import type { Said } from '../contract/said.js'
import { type Effect, emit } from '../effect.js'

const about = (command: Command, now: number) => ({
  esp_id: command.esp_id,
  gpio: command.gpio,
  command: command.command_type,
  value: command.value,
  duration: command.duration,
  issued_by: command.issued_by,
  correlation_id: command.correlation_id,
  state: command.state,
  timestamp: now / 1000,
})

export const commandReached = (command: Command, now: number): Effect =>
  emit('actuator_command', about(command, now))

/** What its actuator was told last, and carried out, once it is done: not before it was given, whatever the device's clock says. */
export const lastOf = ({ command_type, timestamp }: Command, at: number) => ({
  last_command: command_type,
  last_command_at: Math.max(at, timestamp),
})

/** Why it came to nothing, by its code; null where its device says why, or nobody. */
const saidOf = ({ command_metadata }: Command): Said | null =>
  (JSON.parse(command_metadata) as { said?: Said }).said ?? null

/** `possible_at`: when it could pass, ms since 1970; null when nobody knows. */
export const commandFailed = (command: Command, now: number, possible_at?: number | null): Effect =>
  emit('actuator_command_failed', {
    ...about(command, now),
    error: command.error_message ?? command.state,
    error_said: saidOf(command),
    limit_name: command.limit_name,
    ...(possible_at !== undefined && { possible_at: possible_at === null ? null : possible_at / 1000 }),
  })
