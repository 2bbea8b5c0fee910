/**
 * What a mock is at a moment, as plain JSON: from this and its config it goes on after a restart as if nothing had
 * been. A state that is not whole is refused with the place where it is not.
 */
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import {
  type MockActuator,
  MockActuator as MockActuatorSchema,
  type MockConfig,
  MockSensor,
  OfflineRule,
} from '../routing/contract/mock.js'

const Moment = Type.Integer({ description: 'ms since 1970' })
const Count = Type.Integer({ minimum: 0 })
const Maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** What an actuator is at. */
export const Output = Type.Object({
  value: Type.Number({ minimum: 0, maximum: 1, description: '0 = off' }),
  /** Since when it is on. */
  since: Maybe(Moment),
  /** When it goes off by itself. */
  until: Maybe(Moment),
  /** Of all times it was on before, ms. */
  runtime_ms: Count,
  last_command: Maybe(Type.String()),
  /** It was stopped alone. */
  stopped: Type.Boolean(),
})
export type Output = Static<typeof Output>

const Zone = Type.Object({
  zone_id: Type.String(),
  zone_name: Type.String(),
  master_zone_id: Type.String(),
})

const Subzone = Type.Object({
  subzone_name: Type.String(),
  gpios: Type.Array(Type.Integer()),
  safe: Type.Boolean(),
})

/** What kaiser has told it: a device keeps that in its flash. */
const Pushed = Type.Object({
  sensors: Maybe(Type.Record(Type.String(), MockSensor)),
  actuators: Maybe(Type.Record(Type.String(), MockActuatorSchema)),
  offline_rules: Maybe(Type.Array(OfflineRule)),
  generation: Count,
  config_fingerprint: Maybe(Type.String()),
})

export const MockState = Type.Object({
  /** When it booted. */
  booted_at: Moment,
  boots: Count,
  reset_reason: Type.String(),
  /** How often it has connected since it booted. */
  connects: Count,
  seq: Count,
  system_state: Type.String(),
  /** Why it is stopped; null when it is not. */
  emergency: Maybe(Type.String()),
  /** Why it rests because nobody answers; null when it does not. */
  alone: Maybe(Type.String()),
  errors: Count,
  outputs: Type.Record(Type.String(), Output),
  zone: Maybe(Zone),
  subzones: Type.Record(Type.String(), Subzone),
  pushed: Pushed,
  /** What may stop it, where somebody set that. */
  tokens: Type.Object({ esp: Maybe(Type.String()), broadcast: Maybe(Type.String()) }),
  /** What its patterns remember, by sensor. */
  patterns: Type.Record(Type.String(), Type.Record(Type.String(), Type.Number())),
})
export type MockState = Static<typeof MockState>

const whole = Compile(MockState)

/** What is kept of a state, read back. Throws a TypeError that names what is wrong with it. */
export function readState(kept: unknown): MockState {
  if (whole.Check(kept)) return kept
  const [first] = whole.Errors(kept)
  throw new TypeError(`${first?.instancePath || 'it'} ${first?.message ?? 'is no state of a mock'}`)
}

/** Numbers that may have been given since the state was kept. */
const GIVEN_SINCE = 10_000

/** A state to go on from; no number of a message is given twice within a boot. */
export const resumed = (kept: MockState): MockState => {
  const state = structuredClone(kept)
  state.seq += GIVEN_SINCE
  return state
}

/** An actuator that has just been made. */
export const outputOf = ({ state, pwm_value, max_value }: MockActuator, now: number): Output => {
  const value = state ? pwm_value || max_value : 0
  return {
    value,
    since: value > 0 ? now : null,
    until: null,
    runtime_ms: 0,
    last_command: null,
    stopped: false,
  }
}

/** A mock that boots for the first time. */
export const freshState = (config: MockConfig, now: number): MockState => ({
  booted_at: now,
  boots: 1,
  reset_reason: 'POWERON',
  connects: 0,
  seq: 0,
  system_state: 'OPERATIONAL',
  emergency: null,
  alone: null,
  errors: 0,
  outputs: Object.fromEntries(
    Object.values(config.actuators).map((actuator) => [actuator.gpio, outputOf(actuator, now)]),
  ),
  zone: config.zone_id
    ? {
        zone_id: config.zone_id,
        zone_name: config.zone_name ?? '',
        master_zone_id: config.master_zone_id ?? '',
      }
    : null,
  subzones: {},
  pushed: { sensors: null, actuators: null, offline_rules: null, generation: 0, config_fingerprint: null },
  tokens: { esp: null, broadcast: null },
  patterns: {},
})
