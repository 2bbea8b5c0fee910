/**
 * What is said of a command to an actuator: why a limit or its device kept it from being done, and what of it is not
 * as it was asked. `safe_mode`, `stopped` and the like are named after the limits.
 */
import { speakerOf } from '../said.js'

export const COMMAND_SAYINGS = {
  away: 'the device is not connected',
  daily_quota: 'it was on for the {quota} s it may be on within 24 hours',
  disabled: 'the actuator is disabled in its config',
  duration_cut_quota: 'duration {wished} s is cut to {most} s: its daily quota leaves no more',
  duration_cut_runtime: 'duration {wished} s is cut to {most} s: max_runtime is {max_runtime} s',
  max_runtime: 'it has been on for the {max_runtime} s it may be on at a time, and has to go off first',
  min_off: 'it has to stay off for {min_off} s; {left} s are left',
  never_with_coming: 'it may never be on together with GPIO {gpio} of {esp_id}, which is being switched on',
  never_with_on: 'it may never be on together with GPIO {gpio} of {esp_id}, which is on',
  never_with_told:
    'it may never be on together with GPIO {gpio} of {esp_id}, which is not heard of since it was told to go on',
  never_with_was_off:
    'it may never be on together with GPIO {gpio} of {esp_id}, which is not heard of now and was not on when it last was',
  never_with_was_on:
    'it may never be on together with GPIO {gpio} of {esp_id}, which is not heard of now and was on when it last was',
  not_answered: 'the device took it and did not answer in time',
  not_taken: 'the device did not take it in time',
  off_ignores_value: 'value {value} does not matter: OFF is 0',
  on_ignores_value: 'value {value} does not matter: ON is {full}; use PWM for a part',
  only_while_ending: 'it may be on only while GPIO {gpio} of {esp_id} is, which is at the end of its time',
  only_while_off: 'it may be on only while GPIO {gpio} of {esp_id} is, which is off',
  only_while_unheard: 'it may be on only while GPIO {gpio} of {esp_id} is, which is not heard of',
  override: 'a person set it; rules may act again in {left} s',
  part_of_switch:
    'a {kind} without a pwm_frequency only switches: {value} may be fully on or off, use ON or OFF',
  range_above: 'value {value} is above the highest, {limit}',
  range_below: 'value {value} is below the lowest, {limit} (0 is off)',
  safe_mode: 'subzone {subzone_id} is in safe mode: its actuators rest until that is ended',
  sensor_never: '{sensor_type} on GPIO {gpio} of {esp_id} was never heard',
  sensor_old: '{sensor_type} on GPIO {gpio} of {esp_id} was last heard {age} s ago, {max_age} s are allowed',
  starts_per_hour: 'it was switched on {starts} times within the hour, {limit} are allowed',
  stopped: 'emergency stop by {issued_by}: {reason}',
  stops_by_quota: 'it stops after {most} s: its daily quota leaves no more',
} as const

/** One of them with its sentence. */
export const commandSaid = speakerOf(COMMAND_SAYINGS)
export type CommandSaid = ReturnType<typeof commandSaid>
