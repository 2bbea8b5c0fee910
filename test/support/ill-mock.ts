/** A mock with faults on a real kaiser, whose clock is moved by hand: what it says, kaiser has before time goes on. */
import {
  type MockActuator,
  type MockFault,
  type MockSensor,
  mockSensor,
} from '../../routing/contract/mock.js'
import type { Mock } from '../../sim/device.js'
import { createSteppedClock, type SteppedClock } from '../../sim/stepped-clock.js'
import type { StoredReading } from '../../storage/readings.js'
import { type OpenApp, type OpenOptions, openApp, type Teardown } from './app.js'
import { made, mockIn } from './mock.js'
import { until } from './until.js'

/** Measured each second, another value each time: none is taken for another. */
export const counting = (more: Partial<MockSensor> = {}): MockSensor =>
  mockSensor({
    gpio: 4,
    sensor_type: 'DS18B20',
    unit: '°C',
    base_value: 20,
    min_value: 0,
    max_value: 100,
    interval_seconds: 1,
    variation_pattern: 'step',
    parameters: { values: Array.from({ length: 500 }, (_, n) => 10 + n / 10), hold_seconds: 1 },
    ...more,
  })

export interface IllMock {
  readonly app: OpenApp
  readonly mock: Mock
  readonly clock: SteppedClock
  /** Lets so many seconds pass; after each, all that was said at QoS 1 is acknowledged. */
  live(seconds: number): Promise<void>
  /** Lets time pass until something holds. */
  liveUntil(holds: () => unknown, what: string): Promise<void>
  /** All stored readings, in the order in which they were measured. */
  rows(): Promise<StoredReading[]>
}

export interface IllOptions extends OpenOptions {
  sensors?: readonly MockSensor[]
  actuators?: readonly MockActuator[]
  /** ms since 1970 */
  start?: number
  payload?: 'mock' | 'native'
  esp_id?: string
  seed?: number
}

/** Started and online; `MOCK_001` when nobody says otherwise. */
export async function illMock(
  t: Teardown,
  {
    sensors = [counting()],
    actuators = [],
    start,
    payload = 'mock',
    esp_id = 'MOCK_001',
    seed,
    ...options
  }: IllOptions = {},
  faults: readonly MockFault[] = [],
): Promise<IllMock> {
  const app = await openApp(t, options)
  const clock = createSteppedClock(start ?? Math.floor(Date.now() / 1_000) * 1_000)
  const mock = mockIn(t, app, {
    esp_id,
    clock,
    config: made(sensors, actuators, { payload, seed: seed ?? null }),
  })
  mock.start()
  const quiet = () => mock.pending === 0
  await until(() => app.store.devices.find(esp_id)?.status === 'online' && mock.up && quiet(), 'the device')
  for (const fault of faults) mock.inject(fault)
  return {
    app,
    mock,
    clock,
    async live(seconds) {
      for (let n = 0; n < seconds; n++) {
        clock.step(1_000)
        await until(quiet, 'the acknowledgements')
      }
    },
    liveUntil: (holds, what) =>
      until(async () => {
        if (await holds()) return true
        clock.step(100)
        return false
      }, what),
    async rows() {
      const { readings } = await app.store.readings.range({
        sensors: app.store.sensors.select({ esp_id }),
        from: 0,
        to: Date.now() + 10 * 86_400_000,
        order: 'asc',
        limit: 5_000,
      })
      return readings
    },
  }
}
