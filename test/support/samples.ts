/**
 * Named payloads, shared by every test and by the bench: good ones, and each way of being bad with what must
 * happen to it. The good ones are the seed's own examples wherever it has one.
 */
import type { Refusal } from '../../routing/contract/codes.js'

export interface Sample {
  name: string
  topic: string
  payload: string | Buffer
}

export interface BadSample extends Sample {
  code: Refusal
  /** Part of the detail that must name what is wrong. */
  detail: RegExp
}

export const NOW = 1_735_818_010_000
export const DEVICE = 'ESP_12AB34CD'
const sensor = (gpio: number | string, esp_id = DEVICE): string =>
  `kaiser/god/esp/${esp_id}/sensor/${gpio}/data`
const actuator = (gpio: number, what: 'status' | 'response' | 'alert', esp_id = DEVICE): string =>
  `kaiser/god/esp/${esp_id}/actuator/${gpio}/${what}`
const heartbeat = (esp_id = DEVICE): string => `kaiser/god/esp/${esp_id}/system/heartbeat`

/** The seed §3.1: a pH probe with a native number. */
export const seedPh = {
  ts: 1735818000,
  esp_id: DEVICE,
  gpio: 4,
  sensor_type: 'ph_sensor',
  raw: 2048,
  raw_value: 20.48,
  raw_mode: true,
  value: 0.0,
  unit: '',
  quality: 'stale',
}

/** The seed §5.3: a mock's payload, with an engineering value although raw_mode is true. */
export const seedMock = {
  ts: 1735818000000,
  esp_id: 'MOCK_001',
  gpio: 4,
  sensor_type: 'DS18B20',
  raw: 2250,
  raw_value: 22.5,
  raw_mode: true,
  value: 22.5,
  unit: '°C',
  quality: 'good',
}

/** The seed §3.3. */
export const seedHeartbeat = {
  esp_id: DEVICE,
  ts: 1735818000,
  uptime: 3600,
  heap_free: 45000,
  wifi_rssi: -45,
  sensor_count: 3,
  actuator_count: 2,
}

/** The seed §3.2. */
export const seedStatus = {
  ts: 1735818000,
  esp_id: DEVICE,
  gpio: 5,
  actuator_type: 'pump',
  state: true,
  value: 0.75,
  last_command: 'on',
  runtime_ms: 3600000,
  error: null,
}

/** The seed §3.5, at the time of these tests. */
export const seedResponse = {
  esp_id: DEVICE,
  gpio: 25,
  command: 'ON',
  value: 1.0,
  success: true,
  message: 'Command executed',
  duration: 150,
  ts: 1735818000000,
}

/** The seed §3.6, at the time of these tests. */
export const seedAlert = {
  esp_id: DEVICE,
  gpio: 25,
  alert_type: 'emergency_stop',
  message: 'Actuator stopped due to safety constraint',
  ts: 1735818000000,
}

/** The seed §3.4. */
export const seedConfigResponse = {
  status: 'success',
  type: 'sensor',
  count: 2,
  message: 'Configured 2 sensor(s) successfully',
}

const reading = { ...seedMock, esp_id: DEVICE }
const json = (name: string, topic: string, payload: unknown): Sample => ({
  name,
  topic,
  payload: JSON.stringify(payload),
})
const without = (payload: object, ...keys: string[]): object =>
  Object.fromEntries(Object.entries(payload).filter(([key]) => !keys.includes(key)))

export const good: readonly Sample[] = [
  json('the seed’s pH probe', sensor(4), seedPh),
  json('the seed’s mock', sensor(4, 'MOCK_001'), seedMock),
  json('a DS18B20 at 22.5 °C', sensor(4), reading),
  json('a zero', sensor(4), { ...reading, ts: 1735818001000, raw: 0, raw_value: 0, value: 0 }),
  json('an engineering value with raw_mode false', sensor(5), {
    ...without(reading, 'raw', 'raw_value'),
    gpio: 5,
    raw_mode: false,
  }),
  json('a payload with unknown fields', sensor(6), {
    ...reading,
    gpio: 6,
    firmware: 'x',
    meta: { vref: 3300 },
  }),
  json('a payload whose optional fields are null', sensor(7), {
    ...reading,
    gpio: 7,
    unit: null,
    onewire_address: null,
    seq: null,
  }),
  json('a payload without ts and raw_mode', sensor(8), { ...without(reading, 'ts', 'raw_mode'), gpio: 8 }),
  json('the seed’s heartbeat', heartbeat(), seedHeartbeat),
  json('a heartbeat with the alias free_heap', heartbeat(), {
    ...without(seedHeartbeat, 'heap_free'),
    free_heap: 45000,
  }),
  json('the seed’s actuator status', actuator(5, 'status'), seedStatus),
  json('the seed’s response', actuator(25, 'response'), seedResponse),
  json('a response of a stranger', actuator(25, 'response', 'ESP_00000000'), {
    ...seedResponse,
    esp_id: 'ESP_00000000',
  }),
  json('the seed’s alert', actuator(25, 'alert'), seedAlert),
  json('an alert of a stranger', actuator(25, 'alert', 'ESP_00000000'), {
    ...seedAlert,
    esp_id: 'ESP_00000000',
  }),
  json('the seed’s config response', `kaiser/god/esp/${DEVICE}/config_response`, seedConfigResponse),
]

