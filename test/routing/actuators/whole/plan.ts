/**
 * The greenhouse: two devices in two zones, five actuators, and what the rules say of them. What the model knows of
 * limits it knows from here.
 */
import { register } from '../../../../routing/registry.js'
import type { Store } from '../../../../storage/store.js'

export const A = 'ESP_AAAAAAAA'
export const B = 'ESP_BBBBBBBB'
export const DEVICES = [A, B] as const

export interface Actuator {
  readonly esp_id: string
  readonly gpio: number
  readonly zone: string
  /** How long it may be on at a time, ms; Infinity: as long as it likes. */
  readonly limit: number
  /** It takes values between off and on. */
  readonly part: boolean
  /** May never be on together with this one. */
  readonly never?: string
}

export const ACTUATORS: readonly Actuator[] = [
  { esp_id: A, gpio: 1, zone: 'north', limit: 60_000, part: false },
  { esp_id: A, gpio: 2, zone: 'north', limit: 40_000, part: false, never: `${B} 3` },
  { esp_id: B, gpio: 3, zone: 'south', limit: 90_000, part: false, never: `${A} 2` },
  { esp_id: B, gpio: 4, zone: 'south', limit: Number.POSITIVE_INFINITY, part: true },
  // Nobody configured it: unknown ones may be on for an hour.
  { esp_id: B, gpio: 5, zone: 'south', limit: 3_600_000, part: false },
]

export const keyOf = ({ esp_id, gpio }: { esp_id: string; gpio: number }): string => `${esp_id} ${gpio}`
export const BY_KEY: ReadonlyMap<string, Actuator> = new Map(ACTUATORS.map((each) => [keyOf(each), each]))
export const zoneOf = (esp_id: string): string => ACTUATORS.find((each) => each.esp_id === esp_id)!.zone
export const gpiosOf = (esp_id: string): number[] =>
  ACTUATORS.filter((each) => each.esp_id === esp_id).map(({ gpio }) => gpio)

/** Whom a stop is for. */
export interface Scope {
  readonly esp_id?: string
  readonly zone_id?: string
  readonly gpio?: number
}
export const SCOPES: readonly Scope[] = [
  {},
  { zone_id: 'north' },
  { zone_id: 'south' },
  { esp_id: A },
  { esp_id: B },
  { esp_id: A, gpio: 1 },
  { esp_id: B, gpio: 3 },
]
export const spelled = (scope: Scope): string => JSON.stringify(scope)
/** Does the stop concern the device? */
export const concerns = ({ esp_id, zone_id }: Scope, device: string): boolean =>
  zone_id === undefined ? esp_id === undefined || esp_id === device : zoneOf(device) === zone_id
/** Does it concern the actuator? */
export const covers = (scope: Scope, { esp_id, gpio }: Actuator): boolean =>
  concerns(scope, esp_id) && (scope.gpio === undefined || scope.gpio === gpio)

/** Inside the group. */
export function furnish(store: Store, now: number): void {
  for (const esp_id of DEVICES) register(store, esp_id, { zone_id: zoneOf(esp_id) }, 'test', now)
  const { actuatorConfigs } = store
  // The devices have them: nothing waits to be told.
  const config_status = 'applied'
  actuatorConfigs.insert(A, 1, { actuator_type: 'pump', max_runtime: 60, config_status }, now)
  const interlocks = [{ kind: 'never_with', esp_id: B, gpio: 3 }]
  actuatorConfigs.insert(A, 2, { actuator_type: 'dosing', max_runtime: 40, interlocks, config_status }, now)
  actuatorConfigs.insert(B, 3, { actuator_type: 'valve', max_runtime: 90, min_off: 3, config_status }, now)
  actuatorConfigs.insert(B, 4, { actuator_type: 'fan', config_status }, now)
}
