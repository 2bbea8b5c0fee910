/**
 * The one way a command is given, for everybody: people, rules, stops, limits. It is judged, gets its row, and goes
 * out; what is older and has not left is superseded. Pure steps on the store: whoever calls is inside the group, and
 * performs the effects. OFF leaves before its row is on disk, everything else after.
 */

import type { Command } from '../../storage/actuator-history.js'
import type { AuditEntry } from '../../storage/audit-logs.js'
import type { Store } from '../../storage/store.js'
import type { DeviceAudit } from '../audit.js'
import type { Report } from '../contract/codes.js'
import type { Said } from '../contract/said.js'
import { COMMAND_SAYINGS } from '../contract/sentences/commands.js'
import { type Effect, sendCommand } from '../effect.js'
import { isKnown } from '../registry.js'
import { RequestRefused } from '../request-refused.js'
import type { CommandBook } from './book.js'
import { commandFailed, commandReached } from './command-events.js'
import { desiredText } from './desired.js'
import type { Passed, Stopped } from './gate.js'
import type { Guard } from './guard.js'
import { isOfPerson, nameOf, type Wish } from './order.js'
import { type Place, spelled } from './place.js'
import { again } from './repeated.js'
import { metadataOf } from './reports.js'
import { createResume, type Resume } from './resume.js'
import { isOn } from './surroundings.js'
import { createSwitchingOff, type SwitchingOff } from './switching-off.js'

/** A wish, and how it is to be treated. */
export interface Request extends Wish {
  /** The name it is known by; a new one when it is not given. The same wish under it again is the same command. */
  readonly correlation_id?: string | undefined
  /** It may wait this long for a device that is away, ms. */
  readonly wait?: number | undefined
  /** What has the same word belongs together: none of it supersedes another. */
  readonly batch?: string | undefined
  /** What is to be said of it besides the warnings of the limits. */
  readonly remark?: string | undefined
  /** Where a person asked from. With it the audit keeps each of their commands, however many they are. */
  readonly from?: Pick<AuditEntry, 'ip_address' | 'user_agent' | 'request_id'> | undefined
}

/** What became of it here. What the device does with it, its row tells. */
export interface Issued {
  /** `pending` when it was accepted, else `refused` by a limit, or `failed` because the device is away. */
  readonly command: Command
  readonly warnings: readonly string[]
  /** The limit that refused it. */
  readonly stopped: Stopped | undefined
  readonly effects: readonly Effect[]
}

export interface Commands extends SwitchingOff {
  /** Throws RequestRefused when it makes no sense, or there is no such device or actuator. Inside the group. */
  issue(request: Request, now: number): Issued
  /** The device listens: what waits for it is judged again and goes out, what it did not acknowledge too. Inside the group. */
  readonly resume: Resume
}

export interface CommandsOptions {
  store: Store
  book: CommandBook
  guard: Pick<Guard, 'judge' | 'surroundings'>
  /** Is there a connection that obeys what this device is told? */
  reachable: (esp_id: string) => boolean
  audit: DeviceAudit
  report: Report
}

interface Metadata {
  readonly waits?: boolean
  readonly batch?: string
  readonly asked?: string
  readonly override?: number
  /** Why it came to nothing, by its code. */
  readonly said?: Said
}
/** What a command carries besides its columns. */
export const metadataIn = ({ command_metadata }: Command): Metadata =>
  JSON.parse(command_metadata) as Metadata

const AWAY = COMMAND_SAYINGS.away

