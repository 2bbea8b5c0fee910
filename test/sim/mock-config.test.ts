/** What a mock is made of, whole and within bounds. */
import t from 'tap'
import { Compile } from 'typebox/compile'
import { MockConfig, mockActuator, mockConfig, mockSensor, sensorKey } from '../../routing/contract/mock.js'

const valid = Compile(MockConfig)

t.test('what is left out is filled in, and is then a valid config', async (t) => {
  const sensor = mockSensor({ gpio: 4, sensor_type: 'DS18B20', raw_value: 22.5, variation_pattern: 'DRIFT' })
  t.strictSame(
    { ...sensor },
    {
      gpio: 4,
      sensor_type: 'DS18B20',
      base_value: 22.5,
      raw_value: 22.5,
      unit: '',
      quality: 'good',
      interval_seconds: 30,
      raw_mode: true,
      variation_pattern: 'drift',
      variation_range: 0,
      min_value: 12.5,
      max_value: 32.5,
    },
  )
  const config = mockConfig({
    sensors: { [sensorKey(sensor)]: sensor },
    actuators: { 5: mockActuator({ gpio: 5, actuator_type: 'pump' }) },
  })
  t.ok(valid.Check(config))
  t.ok(valid.Check(JSON.parse(JSON.stringify(config))))
  t.ok(valid.Check(mockConfig()))
})

t.test('what is out of bounds is refused', async (t) => {
  const sensor = mockSensor({ gpio: 4, sensor_type: 'DS18B20' })
  const bad: [string, unknown][] = [
    ['a heartbeat every second', mockConfig({ heartbeat_interval: 1 })],
    ['a reading every 0 s', mockConfig({ sensors: { '4_DS18B20': { ...sensor, interval_seconds: 0 } } })],
    ['a range below 0', mockConfig({ sensors: { '4_DS18B20': { ...sensor, variation_range: -1 } } })],
    [
      'a value that is no number',
      mockConfig({ sensors: { '4_DS18B20': { ...sensor, base_value: Number.NaN } } }),
    ],
    [
      'a pump of 200 %',
      mockConfig({ actuators: { 5: mockActuator({ gpio: 5, actuator_type: 'pump', pwm_value: 2 }) } }),
    ],
    [
      'nine offline rules',
      mockConfig({ offline_rules: Array(9).fill({ actuator_gpio: 5, sensor_gpio: 4 }) }),
    ],
  ]
  for (const [name, config] of bad) t.notOk(valid.Check(config), name)
})
