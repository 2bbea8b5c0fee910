/**
 * What became of a command. It ends the command it answers; an answer to no command of ours is kept as unsolicited,
 * also from devices nobody has let in. It is told at once, and a replay changes nothing.
 */
import type { Command } from '../../storage/actuator-history.js'
import { isFinal } from '../../storage/actuator-history.js'
import { TIME_TO_LIVE } from '../actuators/book.js'
import { commandFailed, commandReached, lastOf } from '../actuators/command-events.js'
import { type Identity, identityOf } from '../actuators/facts.js'
import { undoLate } from '../actuators/late.js'
import {
  actuatorStatusEvent,
  become,
  happenedAt,
  hasRoom,
  metadataOf,
  shareOf,
} from '../actuators/reports.js'
import { ActuatorResponse, LOCAL } from '../contract/actuator-payloads.js'
import { fromDevice } from '../contract/topics.js'
import { dataSourceOf } from '../data-source.js'
import { alarm, type Effect, emit } from '../effect.js'
import { type Context, handler, type Message } from '../handler.js'
import { isKnown } from '../registry.js'

type Response = Message<typeof fromDevice.actuatorResponse, ActuatorResponse>

/** A stopped device answers even OFF with no. protocol.md §2.4 */
const STOPPED = /emergency/i

const besidesOf = (payload: ActuatorResponse): Record<string, unknown> => ({
  duration: payload.duration,
  response_message: payload.message,
  zone_id: payload.zone_id,
  response_value: payload.value == null ? null : shareOf(payload.value),
})

/** Ends the command, and those the device passed over for it; what is over already only takes what was said. */
function answer(
  { book }: Context,
  { payload, received_at }: Response,
  command: Command,
  { key, lasting }: Identity,
): Effect[] {
  const { success, message } = payload
  const said = JSON.parse(metadataOf(besidesOf(payload))) as object
  const ended = book.end(
    command,
    {
      state: success ? 'done' : 'failed',
      error: success ? null : (message ?? 'the device says it failed'),
      fact: lasting ? key : null,
      metadata: { ...said, response_success: success, response_at: received_at },
    },
    received_at,
  )
  if (isFinal(command)) return []
  return [
    ...book.passOver(ended, received_at).map((older) => commandFailed(older, received_at)),
    success ? commandReached(ended, received_at) : commandFailed(ended, received_at),
  ]
}

/** An answer to no command of ours is a fact of its own. */
function keep(
  context: Context,
  { levels: { esp_id, gpio }, device, payload, received_at }: Response,
  { key, lasting }: Identity,
): void {
  const { success } = payload
  context.keep(
    {
      esp_id,
      gpio,
      actuator_type: payload.actuator_type?.toLowerCase() ?? null,
      command_type: payload.command.toUpperCase(),
      value: payload.value == null ? null : shareOf(payload.value),
      duration: payload.duration ?? null,
      issued_by: 'esp32',
      state: success ? 'done' : 'failed',
      success: success ? 1 : 0,
      error_message: success ? null : (payload.message ?? null),
      timestamp: happenedAt(payload, received_at),
      finished_at: received_at,
      command_metadata: metadataOf({
        unsolicited: true,
        ...besidesOf(payload),
        correlation_id: payload.correlation_id,
        issued_by: payload.issued_by,
        ts: payload.ts ?? payload.timestamp,
        seq: payload.seq,
      }),
      data_source: dataSourceOf(payload, device ?? esp_id),
      fact: lasting ? key : null,
    },
    isKnown(device),
    received_at,
  )
}

function write(
  { audit, findings }: Context,
  { levels: { esp_id, gpio }, device, payload, received_at }: Response,
  command: Command | undefined,
): void {
  const { success, message } = payload
  const word = payload.command.toUpperCase()
  // Who switched at the device itself is no stranger to be found.
  if (!command && payload.issued_by !== LOCAL && isKnown(device))
    findings.note('response_unsolicited', esp_id, received_at, { gpio, command: word })
  if (command && success) return
  audit.record(
    {
      event_type: 'actuator_response',
      severity: success ? 'info' : 'warning',
      source_type: 'esp32',
      source_id: esp_id,
      status: command ? 'failed' : 'unsolicited',
      message: `${esp_id} gpio ${gpio}: ${word} ${success ? 'done' : 'failed'}${message ? `: ${message}` : ''}`,
      details: { gpio, command: word, success, issued_by: command?.issued_by ?? null },
      correlation_id: payload.correlation_id ?? command?.correlation_id ?? null,
    },
    received_at,
  )
}

