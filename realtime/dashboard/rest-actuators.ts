/**
 * What the REST routes of actuators and emergency stops answer, as far as this page reads it. Names are the
 * wire's; times are ISO 8601, values 0 to 1.
 */

import type {
  ActuatorStatusEvent,
  EmergencyDeviceEvent,
  STAGES,
} from '../../routing/contract/actuator-events.js'
import type { Said } from '../../routing/contract/said.js'

/** A sentence of the server with its code; null where it has none. */
export interface SaidSentence extends Said {
  sentence: string
}

export type Stage = (typeof STAGES)[number]

export interface CommandRow {
  correlation_id: string
  command_type: string
  value: number | null
  duration: number | null
  issued_by: string
  state: Stage
  error_message: string | null
  error_said: Said | null
  limit_name: string | null
  possible_at: string | null
  safety_warnings: string[]
  warning_details: SaidSentence[]
  timestamp: string
  finished_at: string | null
  expires_at: string | null
}

/** Seconds; what of it is 0 or null is no limit. */
export interface Limits {
  max_runtime_seconds: number
  min_off_seconds: number
  daily_quota_seconds: number | null
  starts_per_hour: number | null
}

export interface RequiredSensor {
  esp_id: string
  gpio: number
  sensor_type: string
  address?: string
  /** s */
  max_age: number
}

export interface ActuatorRow {
  esp_id: string
  gpio: number
  name: string | null
  kind: string
  /** How it is driven: digital, pwm or servo. */
  actuator_type: string
  /** null when nobody has configured it. */
  enabled: boolean | null
  min_value: number
  max_value: number
  /** null when it was never reported. */
  state: ActuatorStatusEvent['state'] | null
  value: number | null
  on_since: string | null
  off_at: string | null
  reported_at: string | null
  stale_reason: string | null
  error: string | null
  emergency: string
  limits: Limits
  required_sensors: RequiredSensor[]
  command: CommandRow | null
}

/** What a command that was accepted answers. */
export interface CommandAnswer {
  command_type: string
  value: number
  duration: number
  correlation_id: string
  state: Stage
  expires_at: string | null
  safety_warnings: string[]
  warning_details: SaidSentence[]
}

export interface StoppedDevice {
  esp_id: string
  name: string | null
  state: Exclude<EmergencyDeviceEvent['state'], 'cleared'>
  /** 0: it has none that kaiser knows of. */
  actuators: number
  sent_at: string | null
  attempts: number
  confirmed_at: string | null
}

export interface LatchedStop {
  stop_id: number
  scope: 'all' | 'zone' | 'device' | 'actuator'
  esp_id: string | null
  zone_id: string | null
  gpio: number | null
  reason: string
  /** emergency:NAME */
  issued_by: string
  stopped_at: string
  armed: { armed_by: string | null; armed_at: string; expires_at: string } | null
  confirmed: number
  /** Who worries most comes first. */
  devices: StoppedDevice[]
}

export interface StopAnswer {
  /** Done, but not on disk yet. */
  stored?: false
}

/** What a stop is answered with: devices concerned, and those that were told. */
export interface StoppedAnswer extends StopAnswer {
  devices_stopped: number
  devices_reached: number
}

/** The first step of a release. */
export interface ArmedAnswer extends StopAnswer {
  token: string
  expires_at: string
}
