/**
 * What an actuator is now, as REST shows it (rest-contract §10): what its device reported, what is wanted of it, what
 * is on its way, and how much its limits leave.
 */
import Type, { type Static } from 'typebox'
import { desiredOf } from '../routing/actuators/desired.js'
import { formOf } from '../routing/actuators/kinds.js'
import { leftOf } from '../routing/actuators/left.js'
import type { Place } from '../routing/actuators/place.js'
import { isOn, type Surroundings } from '../routing/actuators/surroundings.js'
import type { Actuators } from '../routing/actuators.js'
import { STATES } from '../routing/contract/actuator-payloads.js'
import { Said } from '../routing/contract/said.js'
import type { HistoryRow } from '../storage/actuator-history.js'
import type { ActuatorState } from '../storage/actuator-states.js'
import { CommandBody, type Commanded, commandBody } from './actuator-command-body.js'
import { ActuatorGpio } from './actuator-request.js'
import { Gpio, nullable, Time } from './shapes.js'
import { iso } from './web.js'

const Left = (description: string) => nullable(Type.Integer({ minimum: 0, description }))
const Text = nullable(Type.String())

export const StateBody = Type.Object({
  gpio: ActuatorGpio,
  mode: Type.Enum(['digital', 'pwm', 'servo']),
  state: Type.Enum([...STATES], { description: 'as reported last' }),
  value: Type.Number({ minimum: 0, maximum: 1 }),
  is_active: Type.Boolean(),
  last_command: Text,
  last_command_at: nullable(Time),
  runtime_seconds: nullable(Type.Integer({ description: 'of the run that goes on' })),
  error: Text,
  emergency: Type.String({ description: 'as its device says: normal, active, clearing or resuming' }),
  stale_since: nullable(
    Type.String({ format: 'date-time', description: 'nobody knows whether it still is so' }),
  ),
  stale_reason: nullable(Type.String({ description: 'why nobody knows' })),
  desired: nullable(
    Type.Object(
      {
        value: Type.Number(),
        until: nullable(Time),
        issued_by: Type.String(),
        correlation_id: Type.String(),
      },
      { description: 'what is wanted of it' },
    ),
  ),
  reported_at: nullable(Time),
})

export const LimitsBody = Type.Object({
  max_runtime_seconds: Type.Integer({ description: '0 = no limit' }),
  max_runtime_left: Left('s, of this run or the next; null without a limit'),
  duration_left: Left('s until the command it runs by ends; null when it has no end'),
  override_left: Left('s until rules may act again after a person did'),
  min_off_left: Left('s until it may be switched on again'),
  daily_quota_left: Left('s within 24 h; null without a limit'),
  starts_left: Left('within this hour; null without a limit'),
  emergency_stop: nullable(Type.Object({ reason: Type.String(), issued_by: Type.String() })),
  interlocks: Type.Array(
    Type.Object({ kind: Type.String(), esp_id: Type.String(), gpio: Gpio, is_active: Type.Boolean() }),
  ),
  required_sensors: Type.Array(
    Type.Object({
      esp_id: Type.String(),
      gpio: Gpio,
      sensor_type: Type.String(),
      max_age: Type.Integer({ description: 's' }),
      age: Left('s since its latest reading; null when there was none'),
    }),
  ),
  on: Type.Object(
    {
      possible: Type.Boolean(),
      limit_name: Text,
      detail: Text,
      possible_at: nullable(Time),
    },
    { description: 'what ON would meet now' },
  ),
})

export const StatusBody = {
  esp_id: Type.String(),
  gpio: ActuatorGpio,
  state: StateBody,
  limits: LimitsBody,
  commands: Type.Array(CommandBody, { description: 'that are on their way, oldest first' }),
}

