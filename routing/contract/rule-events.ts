/**
 * What is heard about rules. Names and fields are the original's (protocol.md §5.6): one event for each action of a
 * rule that ran, none for a command that changed nothing. Times are Unix seconds.
 */
import Type, { type Static } from 'typebox'

const Time = Type.Number({ description: 'Unix seconds' })

/** What made a rule look: a reading, or the clock. */
export const RuleTrigger = Type.Union([
  Type.Object({
    esp_id: Type.String(),
    gpio: Type.Integer(),
    sensor_type: Type.String(),
    value: Type.Number(),
    timestamp: Time,
  }),
  Type.Object({
    type: Type.Literal('timer'),
    timestamp: Time,
    rule_id: Type.Union([Type.Integer(), Type.String()]),
  }),
])
export type RuleTrigger = Static<typeof RuleTrigger>

/** A rule acted, or wanted to and could not. */
export const LogicExecutionEvent = Type.Object({
  rule_id: Type.Union([Type.Integer(), Type.String()]),
  rule_name: Type.String(),
  trigger: RuleTrigger,
  action: Type.Record(Type.String(), Type.Unknown(), { description: 'the action, as the rule has it' }),
  success: Type.Boolean(),
  message: Type.String(),
  error_code: Type.Optional(
    Type.String({ description: 'conflict_priority_lost: another rule has the actuator' }),
  ),
  error: Type.Optional(Type.String()),
  conflict: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  timestamp: Time,
  stored: Type.Optional(Type.Literal(false)),
})
export type LogicExecutionEvent = Static<typeof LogicExecutionEvent>
