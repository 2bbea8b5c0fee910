/** Settings of an actuator: what is taken, as what it is stored, and what is refused with which words. */
import t from 'tap'
import { settingsOf } from '../../../routing/actuators/settings.js'
import { RequestRefused } from '../../../routing/request-refused.js'
import type { ActuatorConfig } from '../../../storage/actuator-configs.js'

const ESP = 'ESP_1'
const OTHERS: Record<string, ActuatorConfig['interlocks']> = {
  'ESP_1 6': [],
  'ESP_1 7': [{ kind: 'only_while', esp_id: ESP, gpio: 8 }],
  'ESP_1 8': [{ kind: 'only_while', esp_id: ESP, gpio: 5 }],
  'ESP_2 6': [],
}

const settings = (request: Record<string, unknown>, before?: Partial<ActuatorConfig>) =>
  settingsOf(request, {
    place: { esp_id: ESP, gpio: 5 },
    before: before as ActuatorConfig | undefined,
    find: ({ esp_id, gpio }) => OTHERS[`${esp_id} ${gpio}`] && { interlocks: OTHERS[`${esp_id} ${gpio}`]! },
    normalise: (sensor_type) => sensor_type.toLowerCase(),
    missing: ({ gpio }) =>
      gpio === 33 ? { part: 'gpio', msg: 'must be a sensor', code: 'sensor_none' } : undefined,
    named: [{ esp_id: 'ESP_3', gpio: 33, sensor_type: 'ph' }],
  })

const flow = { kind: 'flow', gpio: 9, sensor_type: 'Flow', min: 2, within_s: 10 }
const level = { kind: 'level', gpio: 9, sensor_type: 'level', change: 1, within_s: 60 }

const taken: [string, Record<string, unknown>, Partial<ActuatorConfig> | undefined, object][] = [
  ['nothing makes a digital one', {}, undefined, { actuator_type: 'digital' }],
  ['a type by another word', { actuator_type: 'Grow_Light' }, undefined, { actuator_type: 'light' }],
  [
    'the original’s names',
    { name: 'Well', max_runtime_seconds: 60, cooldown_seconds: 5 },
    {},
    { actuator_name: 'Well', max_runtime: 60, min_off: 5 },
  ],
  ['our names go before them', { max_runtime: 70, max_runtime_seconds: 60 }, {}, { max_runtime: 70 }],
  [
    'null puts defaults back',
    { max_runtime: null, enabled: null, interlocks: null, sanity: null, metadata: null },
    {},
    { max_runtime: null, enabled: 1, interlocks: [], sanity: null, metadata: {} },
  ],
  [
    'switches',
    { enabled: false, critical: true, inverted_logic: true, require_rule_sensors: false },
    {},
    { enabled: 0, critical: 1, inverted_logic: 1, require_rule_sensors: 0 },
  ],
  [
    'values',
    { actuator_type: 'pwm', min_value: 0.2, max_value: 0.8, safe_value: 0.2, default_value: 0 },
    {},
    { actuator_type: 'pwm', min_value: 0.2, max_value: 0.8, safe_value: 0.2, default_value: 0 },
  ],
  [
    'a light with values',
    { pwm_frequency: 1000, max_value: 0.5, safe_value: 0.5 },
    { actuator_type: 'light' },
    { pwm_frequency: 1000, max_value: 0.5, safe_value: 0.5 },
  ],
  [
    'a fan without a limit',
    { actuator_type: 'fan', max_runtime: 0 },
    undefined,
    { actuator_type: 'fan', max_runtime: 0 },
  ],
  [
    'a pump without a limit, when it is meant',
    { actuator_type: 'pump', max_runtime: 0, confirm_no_max_runtime: true },
    undefined,
    { actuator_type: 'pump', max_runtime: 0 },
  ],
  [
    'another field of what has no limit',
    { enabled: false },
    { actuator_type: 'pump', max_runtime: 0 },
    { enabled: 0 },
  ],
  [
    'interlocks, of its own device when none is named, each once',
    {
      interlocks: [
        { kind: 'never_with', gpio: 6 },
        { kind: 'only_while', esp_id: 'ESP_2', gpio: 6 },
        { kind: 'never_with', esp_id: ESP, gpio: 6 },
      ],
    },
    {},
    {
      interlocks: [
        { kind: 'never_with', esp_id: ESP, gpio: 6 },
        { kind: 'only_while', esp_id: 'ESP_2', gpio: 6 },
      ],
    },
  ],
  [
    'required sensors',
    {
      required_sensors: [
        { gpio: 4, sensor_type: 'DS18B20', address: '28FF' },
        { gpio: 4, sensor_type: 'ph', esp_id: 'ESP_2', max_age: 60 },
      ],
    },
    {},
    {
      required_sensors: [
        { esp_id: ESP, gpio: 4, sensor_type: 'ds18b20', address: '28FF', max_age: 300 },
        { esp_id: 'ESP_2', gpio: 4, sensor_type: 'ph', max_age: 60 },
      ],
    },
  ],
  [
    'one that is gone and was named before',
    { required_sensors: [{ esp_id: 'ESP_3', gpio: 33, sensor_type: 'PH' }] },
    {},
    { required_sensors: [{ esp_id: 'ESP_3', gpio: 33, sensor_type: 'ph', max_age: 300 }] },
  ],
  [
    'a bus address as readings have it',
    { required_sensors: [{ gpio: 4, sensor_type: 'ds18b20', address: '28ff641e8d3c0c79' }] },
    {},
    {
      required_sensors: [
        { esp_id: ESP, gpio: 4, sensor_type: 'ds18b20', address: '28FF641E8D3C0C79', max_age: 300 },
      ],
    },
  ],
  [
    'flow',
    { sanity: flow },
    {},
    { sanity: { kind: 'flow', esp_id: ESP, gpio: 9, sensor_type: 'flow', min: 2, within_s: 10 } },
  ],
  [
    'level',
    { sanity: { ...level, min: 7 } },
    {},
    { sanity: { kind: 'level', esp_id: ESP, gpio: 9, sensor_type: 'level', change: 1, within_s: 60 } },
  ],
  ['unknown fields are nobody’s business', { colour: 'red' }, {}, {}],
]