const stateBody = (
  { gpio, kind, config }: Surroundings,
  state: ActuatorState | undefined,
  running: number | null,
  now: number,
): Static<typeof StateBody> => {
  const desired = state && desiredOf(state, now)
  return {
    gpio,
    mode: formOf(kind, config),
    state: state?.state ?? 'unknown',
    value: state?.current_value ?? 0,
    is_active: isOn(state),
    last_command: state?.last_command ?? null,
    last_command_at: iso(state?.last_command_at ?? null),
    runtime_seconds: running,
    error: state?.error ?? null,
    emergency: state?.emergency ?? 'normal',
    stale_since: iso(state?.stale_since ?? null),
    stale_reason: state?.stale_reason ?? null,
    desired: desired
      ? {
          value: desired.value,
          until: iso(desired.until),
          issued_by: desired.issued_by,
          correlation_id: desired.correlation_id,
        }
      : null,
    reported_at: iso(state?.reported_at ?? null),
  }
}

export function statusBody({ guard, book }: Actuators, place: Place, username: string, now: number) {
  const { esp_id, gpio } = place
  const surroundings = guard.surroundings(place)
  const { state, stop, max_runtime, neighbours, sensors } = surroundings
  const left = leftOf(surroundings)
  const judged = guard.judge({ ...place, command: 'ON', issued_by: `user:${username}` })
  const limits: Static<typeof LimitsBody> = {
    max_runtime_seconds: max_runtime,
    max_runtime_left: left.max_runtime,
    duration_left: left.duration,
    override_left: left.override,
    min_off_left: left.min_off,
    daily_quota_left: left.daily_quota,
    starts_left: left.starts,
    emergency_stop: stop ? { reason: stop.reason, issued_by: stop.issued_by } : null,
    interlocks: neighbours.map((other) => ({
      kind: other.kind,
      esp_id: other.esp_id,
      gpio: other.gpio,
      is_active: other.on,
    })),
    required_sensors: sensors.map((sensor) => ({
      esp_id: sensor.esp_id,
      gpio: sensor.gpio,
      sensor_type: sensor.sensor_type,
      max_age: sensor.max_age,
      age: sensor.age === null ? null : Math.max(Math.floor(sensor.age / 1000), 0),
    })),
    on: judged.passes
      ? { possible: true, limit_name: null, detail: null, possible_at: null }
      : {
          possible: false,
          limit_name: judged.limit,
          detail: judged.detail,
          possible_at: iso(judged.possible_at),
        },
  }
  return {
    esp_id,
    gpio,
    state: stateBody(surroundings, state, left.running, now),
    limits,
    commands: book.unfinished(esp_id, gpio).map(commandBody),
  }
}

export const HistoryEntry = Type.Object({
  id: Type.String(),
  gpio: Gpio,
  actuator_type: Text,
  command_type: Type.String({
    description: 'ON, OFF, PWM, or what was reported, such as ALERT_EMERGENCY_STOP',
  }),
  value: nullable(Type.Number()),
  duration: nullable(Type.Number({ description: 's' })),
  success: nullable(Type.Boolean({ description: 'null while it is on its way' })),
  issued_by: Type.String(),
  error_message: Text,
  error_said: nullable(Type.Object(Said.properties, { description: 'the same by its code' })),
  limit_name: Text,
  state: CommandBody.properties.state,
  correlation_id: Text,
  metadata: Type.Record(Type.String(), Type.Unknown()),
  timestamp: Time,
  sent_at: nullable(Time),
  acknowledged_at: nullable(Time),
  finished_at: nullable(Time),
})

export const historyEntry = (row: HistoryRow | Commanded): Static<typeof HistoryEntry> => ({
  id: String(row.id),
  gpio: row.gpio,
  actuator_type: row.actuator_type,
  command_type: row.command_type,
  value: row.value,
  duration: row.duration,
  success: row.success === null ? null : row.success === 1,
  issued_by: row.issued_by,
  error_message: row.error_message,
  error_said: (JSON.parse(row.command_metadata) as { said?: Said }).said ?? null,
  limit_name: row.limit_name,
  state: row.state,
  correlation_id: row.correlation_id,
  metadata: JSON.parse(row.command_metadata) as Record<string, unknown>,
  timestamp: iso(row.timestamp)!,
  sent_at: iso(row.sent_at),
  acknowledged_at: iso(row.acknowledged_at),
  finished_at: iso(row.finished_at),
})
