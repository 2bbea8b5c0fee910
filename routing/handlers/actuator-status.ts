/**
 * What an actuator is. Remember it, let it end the command it shows to be done, and write into the history what no
 * command of ours explains: a `last_command` of somebody else, or a change without any. A redelivery changes nothing.
 */
import { type ActuatorState, isOn } from '../../storage/actuator-states.js'
import type { Store } from '../../storage/store.js'
import { type Command, fits, isSame, type Report } from '../actuators/book.js'
import { commandFailed, commandReached, lastOf } from '../actuators/command-events.js'
import { desiredOf } from '../actuators/desired.js'
import { identityOf } from '../actuators/facts.js'
import { undoLate } from '../actuators/late.js'
import {
  actuatorStatusEvent,
  become,
  happenedAt,
  hasRoom,
  MOST_ACTUATORS,
  metadataOf,
  shareOf,
  WHOLE_DEVICE,
} from '../actuators/reports.js'
import { ActuatorStatus, STATES } from '../contract/actuator-payloads.js'
import { fromDevice } from '../contract/topics.js'
import { dataSourceOf } from '../data-source.js'
import { type Effect, emit } from '../effect.js'
import { type Context, handler, type Message } from '../handler.js'

type Status = Message<typeof fromDevice.actuatorStatus, ActuatorStatus, true>

const wordOf = (state: boolean | string): string =>
  typeof state === 'string' ? state.toLowerCase() : state ? 'on' : 'off'
const stateOf = (state: boolean | string): (typeof STATES)[number] | undefined =>
  STATES.find((word) => word === wordOf(state))

const reportOf = ({ levels: { esp_id, gpio }, payload }: Status): Report => ({
  esp_id,
  gpio,
  state: stateOf(payload.state)!,
  value: shareOf(payload.value ?? payload.pwm ?? 0),
  last_command: (payload.last_command || payload.command || null)?.toUpperCase() ?? null,
  correlation_id: payload.correlation_id ?? null,
  error: payload.error || null,
})

/** Ends the command that this shows to be done, and those that the device passed over for it. */
function settle(
  { book, audit }: Context,
  { esp_id, gpio }: Report,
  shown: Command,
  error: string | null,
  now: number,
): Effect[] {
  const ended = book.end(shown, { state: error === null ? 'done' : 'failed', error }, now)
  const passed_over = book.passOver(ended, now).map((older) => commandFailed(older, now))
  if (error === null) return [...passed_over, commandReached(ended, now)]
  audit.record(
    {
      event_type: 'actuator_command_failed',
      severity: 'warning',
      source_type: 'esp32',
      source_id: esp_id,
      status: 'failed',
      message: `${esp_id} gpio ${gpio}: ${ended.command_type} failed: ${error}`,
      details: { gpio, command: ended.command_type, issued_by: ended.issued_by },
      correlation_id: ended.correlation_id,
    },
    now,
  )
  return [...passed_over, commandFailed(ended, now)]
}

/** Words that say what it is afterwards. */
const SWITCHES: ReadonlySet<string> = new Set(['ON', 'OFF', 'PWM'])

/** Devices count their time otherwise than we do, by this much, ms. */
const TOLERANCE = 2_000

/** It went off when the time it was given was over. It began when it was told, or when it was seen on. */
function isEnd(
  { actuators }: Context,
  report: Report,
  before: ActuatorState | undefined,
  now: number,
): boolean {
  if (report.state !== 'off' || !before || !isOn(before)) return false
  const { duration } = actuators.guard.surroundings(report).left
  if (duration === undefined) return false
  const until = desiredOf(before, Number.NEGATIVE_INFINITY)?.until ?? Number.POSITIVE_INFINITY
  return duration <= TOLERANCE || until <= now + TOLERANCE
}

/** The word of what happened that no command of ours explains; undefined when nothing did. */
function unexplained(
  context: Context,
  report: Report,
  before: ActuatorState | undefined,
  at: number,
  now: number,
): string | undefined {
  if (isEnd(context, report, before, now)) return undefined
  const { state, value, last_command } = report
  const changed =
    before === undefined ||
    before.state !== state ||
    (state === 'pwm' && !isSame(before.current_value, value))
  // What it said before our last command was done is old, and what it is not was not done just now.
  const isNew =
    last_command !== (before?.last_command ?? null) &&
    at >= (before?.last_command_at ?? 0) &&
    (!SWITCHES.has(last_command ?? '') || fits({ command_type: last_command!, value: null }, report))
  const ours = context.book.recent(report, now)
  if (
    last_command !== null &&
    ours.length === 0 &&
    (isNew || (changed && fits({ command_type: last_command, value: null }, report)))
  )
    return last_command
  // To be off, or unknown, is no news of something nobody knew.
  const isNews = before !== undefined || isOn(report) || state === 'error'
  return changed && isNews && !ours.some((command) => fits(command, report)) ? state.toUpperCase() : undefined
}

