/**
 * What a heartbeat says about the configuration, against what people made. Counts are compared kind by kind, only
 * where people configured something of that kind: what a device brings by itself is its own business. Items it
 * refused are missing with good reason.
 */
import type { Heartbeat } from '../contract/payloads.js'
import { type Content, fingerprintOf, type Item } from './content.js'

type Said = Pick<
  Heartbeat,
  'sensor_count' | 'active_sensors' | 'actuator_count' | 'active_actuators' | 'config_fingerprint'
>

/** How what a device reports differs; undefined when it does not. */
export interface Drift {
  readonly what: 'sensor_count' | 'actuator_count' | 'config_fingerprint'
  readonly expected: number | string
  readonly reported: number | string
}

const agrees = (items: readonly Item<{ config_status: string }>[], count: number): boolean => {
  const failed = items.filter(({ config }) => config.config_status === 'failed').length
  return count <= items.length && count >= items.length - failed
}

export function driftOf(
  content: Content,
  said: Said,
  configured: { readonly sensors: boolean; readonly actuators: boolean },
): Drift | undefined {
  const { config_fingerprint } = said
  for (const [what, kind, count] of [
    ['sensor_count', 'sensors', said.sensor_count ?? said.active_sensors],
    ['actuator_count', 'actuators', said.actuator_count ?? said.active_actuators],
  ] as const)
    if (count != null && configured[kind] && !agrees(content[kind], count))
      return { what, expected: content[kind].length, reported: count }
  if (config_fingerprint == null || config_fingerprint === '') return undefined
  const expected = fingerprintOf(content)
  return config_fingerprint.toLowerCase() === expected
    ? undefined
    : { what: 'config_fingerprint', expected, reported: config_fingerprint }
}