/**
 * What it says it did, it is, unless it has said since what it is: its status may be lost, and limits look at what is
 * reported.
 */
function believe(
  { store, book, actuators }: Context,
  {
    topic,
    device,
    payload,
    received_at,
  }: Message<typeof fromDevice.actuatorResponse, ActuatorResponse, true>,
  command: Command,
): Effect[] {
  const { esp_id, gpio, command_type, timestamp } = command
  const before = store.actuatorStates.find(esp_id, gpio)
  const at = happenedAt(payload, received_at)
  if (before) store.actuatorStates.upsert(esp_id, gpio, lastOf(command, at), received_at)
  if (!hasRoom(store, esp_id, gpio) || (before?.reported_at ?? 0) >= timestamp) return []
  const value = command.value ?? 0
  // What was seen on is off when that is seen: a device may nod and not obey.
  if (value === 0 && !(before?.on_since && (before.reported_at ?? 0) < before.on_since)) return []
  const next = become(
    store,
    esp_id,
    gpio,
    {
      state: value === 0 ? 'off' : command_type === 'PWM' ? 'pwm' : 'on',
      current_value: value,
      ...lastOf(command, at),
      data_source: dataSourceOf(payload, device),
    },
    at,
    received_at,
  )
  book.turned(before, next)
  return [
    emit('actuator_status', actuatorStatusEvent(store, next, device.zone_id, at, { topic })),
    ...actuators.look(received_at, [{ esp_id, gpio }]),
  ]
}

export const actuatorResponse = handler({
  topic: fromDevice.actuatorResponse,
  payload: ActuatorResponse,
  knownDevice: false,
  urgent: true,
  invalid: ({ command }) => (command.trim() === '' ? 'command is empty' : undefined),

  handle(context, response) {
    const { book, facts, presence } = context
    const { topic, levels, device, payload, received_at } = response
    const { esp_id, gpio } = levels
    const { success, value, message = null } = payload
    const command = payload.command.toUpperCase()
    const correlation_id = payload.correlation_id ?? null
    const seen = isKnown(device) ? presence.seen(device, received_at, topic) : []
    const identity = identityOf({
      words: ['response', esp_id, gpio, command, success, value, payload.duration, message],
      said: payload,
      device,
      received_at,
      answers: true,
      spoken: TIME_TO_LIVE,
    })
    const answered = book.answeredBy({ esp_id, gpio, command, correlation_id })
    // Words alone may answer the next command as well as they did the one before.
    const isWaiting = answered !== undefined && !isFinal(answered) && !identity.lasting
    if (!isWaiting && facts.before(identity, received_at)) {
      context.duplicate()
      return seen
    }
    facts.remember(identity, received_at)

    const ended = answered ? answer(context, response, answered, identity) : []
    const done = answered && success && isKnown(device)
    const late = done ? undoLate(context, answered, received_at) : []
    const became = done && !isFinal(answered) ? believe(context, { ...response, device }, answered) : []
    if (!answered) keep(context, response, identity)
    write(context, response, answered)
    const stopped = command === 'OFF' && !success && STOPPED.test(message ?? '')
    return [
      alarm('actuator_response', {
        esp_id,
        gpio,
        command,
        value: value == null ? null : shareOf(value),
        duration: payload.duration ?? null,
        success,
        message,
        correlation_id: answered?.correlation_id ?? correlation_id,
        issued_by: answered?.issued_by ?? payload.issued_by ?? null,
        unsolicited: !answered,
        timestamp: happenedAt(payload, received_at) / 1000,
        topic,
      }),
      ...ended,
      ...late,
      ...became,
      ...(done && command === 'OFF' ? context.confirm(esp_id, 'states', received_at, topic, [gpio]) : []),
      ...(stopped && isKnown(device) ? context.confirm(esp_id, 'response', received_at, topic) : []),
      ...seen,
    ]
  },
})
