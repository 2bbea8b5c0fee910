/** What surrounds an actuator when a command is judged: nothing, but for what the test says. */
import type { Wish } from '../../../routing/actuators/gate.js'
import { kindOf } from '../../../routing/actuators/kinds.js'
import type { Run } from '../../../routing/actuators/runs.js'
import type { Hearing, Neighbour, Surroundings } from '../../../routing/actuators/surroundings.js'
import type { ActuatorConfig } from '../../../storage/actuator-configs.js'
import { NOON } from '../../storage/open.js'

export const HOUR = 3_600_000
/** Now, on the monotonic clock. */
export const T = 100 * HOUR

export const config = (fields: Partial<ActuatorConfig> = {}) =>
  ({ enabled: 1, min_value: 0, max_value: 1, safe_value: 0, min_off: 0, ...fields }) as ActuatorConfig

export const surroundings = (fields: Partial<Surroundings> = {}): Surroundings => ({
  esp_id: 'ESP_1',
  gpio: 5,
  at: { now: NOON, monotonic: T },
  config: undefined,
  kind: kindOf('pump'),
  max_runtime: 3600,
  on: false,
  state: undefined,
  coming: undefined,
  stop: undefined,
  safe_mode: undefined,
  left: {},
  timers: {},
  runs: [],
  neighbours: [],
  sensors: [],
  unconfirmed: undefined,
  off_ignored: undefined,
  ...fields,
})

export const neighbour = (fields: Partial<Neighbour>): Neighbour => ({
  kind: 'never_with',
  esp_id: 'ESP_2',
  gpio: 7,
  on: false,
  coming: undefined,
  doubtful: false,
  may_be_on: false,
  reachable: true,
  stuck: false,
  running: 0,
  ends_in: null,
  ...fields,
})

export const hearing = (fields: Partial<Hearing>): Hearing => ({
  esp_id: 'ESP_1',
  gpio: 4,
  sensor_type: 'ds18b20',
  max_age: 300,
  age: 1_000,
  of_rule: false,
  ...fields,
})

export const ON: Partial<Wish> = { command: 'ON' }
export const OFF: Partial<Wish> = { command: 'OFF' }
/** A run that began and ended so many seconds ago. */
export const run = (started: number, ended: number | null): Run => ({
  started: T - started * 1000,
  ended: ended === null ? null : T - ended * 1000,
})
export const on = (since: number) => ({ on: true, runs: [run(since, null)] })

export const stop = { reason: 'leak', issued_by: 'user:ada' }
export const stale = [hearing({ age: 400_000 })]
