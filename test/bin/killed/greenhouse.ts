/** The greenhouse whose kaiser is killed: two devices, five pumps that may not be on for long. */
import { register } from '../../../routing/registry.js'
import { openStore } from '../../../storage/store.js'

export const A = 'ESP_AAAAAAAA'
export const B = 'ESP_BBBBBBBB'
export const DEVICES = [A, B] as const

export interface Pump {
  readonly key: string
  readonly esp_id: string
  readonly gpio: number
  /** How long it may be on at a time, ms. */
  readonly limit: number
}

const pump = (esp_id: string, gpio: number, limit: number): Pump => ({
  key: `${esp_id} ${gpio}`,
  esp_id,
  gpio,
  limit,
})
/** Those that everybody uses, */
export const BUSY: readonly Pump[] = [pump(A, 1, 4_000), pump(A, 2, 7_000), pump(B, 3, 5_000)]
/** and one of each that are left alone, so that what they are told is not replaced by something else. */
export const SPARE_OF_A = pump(A, 5, 6_000)
export const SPARE_OF_B = pump(B, 4, 6_000)
export const PUMPS: readonly Pump[] = [...BUSY, SPARE_OF_A, SPARE_OF_B]
export const pumpOf = (esp_id: string, gpio: number): Pump =>
  PUMPS.find((each) => each.esp_id === esp_id && each.gpio === gpio)!
export const gpiosOf = (esp_id: string): number[] =>
  PUMPS.filter((each) => each.esp_id === esp_id).map(({ gpio }) => gpio)

/** Whom a stop is for: everything, a device, or one pump. */
export interface Scope {
  readonly esp_id?: string
  readonly gpio?: number
}
export const covers = (scope: Scope, { esp_id, gpio }: Pick<Pump, 'esp_id' | 'gpio'>): boolean =>
  (scope.esp_id ?? esp_id) === esp_id && (scope.gpio ?? gpio) === gpio
/** Is the device itself told to stop, not only a pump of it? */
export const stops = ({ esp_id, gpio }: Scope, device: string): boolean =>
  gpio === undefined && (esp_id ?? device) === device

/** Writes it into a data directory before kaiser starts there for the first time. */
export async function furnish(dir: string): Promise<void> {
  const now = Date.now()
  const store = openStore({ path: `${dir}/kaiser.db`, now: Date.now, monotonic: () => performance.now() })
  await store.group.run(() => {
    for (const esp_id of DEVICES) register(store, esp_id, {}, 'test', now)
    for (const { esp_id, gpio, limit } of PUMPS)
      store.actuatorConfigs.insert(esp_id, gpio, { actuator_type: 'pump', max_runtime: limit / 1000 }, now)
  })
  await store.close()
}
