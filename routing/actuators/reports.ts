/**
 * What the handlers of actuators share: what an actuator is, as its device says it, with the run it begins or ends.
 * Whoever calls is inside the group. Nothing is guessed: a device that is away leaves its actuators as they were
 * reported last, marked stale with the reason, and limits go on to look at them.
 */
import type { ActuatorHistory } from '../../storage/actuator-history.js'
import { type ActuatorState, isOn } from '../../storage/actuator-states.js'
import type { Device } from '../../storage/devices.js'
import type { Store } from '../../storage/store.js'
import type { ActuatorStatusEvent } from '../contract/actuator-events.js'
import type { DataSource } from '../contract/quality.js'
import { type Effect, emit } from '../effect.js'
import { isFresh, measuredAt } from '../time.js'

/** Actuators of one device. */
export const MOST_ACTUATORS = 64
/** On alerts: the whole device. */
export const WHOLE_DEVICE = 255

/** 0 to 1; what is above 1 is a part of 255. */
export const shareOf = (value: number): number => (value > 1 ? value / 255 : value)

/** When it happened: by the device's clock where that can be right, else when it arrived; ms since 1970. */
export function happenedAt(
  said: { ts?: number | null; timestamp?: number | null; time_valid?: boolean | null },
  received_at: number,
): number {
  const { timestamp } = measuredAt(said.ts ?? said.timestamp, said.time_valid, received_at)
  return isFresh(timestamp, received_at) ? Math.min(timestamp, received_at) : received_at
}

/** May this device have another actuator? */
export const hasRoom = ({ actuatorStates, actuatorConfigs }: Store, esp_id: string, gpio: number): boolean =>
  actuatorStates.find(esp_id, gpio) !== undefined ||
  actuatorConfigs.find(esp_id, gpio) !== undefined ||
  actuatorStates.count(esp_id) < MOST_ACTUATORS

/** Every gpio of the device that is known to have an actuator. */
export const gpiosOf = ({ actuatorStates, actuatorConfigs }: Store, esp_id: string): number[] =>
  [
    ...new Set([
      ...actuatorStates.list(esp_id).map(({ gpio }) => gpio),
      ...actuatorConfigs.list(esp_id).map(({ gpio }) => gpio),
    ]),
  ].sort((a, b) => a - b)

type Reported = Pick<ActuatorState, 'state' | 'current_value'> & Partial<ActuatorState>

/** An actuator is this from now on: nobody doubts it, and a run begins or ends with it. */
export function become(
  store: Store,
  esp_id: string,
  gpio: number,
  reported: Reported,
  at: number,
  now: number,
): ActuatorState {
  const before = store.actuatorStates.find(esp_id, gpio)
  const was = before !== undefined && isOn(before)
  const is = isOn(reported)
  if (is && !was) store.actuatorRuns.start(esp_id, gpio, at)
  if (was && !is) store.actuatorRuns.end(esp_id, gpio, at)
  return store.actuatorStates.upsert(
    esp_id,
    gpio,
    {
      actuator_type: store.actuatorConfigs.find(esp_id, gpio)?.actuator_type ?? 'unknown',
      ...before,
      ...reported,
      on_since: is ? (was ? before.on_since : at) : null,
      stale_since: null,
      stale_reason: null,
    },
    now,
  )
}

/** What is told of an actuator. */
export const actuatorStatusEvent = (
  { actuatorConfigs }: Pick<Store, 'actuatorConfigs'>,
  state: ActuatorState,
  zone_id: string | null,
  timestamp: number,
  more: Partial<ActuatorStatusEvent> = {},
): ActuatorStatusEvent => ({
  esp_id: state.esp_id,
  gpio: state.gpio,
  actuator_type: actuatorConfigs.find(state.esp_id, state.gpio)?.actuator_type ?? state.actuator_type,
  hardware_type: state.actuator_type,
  state: state.state,
  value: state.current_value,
  pwm_value: state.current_value,
  emergency: state.emergency,
  emergency_stopped: state.emergency !== 'normal',
  last_command: state.last_command,
  command_source: null,
  correlation_id: null,
  error: state.error,
  on_since: state.on_since === null ? null : state.on_since / 1000,
  runtime_ms: state.runtime_ms,
  stale_reason: state.stale_reason,
  data_source: state.data_source as DataSource,
  zone_id,
  timestamp: timestamp / 1000,
  ...more,
})

/** Why nobody knows what an actuator is, where the device itself may be well. */
export const SERVER_RESTART = 'server_restart'

/** Nobody knows any more what the actuators of a device are: told of those that were running. */
export function doubt(store: Store, device: Device, reason: string, now: number): Effect[] {
  const effects: Effect[] = []
  for (const state of store.actuatorStates.list(device.device_id)) {
    // A device that is known to be away says more than a restart of ours.
    const isNews = state.stale_reason === SERVER_RESTART && reason !== SERVER_RESTART
    if (state.stale_since !== null && !isNews) continue
    const { esp_id, gpio } = state
    const next = store.actuatorStates.upsert(
      esp_id,
      gpio,
      { stale_since: state.stale_since ?? now, stale_reason: reason },
      now,
    )
    if (isOn(next))
      effects.push(emit('actuator_status', actuatorStatusEvent(store, next, device.zone_id, now)))
  }
  return effects
}

/** JSON of what is given; null and undefined are left out. */
export const metadataOf = (given: Record<string, unknown>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(given).filter(([, value]) => value != null)))

export type ReportRow = Parameters<ActuatorHistory['report']>[0]
