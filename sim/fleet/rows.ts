/**
 * The rows of mocks: what a mock is made of and whether it is to run stand in the `device_metadata` of its device,
 * under the names that people's SQL relies on; what it is at stands in `mock_states`. All writing is inside the group.
 */
import { Compile } from 'typebox/compile'
import { MockConfig } from '../../routing/contract/mock.js'
import { RequestRefused } from '../../routing/request-refused.js'
import type { Device } from '../../storage/devices.js'
import type { Store } from '../../storage/store.js'
import { type MockState, readState } from '../mock-state.js'

export const HARDWARE = 'MOCK_ESP32'
export const RUNNING = 'running'
const STOPPED = 'stopped'
/** Kept beside it: it runs because of --demo, and only as long as that is given. */
const DEMO = 'simulation_demo'

const whole = Compile(MockConfig)

export interface MockRow {
  readonly device: Device
  readonly config: MockConfig
  /** It is to run. */
  readonly running: boolean
  /** Only as long as the demo does. */
  readonly demo: boolean
}

const metadataOf = ({ device_metadata }: Device): Record<string, unknown> =>
  JSON.parse(device_metadata) as Record<string, unknown>

/** It is a mock that kaiser itself runs, or is to. */
export const isMock = (device: Device | undefined): device is Device =>
  device?.hardware_type === HARDWARE && metadataOf(device).simulation_config !== undefined

export const isToRun = (device: Device): boolean =>
  device.hardware_type === HARDWARE && metadataOf(device).simulation_state === RUNNING

/** What a row says, parsed anew. Throws a TypeError that names what is wrong with it. */
export function readRow(device: Device): MockRow {
  const { simulation_config: config } = metadataOf(device)
  if (!whole.Check(config)) {
    const [first] = whole.Errors(config)
    throw new TypeError(`simulation_config${first?.instancePath ?? ''} ${first?.message ?? 'is not whole'}`)
  }
  return { device, config, running: isToRun(device), demo: metadataOf(device)[DEMO] === true }
}

/** The row of a mock. Throws RequestRefused when there is none. */
export function rowOf(store: Store, esp_id: string): MockRow {
  const device = store.devices.find(esp_id)
  if (!isMock(device)) throw new RequestRefused('not_found', `There is no mock device ${esp_id}`)
  return readRow(device)
}

/** Queues what a mock is made of, and whether it is to run; `demo` stays as it was where nobody says. */
export function writeRow(
  store: Store,
  device: Device,
  { config, running, demo }: Pick<MockRow, 'config' | 'running'> & Partial<Pick<MockRow, 'demo'>>,
  now: number,
): Device {
  const { [DEMO]: before, ...metadata } = metadataOf(device)
  const device_metadata = JSON.stringify({
    ...metadata,
    mock: true,
    simulation_state: running ? RUNNING : STOPPED,
    ...((demo ?? before === true) && { [DEMO]: true }),
    simulation_config: config,
  })
  return store.devices.update(device, { device_metadata }, now)
}

/** What a mock was at last; undefined when nothing was kept. Throws a TypeError when it cannot be used. */
export function stateOf(store: Store, esp_id: string): MockState | undefined {
  const kept = store.mocks.find(esp_id)
  return kept === undefined ? undefined : readState(kept)
}
