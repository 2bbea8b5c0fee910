/** Mock devices on a kaiser of a test, and the pieces they are made of. */
import {
  type MockActuator,
  type MockConfig,
  type MockSensor,
  mockActuator,
  mockConfig,
  mockSensor,
  sensorKey,
} from '../../routing/contract/mock.js'
import { createClock } from '../../sim/clock.js'
import { createMock, type Mock, type MockOptions } from '../../sim/device.js'
import type { MockState } from '../../sim/mock-state.js'
import { pair } from '../../sim/pair.js'
import { createSteppedClock } from '../../sim/stepped-clock.js'
import type { OpenApp, Teardown } from './app.js'
import { arrive, MqttPeer } from './mqtt-peer.js'

export const thermometer = (more: Partial<MockSensor> = {}): MockSensor =>
  mockSensor({ gpio: 4, sensor_type: 'DS18B20', raw_value: 22.5, unit: '°C', ...more })

export const pump = (more: Partial<MockActuator> = {}): MockActuator =>
  mockActuator({ gpio: 5, actuator_type: 'pump', ...more })

/** A config with these parts. */
export const made = (
  sensors: readonly MockSensor[] = [thermometer()],
  actuators: readonly MockActuator[] = [pump()],
  more: Partial<MockConfig> = {},
): MockConfig =>
  mockConfig({
    sensors: Object.fromEntries(sensors.map((sensor) => [sensorKey(sensor), sensor])),
    actuators: Object.fromEntries(actuators.map((actuator) => [actuator.gpio, actuator])),
    ...more,
  })

/** A mock inside this process, gone after the test. Not started. */
export function mockIn(t: Teardown, app: Pick<OpenApp, 'broker'>, options: Partial<MockOptions> = {}): Mock {
  const esp_id = options.esp_id ?? 'MOCK_001'
  const mock = createMock({
    kaiser_id: 'god',
    config: made(),
    clock: createClock(Date.now),
    connect: pair((stream) =>
      app.broker.attach(stream, { address: null, identity: { kind: 'device', esp_id } }),
    ),
    ...options,
    esp_id,
  })
  t.teardown(() => mock.stop())
  return mock
}

/** What it said or heard on topics that end so, parsed, oldest first. */
export const messagesOf = (mock: Mock, end: string): Record<string, unknown>[] =>
  mock.messages.filter(({ topic }) => topic.endsWith(end)).map(({ payload }) => JSON.parse(payload))

/** A mock whose other end is a test, at a time that the test moves. */
export async function wiredMock(t: Teardown, options: Partial<MockOptions> = {}) {
  const peer = new MqttPeer()
  const clock = createSteppedClock(Date.UTC(2026, 5, 1, 12))
  const kept: MockState[] = []
  const mock = createMock({
    esp_id: 'MOCK_001',
    kaiser_id: 'god',
    config: made(),
    clock,
    connect: peer.connect,
    changed: (state) => kept.push(state),
    ...options,
  })
  t.teardown(() => mock.unplug())
  mock.start()
  await arrive()
  const branch = 'kaiser/god/esp/MOCK_001'
  return {
    peer,
    clock,
    mock,
    kept,
    /** Tells it something on its branch, or on a whole topic. */
    async tell(what: string, message: object | string) {
      peer.tell(what.startsWith('kaiser/') ? what : `${branch}/${what}`, message)
      await arrive()
    },
    /** Time goes by, in steps that leave room for answers. */
    async pass(seconds: number) {
      for (let left = seconds; left > 0; left -= 5) {
        clock.step(Math.min(5, left) * 1_000)
        await arrive()
      }
    },
  }
}