const bad = (code: Refusal, detail: RegExp, sample: Sample): BadSample => ({ ...sample, code, detail })
const invalid = (name: string, detail: RegExp, change: object): BadSample =>
  bad('payload_invalid', detail, json(name, sensor(4), { ...reading, ...change }))

export const refused: readonly BadSample[] = [
  bad(
    'topic_unrouted',
    /no handler/,
    json('a topic nobody handles', `kaiser/god/esp/${DEVICE}/sensor/4/dta`, reading),
  ),
  bad('topic_unrouted', /no handler/, json('a gpio over 255', sensor(256), { ...reading, gpio: 256 })),
  bad('topic_unrouted', /no handler/, json('a gpio that is no number', sensor('x'), reading)),
  bad(
    'payload_too_large',
    /17\d{3} bytes/,
    json('17 KB', sensor(4), { ...reading, pad: 'x'.repeat(17_000) }),
  ),
  bad('payload_not_json', /JSON|token|end/i, {
    name: 'half an object',
    topic: sensor(4),
    payload: '{"ts":17358180',
  }),
  bad('payload_not_json', /JSON|token/i, { name: 'NaN', topic: sensor(4), payload: '{"raw":NaN}' }),
  bad('payload_not_json', /JSON|token/i, {
    name: 'bytes that are no text',
    topic: sensor(4),
    payload: Buffer.from([0xff, 0xfe, 0x00]),
  }),
  bad('payload_invalid', /object/, json('an array', sensor(4), [1, 2])),
  bad('payload_invalid', /object/, json('null', sensor(4), null)),
  bad('payload_invalid', /gpio/, json('no gpio', sensor(4), without(reading, 'gpio'))),
  bad('payload_invalid', /esp_id/, json('no esp_id', sensor(4), without(reading, 'esp_id'))),
  bad('payload_invalid', /sensor_type/, json('no sensor_type', sensor(4), without(reading, 'sensor_type'))),
  bad(
    'payload_invalid',
    /raw or raw_value is required/,
    json('no value', sensor(4), without(reading, 'raw', 'raw_value')),
  ),
  invalid('a raw_mode that is no boolean', /raw_mode/, { raw_mode: 1 }),
  invalid('a boolean for a number', /raw/, { raw: true, raw_value: true }),
  invalid('a number as text', /raw/, { raw: '2250' }),
  invalid('a gpio as text', /gpio/, { gpio: '4' }),
  invalid('a negative gpio', /gpio/, { gpio: -4 }),
  bad('payload_invalid', /raw/, {
    name: 'an infinite value',
    topic: sensor(4),
    payload: JSON.stringify(reading).replace('2250', '1e400'),
  }),
  invalid('a sensor type with control characters', /sensor_type/, { sensor_type: 'a\u0000b' }),
  bad(
    'payload_invalid',
    /wifi_rssi/,
    json('a heartbeat without wifi_rssi', heartbeat(), without(seedHeartbeat, 'wifi_rssi')),
  ),
  bad(
    'payload_invalid',
    /heap_free/,
    json('a heartbeat without heap_free', heartbeat(), without(seedHeartbeat, 'heap_free')),
  ),
  bad(
    'device_unknown',
    /not registered/,
    json('an actuator of a stranger', actuator(5, 'status', 'ESP_00000000'), {
      ...seedStatus,
      esp_id: 'ESP_00000000',
    }),
  ),
  bad(
    'payload_invalid',
    /value \(or pwm\)/,
    json('an actuator without a value', actuator(5, 'status'), without(seedStatus, 'value')),
  ),
  bad(
    'payload_invalid',
    /state is open/,
    json('an actuator in a state nobody knows', actuator(5, 'status'), { ...seedStatus, state: 'open' }),
  ),
  bad(
    'payload_invalid',
    /255 is no actuator/,
    json('an actuator at gpio 255', actuator(255, 'status'), { ...seedStatus, gpio: 255 }),
  ),
  bad(
    'payload_invalid',
    /value/,
    json('an actuator beyond 255', actuator(5, 'status'), { ...seedStatus, value: 256 }),
  ),
  bad(
    'payload_invalid',
    /value/,
    json('an actuator below nothing', actuator(5, 'status'), { ...seedStatus, value: -1 }),
  ),
  bad(
    'payload_invalid',
    /success/,
    json('a response without success', actuator(25, 'response'), without(seedResponse, 'success')),
  ),
  bad(
    'payload_invalid',
    /alert_type \(or type\)/,
    json('an alert of no kind', actuator(25, 'alert'), without(seedAlert, 'alert_type')),
  ),
  bad(
    'payload_invalid',
    /status is fine/,
    json('a config response that is neither', `kaiser/god/esp/${DEVICE}/config_response`, {
      ...seedConfigResponse,
      status: 'fine',
    }),
  ),
  bad(
    'device_unknown',
    /not registered/,
    json('a stranger', sensor(4, 'ESP_00000000'), { ...reading, esp_id: 'ESP_00000000' }),
  ),
  bad(
    'device_mismatch',
    /esp_id is ESP_AAAAAAAA/,
    json('another esp_id in the payload', sensor(4), { ...reading, esp_id: 'ESP_AAAAAAAA' }),
  ),
  bad(
    'device_mismatch',
    /gpio is 5/,
    json('another gpio in the payload', sensor(4), { ...reading, gpio: 5 }),
  ),
]

/** A sample by its name. Throws when there is none. */
export function sample(name: string): Sample {
  const found = [...good, ...refused].find((candidate) => candidate.name === name)
  if (!found) throw new Error(`no sample is called "${name}"`)
  return found
}
