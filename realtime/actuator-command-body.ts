/**
 * A command to an actuator as REST knows one: what people ask, what they are answered (rest-contract §10), and a
 * command with every stage it went through. Values are 0 to 1, times ISO 8601.
 */
import Type, { type Static } from 'typebox'
import type { Wish } from '../routing/actuators/gate.js'
import { COMMANDS, LONGEST } from '../routing/actuators/order.js'
import { STAGES } from '../routing/contract/actuator-events.js'
import { Said } from '../routing/contract/said.js'
import { type HistoryRow, isFinal } from '../storage/actuator-history.js'
import { ActuatorGpio } from './actuator-request.js'
import { Gpio, given, nullable, Time } from './shapes.js'
import { iso } from './web.js'

/** A warning by its code; one without words of its own, such as of a field that is not known, stands only above. */
const WarningDetail = Type.Object({
  ...Said.properties,
  sentence: Type.String({ description: 'as it stands in `safety_warnings`' }),
})
type WarningDetail = Static<typeof WarningDetail>
const WarningDetails = Type.Array(WarningDetail, { description: 'the same by their codes and facts' })

const Share = Type.Number({ minimum: 0, maximum: 1 })
const Stage = Type.Enum([...STAGES])
export const CorrelationId = Type.String({ minLength: 1, maxLength: 100, description: 'names one command' })

export const CommandRequest = {
  command: Type.String({
    description: `${COMMANDS.join(', ')}, in any case; TOGGLE is the opposite of what was reported`,
  }),
  value: given(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'for PWM; ON is the highest, OFF is 0 whatever stands here',
    }),
  ),
  pwm: given(Type.Number({ minimum: 0, maximum: 1, description: 'another word for value' })),
  duration: given(
    Type.Number({ minimum: 0, maximum: LONGEST, description: 's; 0 (default) = as long as it may be on' }),
  ),
  wait: given(
    Type.Number({
      minimum: 0,
      maximum: 86_400,
      description: 's it may wait for a device that is away; without it such a command fails',
    }),
  ),
  correlation_id: given(
    Type.String({
      pattern: '^[A-Za-z0-9_.:-]{1,100}$',
      description:
        'the name it is to have, so that asking twice is one command: the same wish again is answered with what became of it, another one is refused; without it kaiser gives one',
    }),
  ),
}
/** A field of another name is refused: a misspelt duration must not become a longer one. */
export const strict = { additionalProperties: false }
const One = Type.Object(CommandRequest)
export type CommandRequest = Static<typeof One>

/** As the gate takes it. */
export const wishOf = (
  { esp_id, gpio }: { esp_id: string; gpio: number },
  { command, value, pwm, duration }: CommandRequest,
  username: string,
): Wish => ({ esp_id, gpio, command, value, pwm, duration, issued_by: `user:${username}` })

const told = {
  esp_id: Type.String(),
  gpio: ActuatorGpio,
  command: Type.Enum([...COMMANDS], { description: 'as it was asked' }),
  command_type: Type.String({ description: 'what goes out: TOGGLE never does' }),
  value: Share,
  duration: Type.Number({ description: 's after which it goes off; 0 = without end, or OFF' }),
  correlation_id: CorrelationId,
  state: Type.Enum([...STAGES], { description: 'how far it is by now' }),
  expires_at: nullable(Time),
  safety_warnings: Type.Array(Type.String(), { description: 'what is not as it was asked' }),
  warning_details: WarningDetails,
}

export const CommandAnswer = Type.Object({
  success: Type.Boolean({ description: 'false when it has come to nothing by now; `state` says how' }),
  message: Type.String(),
  ...told,
  command_sent: Type.Boolean({ description: 'false while it waits for a device that is away' }),
  acknowledged: Type.Boolean({ description: 'the device has it by now; nobody waits here for that' }),
  stored: Type.Optional(Type.Literal(false, { description: 'done, but not on disk yet: storage fails' })),
})