export function createCommands(options: CommandsOptions): Commands {
  const { store, book, guard, reachable, audit, report } = options
  const { actuatorStates, actuatorTimers, actuatorConfigs } = store

  const typeOf = ({ esp_id, gpio }: Place): string | null =>
    actuatorConfigs.find(esp_id, gpio)?.actuator_type ??
    actuatorStates.find(esp_id, gpio)?.actuator_type ??
    null

  /** Throws when nobody knows such an actuator. */
  const check = ({ esp_id, gpio }: Place): void => {
    if (!isKnown(store.devices.find(esp_id)))
      throw new RequestRefused('not_found', `Device ${esp_id} is not known`)
    if (!actuatorConfigs.find(esp_id, gpio) && !actuatorStates.find(esp_id, gpio))
      throw new RequestRefused('not_found', `There is no actuator on ${spelled({ esp_id, gpio })}`)
  }

  /** It is what is wanted of the actuator from now on. */
  const want = ({ esp_id, gpio, correlation_id, issued_by }: Command, passed: Passed, now: number): void => {
    if (!actuatorStates.find(esp_id, gpio)) return
    const { value, duration } = passed
    const until = value > 0 && duration > 0 ? now + duration * 1000 : null
    const desired = desiredText({ value, from: now, until, correlation_id, issued_by })
    actuatorStates.upsert(esp_id, gpio, { desired }, now)
  }

  const isRunning = ({ esp_id, gpio }: Place): boolean => isOn(actuatorStates.find(esp_id, gpio))

  /** Timers count from when it goes out; the time that ends a run is kept until it has gone off. */
  const start = ({ esp_id, gpio }: Command, { value, duration, override }: Passed, now: number): void => {
    const started_at = Math.round(now)
    const timer = (kind: 'duration' | 'override', seconds: number): void => {
      const due_at = started_at + Math.round(seconds * 1000)
      actuatorTimers.upsert({ esp_id, gpio, kind, started_at, due_at })
    }
    const before = actuatorTimers.find(esp_id, gpio, 'duration')
    if (value > 0 && duration > 0) timer('duration', duration)
    else if (before && !(value === 0 && isRunning({ esp_id, gpio }))) actuatorTimers.remove(before)
    if (override > 0) timer('override', override)
  }

  /** What is older and has not left never will; nor is what got lost on a line that is dead said again. */
  const supersede = (place: Place, { correlation_id }: Command, batch: string | undefined, now: number) =>
    book
      .unfinished(place.esp_id, place.gpio)
      .filter(
        (older) =>
          (reachable(place.esp_id)
            ? older.state === 'pending' && !book.mayHaveLeft(older)
            : older.state !== 'acknowledged') &&
          older.correlation_id !== correlation_id &&
          (batch === undefined || metadataIn(older).batch !== batch),
      )
      .map((older) =>
        commandFailed(
          book.end(older, { state: 'superseded', error: `superseded by ${correlation_id}` }, now),
          now,
        ),
      )

  const refused = (request: Request, correlation_id: string, stopped: Stopped, now: number): Issued => {
    const { esp_id, gpio, issued_by } = request
    const command_type = request.command.trim().toUpperCase()
    const command = book.refuse(
      {
        correlation_id,
        esp_id,
        gpio,
        actuator_type: typeOf(request),
        command_type,
        value: request.value ?? request.pwm ?? null,
        duration: request.duration ?? null,
        issued_by,
        command_metadata: metadataOf({
          possible_at: stopped.possible_at,
          said: stopped.said,
          batch: request.batch,
        }),
      },
      stopped.limit,
      stopped.detail,
      now,
    )
    note(command, 'warning', `refused by ${stopped.limit}: ${stopped.detail}`, now, request.from)
    const { limit, detail, possible_at } = stopped
    report('limit_refused', esp_id, { gpio, command: command_type, issued_by, limit, detail, possible_at })
    return { command, warnings: [], stopped, effects: [commandFailed(command, now, stopped.possible_at)] }
  }

  const note = (
    command: Command,
    severity: 'info' | 'warning',
    what: string,
    now: number,
    from?: Request['from'],
  ): void => {
    const { esp_id, gpio, command_type, value, duration, issued_by, correlation_id, limit_name } = command
    const said = severity === 'warning' ? metadataIn(command).said : undefined
    const entry: AuditEntry & { source_id: string } = {
      event_type: severity === 'info' ? 'actuator_command' : 'actuator_command_failed',
      severity,
      source_type: isOfPerson(issued_by) ? 'user' : 'system',
      source_id: isOfPerson(issued_by) ? nameOf(issued_by) : issued_by,
      status: severity === 'info' ? 'success' : 'failed',
      message: `${command_type} for ${spelled({ esp_id, gpio })} ${what}`,
      details: {
        esp_id,
        gpio,
        command: command_type,
        value,
        duration,
        issued_by,
        limit_name,
        ...(said && { said }),
      },
      correlation_id,
      ...from,
    }
    if (from) store.auditLogs.insert(entry, now)
    else audit.record(entry, now)
  }

  const open = (request: Request, correlation_id: string, passed: Passed, now: number): Command => {
    const { esp_id, gpio, issued_by, wait, batch } = request
    const asked = request.command.trim().toUpperCase()
    return book.open(
      {
        correlation_id,
        esp_id,
        gpio,
        actuator_type: typeOf(request),
        command_type: passed.command,
        value: passed.value,
        duration: passed.duration,
        issued_by,
        command_metadata: metadataOf({
          asked: asked === passed.command ? undefined : asked,
          wished: request.duration || undefined,
          warnings: passed.warnings.length > 0 ? passed.warnings : undefined,
          warned: passed.warned.length > 0 ? passed.warned : undefined,
          override: passed.override > 0 ? passed.override : undefined,
          waits: wait !== undefined ? true : undefined,
          batch,
        }),
        ...(wait !== undefined && { time_to_live: wait }),
      },
      now,
    )
  }

  /** What goes before it in its batch waits for the disk: OFF does not overtake it. */
  const hasToWait = ({ esp_id, gpio, batch }: Request): boolean =>
    batch !== undefined &&
    book
      .unfinished(esp_id, gpio)
      .some((older) => older.state === 'pending' && metadataIn(older).batch === batch)

  const issue: Commands['issue'] = (request, now) => {
    check(request)
    const correlation_id = request.correlation_id ?? store.uuid()
    const known = request.correlation_id === undefined ? undefined : book.recall(correlation_id)
    if (known) return again(known, request)
    const judgement = guard.judge(request)
    if (!judgement.passes) return refused(request, correlation_id, judgement, now)
    const { remark } = request
    const judged = remark ? { ...judgement, warnings: [...judgement.warnings, remark] } : judgement

    const isBehind = hasToWait(request)
    const isReached = reachable(request.esp_id)
    const opened = open(request, correlation_id, judged, now)
    const command = isReached ? book.leave(opened, opened.duration) : opened
    const { warnings } = judged
    // OFF is wanted all the same when it reaches nobody: it is told when the device is back.
    const isWanted = isReached || request.wait !== undefined || judged.value === 0
    const superseded = isWanted ? supersede(request, command, request.batch, now) : []
    if (isWanted) want(command, judged, now)
    if (isReached) {
      start(command, judged, now)
      note(command, 'info', `by ${command.issued_by}`, now, request.from)
      const sending = sendCommand(command)
      const effects = [
        isBehind ? { ...sending, at_once: false } : sending,
        ...superseded,
        commandReached(command, now),
      ]
      return { command, warnings, stopped: undefined, effects }
    }
    if (request.wait !== undefined) {
      note(command, 'info', `by ${command.issued_by} waits for the device`, now, request.from)
      return { command, warnings, stopped: undefined, effects: [...superseded, commandReached(command, now)] }
    }
    const failed = book.end(
      command,
      { state: 'failed', error: AWAY, metadata: { said: { code: 'away', facts: {} } } },
      now,
    )
    note(failed, 'warning', `failed: ${AWAY}`, now, request.from)
    report('device_offline', request.esp_id, { gpio: request.gpio, command: command.command_type })
    return {
      command: failed,
      warnings,
      stopped: undefined,
      effects: [...superseded, commandFailed(failed, now)],
    }
  }

  const resume = createResume({ store, book, guard, start, note })

  return {
    issue,
    ...createSwitchingOff({ store, book, reachable, typeOf, issue, want, start, note }),
    resume,
  }
}
