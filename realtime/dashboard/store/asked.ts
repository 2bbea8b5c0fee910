/**
 * What was asked of each actuator last, and how far it came. It is never taken for what the actuator is: that, only
 * the device reports. A command goes forward only, and one that is under way is not hidden by the end of another.
 */
import { shallowReactive } from 'vue'
import type { EventData } from '../../../routing/contract/events.js'
import type { Said } from '../../../routing/contract/said.js'
import { ApiError } from '../api.js'
import { now } from '../clock.js'
import type { CommandAnswer, CommandRow, Stage } from '../rest-actuators.js'

/** A sentence of the server; without a code it is all there is. */
export interface Warning {
  readonly sentence: string
  readonly said: Said | null
}

export interface Asked {
  correlation_id: string
  command: string
  value: number | null
  issued_by: string
  state: Stage
  /** When it reached that stage, ms. */
  at: number
  error: string | null
  /** The same by its code. */
  error_said: Said | null
  /** Which limit refused it. */
  limit: string | null
  /** When it could pass, ms. */
  possible_at: number | null
  /** Until when it may take, ms. */
  expires_at: number | null
  /** What is not as it was asked. */
  warnings: readonly Warning[]
}

/** By `placeOf`. */
export const asked = shallowReactive(new Map<string, Asked>())

export const placeOf = ({ esp_id, gpio }: { esp_id: string; gpio: number }): string => `${esp_id} ${gpio}`

const STEPS: readonly Stage[] = ['pending', 'sent', 'acknowledged']
/** How many of the three steps before the end are done. */
export const stepOf = (state: Stage): number => {
  const step = STEPS.indexOf(state)
  return step < 0 ? STEPS.length : step
}
export const isOver = ({ state }: Asked): boolean => stepOf(state) === STEPS.length

export const millis = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso))

function offer(place: string, next: Asked): void {
  const known = asked.get(place)
  if (known?.correlation_id === next.correlation_id) {
    const further = stepOf(next.state) >= stepOf(known.state) && !isOver(known) ? next : known
    asked.set(place, {
      ...further,
      error: next.error ?? known.error,
      error_said: next.error_said ?? known.error_said,
      limit: next.limit ?? known.limit,
      possible_at: next.possible_at ?? known.possible_at,
      expires_at: next.expires_at ?? known.expires_at,
      warnings: next.warnings.length > 0 ? next.warnings : known.warnings,
    })
    return
  }
  const isOlder = known && isOver(next) && (!isOver(known) || next.at < known.at)
  if (!isOlder) asked.set(place, next)
}

const seconds = (value: number | null | undefined): number | null => (value == null ? null : value * 1000)

/** Those with a code first; what has none stands among the sentences alone. */
function warningsOf({
  safety_warnings,
  warning_details,
}: Pick<CommandRow, 'safety_warnings' | 'warning_details'>): Warning[] {
  const coded = warning_details.map(({ sentence, code, facts }) => ({ sentence, said: { code, facts } }))
  const plain = safety_warnings.filter((sentence) => !coded.some((one) => one.sentence === sentence))
  return [...coded, ...plain.map((sentence) => ({ sentence, said: null }))]
}

/** A command reached a stage, or came to nothing. */
export function takeCommand(
  event: EventData['actuator_command'] | EventData['actuator_command_failed'],
): void {
  const { correlation_id, command, value, issued_by, state, timestamp } = event
  const { error, error_said, limit_name, possible_at } = event as Partial<
    EventData['actuator_command_failed']
  >
  offer(placeOf(event), {
    ...{ correlation_id, command, value, issued_by, state, at: timestamp * 1000 },
    ...{ error: error ?? null, error_said: error_said ?? null },
    ...{ limit: limit_name ?? null, possible_at: seconds(possible_at) },
    ...{ expires_at: null, warnings: [] },
  })
}

/** The latest command as the list has it. */
export function listedCommand(place: string, row: CommandRow): void {
  const { correlation_id, command_type, value, issued_by, state } = row
  offer(place, {
    ...{ correlation_id, command: command_type, value, issued_by, state },
    at: Date.parse(row.finished_at ?? row.timestamp),
    error: row.error_message,
    error_said: row.error_said ?? null,
    limit: row.limit_name,
    possible_at: millis(row.possible_at),
    expires_at: millis(row.expires_at),
    warnings: warningsOf(row),
  })
}

/** What the server answered to a command of this page. */
export function accepted(place: string, by: string, answer: CommandAnswer): void {
  const { correlation_id, command_type, value, state, expires_at } = answer
  offer(place, {
    ...{ correlation_id, command: command_type, value, issued_by: `user:${by}`, state, at: now.value },
    ...{ error: null, error_said: null, limit: null, possible_at: null },
    ...{ expires_at: millis(expires_at), warnings: warningsOf(answer) },
  })
}

/** The server refused a command of this page and kept it as a row; false when it kept none. */
export function refused(place: string, by: string, command: string, error: unknown): boolean {
  if (!(error instanceof ApiError) || !error.beside.correlation_id) return false
  const { correlation_id, code, detail, error_detail, error_said, limit_name, possible_at } = error.beside
  offer(place, {
    ...{ correlation_id, command, value: null, issued_by: `user:${by}`, at: now.value },
    state: code === 'limit_refused' ? 'refused' : 'failed',
    error: error_detail ?? detail ?? error.message,
    error_said: error_said ?? null,
    limit: limit_name ?? null,
    possible_at: millis(possible_at ?? null),
    expires_at: null,
    warnings: [],
  })
  return true
}