export const CommandBody = Type.Object({
  correlation_id: CorrelationId,
  esp_id: Type.String(),
  gpio: Gpio,
  actuator_type: nullable(Type.String()),
  command: Type.String({ description: 'as it was asked' }),
  command_type: Type.String({ description: 'what goes out' }),
  value: nullable(Type.Number()),
  duration: nullable(Type.Number({ description: 's' })),
  issued_by: Type.String({ description: 'user:NAME, rule:ID, emergency:NAME, gate:LIMIT, reassert …' }),
  state: Stage,
  is_final: Type.Boolean(),
  success: nullable(Type.Boolean({ description: 'null while it is on its way' })),
  error_message: nullable(Type.String()),
  error_said: nullable(
    Type.Object(Said.properties, {
      description: 'the same by its code; null where the device says it in its own words',
    }),
  ),
  limit_name: nullable(Type.String({ description: 'which limit refused it' })),
  possible_at: nullable(Type.String({ format: 'date-time', description: 'when it could have passed' })),
  safety_warnings: Type.Array(Type.String()),
  warning_details: WarningDetails,
  stages: Type.Array(Type.Object({ state: Stage, at: Time }), { description: 'in order' }),
  timestamp: Time,
  sent_at: nullable(Time),
  acknowledged_at: nullable(Time),
  finished_at: nullable(Time),
  expires_at: nullable(Time),
})

interface Metadata {
  readonly asked?: string
  readonly warnings?: readonly string[]
  readonly warned?: readonly WarningDetail[]
  readonly said?: Said
  readonly possible_at?: number
}
const metadataOf = ({ command_metadata }: HistoryRow): Metadata => JSON.parse(command_metadata) as Metadata

const stagesOf = (row: HistoryRow) => {
  const { state, timestamp, sent_at, acknowledged_at, finished_at } = row
  const reached = [
    // What a limit refused never was on its way.
    { state: 'pending' as const, at: state === 'refused' ? null : timestamp },
    { state: 'sent' as const, at: sent_at },
    { state: 'acknowledged' as const, at: acknowledged_at },
    ...(isFinal(row) ? [{ state, at: finished_at }] : []),
  ]
  return reached.flatMap(({ state, at }) => (at === null ? [] : [{ state, at: iso(at)! }]))
}

export type Commanded = HistoryRow & { readonly correlation_id: string }

export function commandBody(row: Commanded): Static<typeof CommandBody> {
  const { asked, warnings = [], warned = [], said = null, possible_at = null } = metadataOf(row)
  return {
    correlation_id: row.correlation_id,
    esp_id: row.esp_id,
    gpio: row.gpio,
    actuator_type: row.actuator_type,
    command: asked ?? row.command_type,
    command_type: row.command_type,
    value: row.value,
    duration: row.duration,
    issued_by: row.issued_by,
    state: row.state,
    is_final: isFinal(row),
    success: row.success === null ? null : row.success === 1,
    error_message: row.error_message,
    error_said: said,
    limit_name: row.limit_name,
    possible_at: iso(possible_at),
    safety_warnings: [...warnings],
    warning_details: [...warned],
    stages: stagesOf(row),
    timestamp: iso(row.timestamp)!,
    sent_at: iso(row.sent_at),
    acknowledged_at: iso(row.acknowledged_at),
    finished_at: iso(row.finished_at),
    expires_at: iso(row.expires_at),
  }
}

/** What is answered to a command that was accepted. */
export function acceptedBody(row: Commanded, stored: boolean) {
  const { command, command_type, safety_warnings, warning_details, state, expires_at } = commandBody(row)
  const { esp_id, gpio, correlation_id } = row
  return {
    esp_id,
    gpio,
    command: command as (typeof COMMANDS)[number],
    command_type,
    value: row.value ?? 0,
    duration: row.duration ?? 0,
    correlation_id,
    state,
    expires_at,
    safety_warnings,
    warning_details,
    ...(!stored && { stored: false as const }),
  }
}

export const Accepted = Type.Object({ ...told, stored: CommandAnswer.properties.stored })
