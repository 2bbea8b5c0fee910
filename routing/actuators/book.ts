/**
 * The commands that are on their way: opened once, led from stage to stage, and ended once, by an answer, a state
 * that matches, a newer command, or time. Pure steps on the store; whoever calls them is inside the group. A command
 * is over within its time to live, whatever the clock does, and what is over never changes its end.
 */

import { type Command, isFinal, type NewRow } from '../../storage/actuator-history.js'
import type { ActuatorState } from '../../storage/actuator-states.js'
import type { Store } from '../../storage/store.js'
import { commandSaid } from '../contract/sentences/commands.js'
import { desiredOf } from './desired.js'
import { fits, isNamed, type Report } from './fits.js'

export type { Command } from '../../storage/actuator-history.js'
export { fits, isSame, type Report } from './fits.js'

/** How long a device may take to take a command and to answer it, ms. */
export const TIME_TO_LIVE = 30_000

export interface NewCommand
  extends Pick<NewRow, 'esp_id' | 'gpio' | 'command_type' | 'issued_by'>,
    Partial<Pick<NewRow, 'actuator_type' | 'value' | 'duration' | 'data_source' | 'command_metadata'>> {
  correlation_id: string
  /** ms; 30 s when it is not given */
  time_to_live?: number
}

/** How a command ends. */
export interface End {
  state: 'done' | 'failed' | 'expired' | 'superseded'
  error?: string | null
  /** Identity of the answer that ends it. */
  fact?: string | null
  /** Put beside what the row carries already. */
  metadata?: object
}

/** What a device said that may be about a command. */
export interface Answer {
  esp_id: string
  gpio: number
  command: string
  correlation_id: string | null
}

export interface CommandBook {
  /** A new command, `pending`. Throws when its id is taken. */
  open(command: NewCommand, now: number): Command
  /** A command that a limit refused: it is over at once. */
  refuse(command: NewCommand, limit_name: string, error: string, now: number): Command
  /** It was written to the device's connection, or acknowledged there. Never goes back, never wakes what is over. */
  advance(command: Command, state: 'sent' | 'acknowledged', now: number): Command
  /** It leaves now, with so many seconds; what becomes of it is known when it is written to the device's connection. */
  leave(command: Command, duration: number | null): Command
  /** It was handed to the broker for its device: nothing takes it back any more. */
  told(command: Command): void
  /** It left, or may have: it was told a moment ago, or kaiser was killed before anybody knew. */
  mayHaveLeft(command: Command): boolean
  /** It is over; what was over already keeps its end and takes only fact and metadata. */
  end(command: Command, end: End, now: number): Command
  /** The command with this id, unfinished or over for less than ten minutes. */
  find(correlation_id: string): Command | undefined
  /** The same, however long it is over; not where the disk cannot be read now. */
  recall(correlation_id: string): Command | undefined
  /** Unfinished commands of an actuator, oldest first. */
  unfinished(esp_id: string, gpio: number): Command[]
  /** Older ones that the device had taken before this was given, and passed over: they are over; returns them. */
  passOver(done: Command, now: number): Command[]
  /** The command a response answers: by id, else the oldest of this device, gpio and word that it did not pass over. */
  answeredBy(answer: Answer): Command | undefined
  /** The unfinished command that a reported state shows to be done, or with an error to have failed. */
  shownBy(report: Report): Command | undefined
  /** Commands of ours that a report may be about: the one it names, else those on their way or over for less than a life; none that explained what is over. */
  recent(report: Report, now: number): Command[]
  /** It is something else than before: what was done before explains no report of what comes now. */
  turned(before: ActuatorState | undefined, after: ActuatorState): void
  /** What would switch it on is over; returns what was. */
  cancel(esp_id: string, gpio: number, reason: string, now: number): Command[]
  /** Whose time is up is over, by the wall clock or by a better one; returns them. */
  expire(now: number, isDue?: (command: Command) => boolean): Command[]
}

const ORDER = { pending: 0, sent: 1, acknowledged: 2 } as const
/** Until when a device may have acted on it, ms since 1970: until it answered, or until nobody waited any more. */
export const mayStillAct = ({ state, fact, timestamp, sent_at, finished_at }: Command): number => {
  const left = sent_at ?? timestamp
  return state === 'done' || fact !== null ? left : (finished_at ?? Number.POSITIVE_INFINITY)
}