/** The same second can hold two changes; what is neither numbered nor the last word is then taken for a third. */
function isRedelivery(
  { facts }: Context,
  identity: ReturnType<typeof identityOf>,
  { actuatorStates }: Store,
  { esp_id, gpio, state, value }: Report,
  at: number,
  now: number,
): boolean {
  if (!facts.before(identity, now)) return false
  const known = actuatorStates.find(esp_id, gpio)
  return (
    identity.exact ||
    known === undefined ||
    Math.abs((known.reported_at ?? 0) - at) >= 1_000 ||
    (known.state === state && isSame(known.current_value, value))
  )
}

/** It is on, and what explains that is over: it came late. */
function late(
  context: Context,
  report: Report,
  before: ActuatorState | undefined,
  shown: Command | undefined,
  now: number,
): Effect[] {
  if (shown || !isOn(report) || (before && isOn(before))) return []
  const ours = context.book.recent(report, now).filter((command) => fits(command, report))
  const last = ours.at(-1)
  return last && ours.every((command) => command.state !== 'done') ? undoLate(context, last, now) : []
}

export const actuatorStatus = handler({
  topic: fromDevice.actuatorStatus,
  payload: ActuatorStatus,
  knownDevice: true,
  urgent: true,
  invalid({ gpio, actuator_type, type, state, value, pwm }) {
    if (actuator_type == null && type == null) return 'actuator_type (or type) is required'
    if (stateOf(state) === undefined) return `state is ${state}; allowed: true, false, ${STATES.join(', ')}`
    if (value == null && pwm == null) return 'value (or pwm) is required'
    return gpio === WHOLE_DEVICE ? `gpio ${WHOLE_DEVICE} is no actuator` : undefined
  },

  handle(context, message) {
    const { store, book, facts, presence, actuators } = context
    const { topic, levels, device, payload, received_at } = message
    const { esp_id, gpio } = levels
    if (!hasRoom(store, esp_id, gpio)) {
      context.findings.note('actuators_full', esp_id, received_at, { gpio })
      return {
        code: 'actuators_full',
        detail: `gpio ${gpio}: ${esp_id} has ${MOST_ACTUATORS} actuators`,
        effects: presence.seen(device, received_at, topic),
      }
    }
    if (payload.ts == null && payload.timestamp == null) context.tolerate('ts_missing', esp_id, received_at)

    const report = reportOf(message)
    const at = happenedAt(payload, received_at)
    const runtime_ms = payload.runtime_ms ?? payload.uptime ?? null
    const identity = identityOf({
      words: ['status', esp_id, gpio, report, runtime_ms, payload.emergency],
      said: payload,
      device,
      received_at,
      answers: false,
      spoken: 0,
    })
    if (isRedelivery(context, identity, store, report, at, received_at)) {
      context.duplicate()
      return presence.seen(device, received_at, topic)
    }
    facts.remember(identity, received_at)

    const { state, value, last_command, error } = report
    const before = store.actuatorStates.find(esp_id, gpio)
    const shown = book.shownBy(report)
    const word = shown ? undefined : unexplained(context, report, before, at, received_at)
    if (before && before.stale_since !== null) actuators.heardAgain({ esp_id, gpio }, received_at)
    const settled = shown ? settle(context, report, shown, error, received_at) : []
    const actuator_type = (payload.actuator_type ?? payload.type)!.toLowerCase()
    const data_source = dataSourceOf(payload, device)
    const next = become(
      store,
      esp_id,
      gpio,
      {
        actuator_type,
        state,
        current_value: value,
        runtime_ms,
        error,
        emergency: payload.emergency?.toLowerCase() || 'normal',
        data_source,
        reported_at: at,
        ...(last_command !== null && { last_command, last_command_at: at }),
        ...(shown && error === null && lastOf(shown, at)),
        // Somebody at the device decided otherwise.
        ...(word !== undefined && last_command !== null && { desired: null }),
      },
      at,
      received_at,
    )
    book.turned(before, next)
    if (word !== undefined)
      context.keep(
        {
          esp_id,
          gpio,
          actuator_type,
          command_type: word,
          value,
          issued_by: 'esp32',
          state: error === null ? 'done' : 'failed',
          success: error === null ? 1 : 0,
          error_message: error,
          timestamp: at,
          finished_at: received_at,
          command_metadata: metadataOf({
            command_source: payload.command_source,
            correlation_id: report.correlation_id,
            ts: payload.ts ?? payload.timestamp,
            seq: payload.seq,
          }),
          data_source,
          fact: identity.lasting ? identity.key : null,
        },
        true,
        received_at,
      )
    return [
      emit(
        'actuator_status',
        actuatorStatusEvent(store, next, device.zone_id, at, {
          command_source: payload.command_source ?? null,
          correlation_id: report.correlation_id ?? shown?.correlation_id ?? null,
          topic,
        }),
      ),
      ...settled,
      ...context.confirm(esp_id, 'states', received_at, topic, [gpio]),
      ...late(context, report, before, shown, received_at),
      ...actuators.look(received_at, [{ esp_id, gpio }]),
      ...presence.seen(device, received_at, topic),
    ]
  },
})
