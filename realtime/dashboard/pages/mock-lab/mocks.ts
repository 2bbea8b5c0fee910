/** Mock devices as REST has them, and what can be asked of them. Names are the wire's. */
import type { MockActuator, MockFault, MockSensor } from '../../../../routing/contract/mock.js'
import { ApiError, call } from '../../api.js'
import { wordFor } from '../../words/index.js'

export interface SensorState extends MockSensor {
  last_read: string | null
  manual_override: boolean
}

export interface ActuatorState extends MockActuator {
  emergency_stopped: boolean
}

export interface Mock {
  esp_id: string
  zone_id: string | null
  zone_name: string | null
  system_state: string
  connected: boolean
  simulation_state: 'running' | 'stopped'
  sensors: SensorState[]
  actuators: ActuatorState[]
  auto_heartbeat: boolean
  heartbeat_interval_seconds: number
  faults: MockFault[]
}

/** JSON Schema of one parameter, as far as a form needs it. */
export interface ParameterSchema {
  type?: string
  enum?: (string | number)[]
  items?: { type?: string }
  default?: unknown
  minimum?: number
  maximum?: number
}

export interface Kind {
  name: string
  summary: string
  parameters: Record<string, ParameterSchema>
}

export interface Preset {
  profile: string
  device: string
  sensors: MockSensor[]
  actuators: MockActuator[]
}

export interface Kinds {
  patterns: Kind[]
  faults: Kind[]
  presets: Preset[]
  system_states: string[]
}

export interface MockMessage {
  topic: string
  payload: unknown
  timestamp: string
  direction: 'sent' | 'received'
}

const ROOT = '/debug/mock-esp'

export const listMocks = async (): Promise<Mock[]> => (await call<{ data: Mock[] }>('GET', ROOT)).data
export const readKinds = (): Promise<Kinds> => call<Kinds>('GET', `${ROOT}/kinds`)
export const makeMock = (wish: object): Promise<Mock> => call<Mock>('POST', ROOT, wish)

/** Asks something of one mock. Throws ApiError, also where the answer is a no. */
export async function askMock<T>(
  method: 'GET' | 'POST' | 'DELETE',
  esp_id: string,
  path: string,
  body?: object,
): Promise<T> {
  const answer = await call<T & { success?: boolean; error?: string | null }>(
    method,
    `${ROOT}/${encodeURIComponent(esp_id)}${path}`,
    body,
  )
  if (answer?.success === false && answer.error) throw new ApiError(200, answer.error)
  return answer
}

/** What people call a sensor or an actuator of a mock. */
export const sensorName = ({ name, sensor_type }: Pick<MockSensor, 'name' | 'sensor_type'>): string =>
  name || sensor_type
export const actuatorName = ({ name, actuator_type }: Pick<MockActuator, 'name' | 'actuator_type'>): string =>
  name || wordFor('actuators.kinds', actuator_type)

/** An id for a mock that nobody has: `ESP_MOCK_` and six hexadecimal digits. rest-contract §6 */
export function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(3))
  return `ESP_MOCK_${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`.toUpperCase()
}

/** A name of a preset in the language of the page. */
export function translated(name: string | null | undefined): string {
  if (!name) return ''
  const key = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '')
  const word = wordFor('lab.name_of', key)
  return word === key.replaceAll('_', ' ') ? name : word
}