interface Metadata {
  readonly leaves?: boolean
  readonly batch?: string
}
const batchOf = ({ command_metadata }: Command): string | undefined =>
  (JSON.parse(command_metadata) as Metadata).batch

/** The device had taken it, and said nothing of it until the next one was given. */
const isPassedOver = (older: Command, newer: Command): boolean => {
  const { state, acknowledged_at } = older
  if (state !== 'acknowledged' || acknowledged_at === null || acknowledged_at >= newer.timestamp) return false
  const batch = batchOf(older)
  return batch === undefined || batch !== batchOf(newer)
}

/** What is said of one of these without its id is about the oldest that was not passed over. */
const nextOf = (commands: readonly Command[]): Command | undefined =>
  commands.find((command, n) => !commands.slice(n + 1).some((newer) => isPassedOver(command, newer)))

export function createBook({
  actuatorHistory,
  actuatorStates,
}: Pick<Store, 'actuatorHistory' | 'actuatorStates'>): CommandBook {
  const isUnfinished = (command: Command): boolean => !isFinal(command)
  const unfinished: CommandBook['unfinished'] = (esp_id, gpio) =>
    actuatorHistory.list(esp_id, gpio).filter(isUnfinished)

  /** Those that were about to leave when kaiser was killed. */
  const inherited = new Set(
    actuatorHistory
      .list()
      .filter(({ command_metadata }) => (JSON.parse(command_metadata) as Metadata).leaves)
      .map(({ correlation_id }) => correlation_id),
  )
  /** Those in memory that were told; their rows say so a turn later, unless they are over by then. */
  const told = new Set<string>()
  /** Those in memory that were done, and what they did is over. */
  const spent = new Set<string>()
  const mayHaveLeft = ({ sent_at, correlation_id }: Command): boolean =>
    sent_at !== null || told.has(correlation_id) || inherited.has(correlation_id)
  /** A device may have acted on it. */
  const mayHaveActed = (command: Command): boolean =>
    command.state === 'done' || (command.state !== 'refused' && mayHaveLeft(command))

  const rowOf = (
    { time_to_live = TIME_TO_LIVE, ...command }: NewCommand,
    now: number,
  ): NewRow & { correlation_id: string } => ({
    ...command,
    command_type: command.command_type.toUpperCase(),
    state: 'pending',
    timestamp: now,
    expires_at: now + time_to_live,
  })

  const recall: CommandBook['recall'] = (correlation_id) =>
    actuatorHistory.find(correlation_id) ?? rowOfOld(actuatorHistory, correlation_id)

  /** What came to nothing is not wanted any more, and not told again later; only to be off stays wanted. */
  const unwant = ({ esp_id, gpio, correlation_id }: Command, now: number): void => {
    const state = actuatorStates.find(esp_id, gpio)
    const desired = state && desiredOf(state, now)
    if (desired && desired.value > 0 && desired.correlation_id === correlation_id)
      actuatorStates.upsert(esp_id, gpio, { desired: null }, now)
  }

  const end: CommandBook['end'] = (command, { state, error = null, fact, metadata }, now) => {
    const besides = {
      ...(fact != null && { fact }),
      ...(metadata && {
        command_metadata: JSON.stringify({
          ...(JSON.parse(command.command_metadata) as object),
          ...metadata,
        }),
      }),
    }
    if (isFinal(command))
      return Object.keys(besides).length === 0 ? command : actuatorHistory.update(command, besides)
    if (state !== 'done') unwant(command, now)
    return actuatorHistory.update(command, {
      ...besides,
      state,
      success: state === 'done' ? 1 : 0,
      error_message: error,
      finished_at: now,
    })
  }

  /** A clock that was put back makes a command's rest no longer than its whole life. */
  const isOver = ({ expires_at, timestamp }: Command, now: number): boolean =>
    expires_at !== null && (now >= expires_at || expires_at - now > expires_at - timestamp)

  return {
    open: (command, now) => actuatorHistory.insert(rowOf(command, now)),
    refuse: (command, limit_name, error, now) =>
      actuatorHistory.insert({
        ...rowOf(command, now),
        state: 'refused',
        success: 0,
        limit_name,
        error_message: error,
        finished_at: now,
      }),
    advance(command, state, now) {
      if (isFinal(command) || ORDER[command.state as keyof typeof ORDER] >= ORDER[state]) return command
      return actuatorHistory.update(command, {
        state,
        ...(state === 'sent' ? { sent_at: now } : { acknowledged_at: now }),
      })
    },
    leave(command, duration) {
      const metadata = JSON.parse(command.command_metadata) as Metadata
      if (metadata.leaves && command.duration === duration) return command
      const command_metadata = JSON.stringify({ ...metadata, leaves: true })
      return actuatorHistory.update(command, { duration, command_metadata })
    },
    told: ({ correlation_id }) => void told.add(correlation_id),
    mayHaveLeft,
    end,
    find: actuatorHistory.find,
    recall,
    unfinished,
    passOver: (done, now) =>
      unfinished(done.esp_id, done.gpio)
        .filter((older) => older.id < done.id && isPassedOver(older, done))
        .map((older) =>
          end(older, { state: 'superseded', error: `superseded by ${done.correlation_id}` }, now),
        ),
    answeredBy({ esp_id, gpio, command, correlation_id }) {
      if (correlation_id === null)
        return nextOf(unfinished(esp_id, gpio).filter(({ command_type }) => command_type === command))
      const found = recall(correlation_id)
      return found?.esp_id === esp_id && found.gpio === gpio ? found : undefined
    },
    shownBy(report) {
      const shown = unfinished(report.esp_id, report.gpio).filter((command) => {
        if (!isNamed(command, report)) return false
        const { correlation_id, last_command } = report
        // What has not left cannot have been done.
        if (correlation_id === null && command.state === 'pending') return false
        // It may have been off, or on, before.
        if (command.command_type === 'TOGGLE' && correlation_id === null && last_command === null)
          return false
        return fits(command, report) || (report.error !== null && (correlation_id ?? last_command) !== null)
      })
      return nextOf(shown)
    },
    recent(report, now) {
      const { esp_id, gpio, correlation_id } = report
      if (correlation_id !== null) {
        const named = recall(correlation_id)
        const isOurs = named?.esp_id === esp_id && named.gpio === gpio
        if (!isOurs || spent.has(correlation_id)) return []
        return !isFinal(named) || mayHaveActed(named) ? [named] : []
      }
      return actuatorHistory.list(esp_id, gpio).filter((command) => {
        if (!isNamed(command, report) || spent.has(command.correlation_id)) return false
        if (!isFinal(command)) return true
        const age = now - (command.finished_at ?? now)
        return mayHaveActed(command) && age >= 0 && age <= TIME_TO_LIVE
      })
    },
    turned(before, after) {
      if (!before) return
      const [was, is] = [before, after].map(({ state, current_value }) => ({ state, value: current_value }))
      for (const command of actuatorHistory.list(after.esp_id, after.gpio))
        if (command.state === 'done' && fits(command, was!) && !fits(command, is!))
          spent.add(command.correlation_id)
    },
    cancel: (esp_id, gpio, reason, now) =>
      unfinished(esp_id, gpio)
        .filter(({ command_type }) => command_type !== 'OFF')
        .map((command) => end(command, { state: 'superseded', error: reason }, now)),
    expire(now, isDue = () => false) {
      for (const ids of [told, spent]) for (const id of ids) if (!actuatorHistory.find(id)) ids.delete(id)
      return actuatorHistory
        .list()
        .filter((command) => !isFinal(command) && (isOver(command, now) || isDue(command)))
        .map((command) =>
          command.state === 'acknowledged'
            ? end(command, { state: 'failed', ...saying('not_answered') }, now)
            : end(command, { state: 'expired', ...saying('not_taken') }, now),
        )
    },
  }
}

/** An error of ours, and its code beside it. */
const saying = (code: 'not_answered' | 'not_taken'): Pick<End, 'error' | 'metadata'> => {
  const { sentence, ...said } = commandSaid(code)
  return { error: sentence, metadata: { said } }
}

/** Long over; undefined also where the disk cannot be read now. */
function rowOfOld(actuatorHistory: Store['actuatorHistory'], correlation_id: string): Command | undefined {
  try {
    return actuatorHistory.row(correlation_id) as Command | undefined
  } catch {
    return undefined
  }
}