for (const [name, request, before, stored] of taken)
  t.test(`${name}: taken`, async (t) => {
    t.strictSame(settings(request, before), stored)
  })

const refused: [Record<string, unknown>, string, RegExp, Partial<ActuatorConfig>?][] = [
  [{ actuator_type: 'flux_capacitor' }, 'actuator_type', /one of pump, valve, heater/],
  [{ actuator_type: 7 }, 'actuator_type', /one of/],
  [{ name: 'x'.repeat(101) }, 'name', /at most 100/],
  [{ enabled: 1 }, 'enabled', /true or false/],
  [{ max_runtime: -1 }, 'max_runtime', /0 to 86400 seconds/],
  [{ max_runtime_seconds: 86_401 }, 'max_runtime_seconds', /0 to 86400 seconds/],
  [{ max_runtime: 1.5 }, 'max_runtime', /whole number/],
  [{ max_runtime: Number.NaN }, 'max_runtime', /whole number/],
  [{ max_runtime: 0 }, 'max_runtime', /1 to 86400 seconds for a digital; .*confirm_no_max_runtime/],
  [{ max_runtime: 0, confirm_no_max_runtime: 'yes' }, 'max_runtime', /confirm_no_max_runtime/],
  [
    { actuator_type: 'pump' },
    'max_runtime',
    /confirm_no_max_runtime/,
    { actuator_type: 'fan', max_runtime: 0 },
  ],
  [{ cooldown_seconds: -5 }, 'cooldown_seconds', /0 to 86400 seconds/],
  [{ starts_per_hour: 0 }, 'starts_per_hour', /1 to 120/],
  [{ daily_quota: 86_401 }, 'daily_quota', /1 to 86400/],
  [{ min_value: 2 }, 'min_value', /0 to 1/],
  [{ safe_value: '0' }, 'safe_value', /0 to 1/],
  [
    { actuator_type: 'pwm', min_value: 0.8, max_value: 0.2 },
    'min_value',
    /0.8 must not be above max_value 0.2/,
  ],
  [{ max_value: 0.2 }, 'max_value', /not be above max_value 0.2/, { actuator_type: 'pwm', min_value: 0.5 }],
  [{ actuator_type: 'pwm', max_value: 0 }, 'max_value', /above 0/],
  [
    { actuator_type: 'pwm', max_value: 0.5, safe_value: 0.6 },
    'safe_value',
    /0.6 must be 0 or from min_value 0 to max_value 0.5/,
  ],
  [{ actuator_type: 'pwm', min_value: 0.5, default_value: 0.1 }, 'default_value', /must be 0 or from/],
  [{ max_value: 0.5 }, 'max_value', /safe_value 0.9/, { actuator_type: 'pwm', safe_value: 0.9 }],
  [{ actuator_type: 'pump', max_value: 0.5 }, 'max_value', /must be 1 for a pump/],
  [{ actuator_type: 'pump', safe_value: 0.5 }, 'safe_value', /must be 0 or 1: it only switches/],
  [{ pwm_frequency: 0 }, 'pwm_frequency', /1 to 40000 Hz/],
  [{ servo_min_pulse: 2000, servo_max_pulse: 1000 }, 'servo_min_pulse', /below servo_max_pulse/],
  [{ servo_max_pulse: 400 }, 'servo_max_pulse', /500 to 2500/],
  [{ aux_gpio: 256 }, 'aux_gpio', /255 = none/],
  [{ aux_gpio: 5 }, 'aux_gpio', /another pin/],
  [{ metadata: [] }, 'metadata', /object/],
  [{ metadata: { long: 'x'.repeat(20_000) } }, 'metadata', /16384/],
  [{ interlocks: {} }, 'interlocks', /list of at most 16/],
  [{ interlocks: ['6'] }, 'interlocks[0]', /object/],
  [
    {
      interlocks: [
        { kind: 'never_with', gpio: 6 },
        { kind: 'sometimes_with', gpio: 6 },
      ],
    },
    'interlocks[1].kind',
    /never_with, only_while/,
  ],
  [{ interlocks: [{ kind: 'never_with', gpio: 5 }] }, 'interlocks[0].gpio', /another actuator/],
  [
    { interlocks: [{ kind: 'never_with', gpio: 99 }] },
    'interlocks[0].gpio',
    /there is none on GPIO 99 of ESP_1/,
  ],
  [{ interlocks: [{ kind: 'never_with', gpio: 255 }] }, 'interlocks[0].gpio', /0 to 254/],
  [
    { interlocks: [{ kind: 'never_with', gpio: 6, esp_id: 'a/b' }] },
    'interlocks[0].esp_id',
    /id of a device/,
  ],
  [
    {
      interlocks: [
        { kind: 'never_with', gpio: 6 },
        { kind: 'only_while', gpio: 6 },
      ],
    },
    'interlocks[1]',
    /contradict one another/,
  ],
  [{ interlocks: [{ kind: 'only_while', gpio: 7 }] }, 'interlocks[0]', /waits for this actuator/],
  [{ interlocks: [{ kind: 'never_with', gpio: 8 }] }, 'interlocks[0]', /only while this actuator is/],
  [{ required_sensors: [{ gpio: 4 }] }, 'required_sensors[0].sensor_type', /sensor type/],
  [{ required_sensors: [{ gpio: -1, sensor_type: 'ph' }] }, 'required_sensors[0].gpio', /0 to 254/],
  [
    { required_sensors: [{ gpio: 4, sensor_type: 'ph', max_age: 1 }] },
    'required_sensors[0].max_age',
    /10 to 86400/,
  ],
  [{ required_sensors: [{ gpio: 4, sensor_type: 'ph', address: 7 }] }, 'required_sensors[0].address', /text/],
  [{ required_sensors: [{ gpio: 33, sensor_type: 'ph' }] }, 'required_sensors[0].gpio', /must be a sensor/],
  [{ sanity: { ...flow, gpio: 33 } }, 'sanity.gpio', /must be a sensor/],
  [{ sanity: [] }, 'sanity', /object/],
  [{ sanity: { ...flow, kind: 'wind' } }, 'sanity.kind', /flow or level/],
  [{ sanity: { ...flow, min: 0 } }, 'sanity.min', /above 0/],
  [{ sanity: { ...flow, within_s: undefined } }, 'sanity.within_s', /5 to 3600/],
  [{ sanity: { ...level, change: -1 } }, 'sanity.change', /above 0/],
]

for (const [request, field, msg, before] of refused)
  t.test(`${JSON.stringify(request).slice(0, 90)} is refused for its ${field}`, async (t) => {
    try {
      settings(request, before)
      t.fail('it was taken')
    } catch (error) {
      t.type(error, RequestRefused)
      t.match(error, { code: 'request_invalid', field: { name: field }, message: msg })
    }
  })
