/** Whether what a device reports is what a command wanted, and whether it names that command. Pure. */

import type { Command } from '../../storage/actuator-history.js'
import type { ActuatorStateWord } from '../../storage/actuator-states.js'

/** What an actuator was reported to be. */
export interface Report {
  esp_id: string
  gpio: number
  state: ActuatorStateWord
  /** 0 to 1 */
  value: number
  last_command: string | null
  correlation_id: string | null
  error: string | null
}

/** Two values of an 8-bit duty cycle that are the same. */
const STEP = 1 / 255 + 1e-6

/** A reported state is what the command wanted. */
export function fits(
  { command_type, value }: Pick<Command, 'command_type' | 'value'>,
  report: Pick<Report, 'state' | 'value'>,
): boolean {
  const on = report.state === 'on' || report.state === 'pwm'
  if (command_type === 'ON') return on
  if (command_type === 'OFF') return report.state === 'off'
  if (command_type === 'PWM')
    return value === 0 ? report.state === 'off' : on && (value === null || isSame(value, report.value))
  return command_type === 'TOGGLE' && (on || report.state === 'off')
}

/** The same duty cycle, as far as eight bits tell. */
export const isSame = (a: number, b: number): boolean => Math.abs(a - b) <= STEP

/** The report is about this command, if it is about one of ours. */
export const isNamed = (command: Command, { correlation_id, last_command }: Report): boolean =>
  correlation_id === null
    ? last_command === null || command.command_type === last_command
    : command.correlation_id === correlation_id
