/**
 * Every way a payload can be wrong, made from a good one, and what must happen to each: refused with which code and
 * which detail, or accepted. One table per message, so that no schema is left out.
 */
import type { Refusal } from '../../routing/contract/codes.js'
import type { InStore } from './in-store.js'
import {
  DEVICE,
  seedAlert,
  seedConfigResponse,
  seedHeartbeat,
  seedMock,
  seedResponse,
  seedStatus,
} from './samples.js'
import { asked, SUBZONE_ASKED, ZONE_ASKED } from './zones.js'

/** A good message and what is known of its fields. */
export interface Specimen {
  name: string
  topic: string
  good: Record<string, unknown>
  /** Fields it cannot do without. */
  required?: readonly string[]
  /** A field that is a number, one that is text, and one that is yes or no; as far as it has one. */
  number?: string
  text?: string
  boolean?: string
  /** What must have happened before. */
  before?: (opened: InStore) => Promise<void>
}

export interface Hostile {
  name: string
  payload: string | Buffer
  /** undefined: it is accepted all the same. */
  code: Refusal | undefined
  detail?: RegExp
}

const branch = `kaiser/god/esp/${DEVICE}`

export const specimens: readonly Specimen[] = [
  {
    name: 'sensor data',
    topic: `${branch}/sensor/4/data`,
    good: { ...seedMock, esp_id: DEVICE },
    required: ['esp_id', 'gpio', 'sensor_type'],
    number: 'raw_value',
    text: 'unit',
    boolean: 'raw_mode',
  },
  {
    name: 'a batch',
    topic: `${branch}/sensor/batch`,
    good: { ts: 1735818000, sensors: [{ gpio: 4, sensor_type: 'ds18b20', value: 20, unit: '°C' }] },
    required: ['sensors'],
    number: 'seq',
    boolean: 'time_valid',
  },
  {
    name: 'a heartbeat',
    topic: `${branch}/system/heartbeat`,
    good: { ...seedHeartbeat },
    required: ['uptime', 'wifi_rssi'],
    number: 'uptime',
    text: 'system_state',
    boolean: 'zone_assigned',
  },
  {
    name: 'a short heartbeat',
    topic: `${branch}/heartbeat`,
    good: { ...seedHeartbeat },
    required: ['uptime', 'wifi_rssi'],
    number: 'wifi_rssi',
  },
  {
    name: 'metrics',
    topic: `${branch}/system/heartbeat_metrics`,
    good: { offline_enter_count: 2, publish_queue_fill: 0 },
    number: 'offline_enter_count',
    text: 'handover_contract_last_reject',
  },
  {
    name: 'an announcement',
    topic: `${branch}/session/announce`,
    good: { handover_epoch: 1, reason: 'reconnect', ts_ms: 1735818000000, connect_seq: 3 },
    number: 'connect_seq',
    text: 'reason',
  },
  {
    name: 'a Will',
    topic: `${branch}/system/will`,
    good: { status: 'offline', esp_id: DEVICE, reason: 'unexpected_disconnect', timestamp: 0 },
    number: 'timestamp',
    text: 'reason',
  },
  {
    name: 'an error',
    topic: `${branch}/system/error`,
    good: { error_code: 1023, severity: 2, category: 'HARDWARE', message: 'ROM', context: { gpio: 4 } },
    required: ['error_code', 'severity'],
    text: 'message',
  },
  {
    name: 'diagnostics',
    topic: `${branch}/system/diagnostics`,
    good: { heap_free: 45_000, wifi_rssi: -50, uptime_seconds: 60, wifi_connected: true },
    required: ['heap_free', 'wifi_rssi'],
    number: 'heap_free',
    text: 'boot_reason',
    boolean: 'wifi_connected',
  },
  {
    name: 'a status',
    topic: `${branch}/status`,
    good: { ts: 1735818000, system_state: 'OPERATIONAL', wifi_connected: true, wifi_ssid: 'Gewächshaus' },
    number: 'uptime',
    text: 'wifi_ssid',
    boolean: 'wifi_connected',
  },
  {
    name: 'safe mode',
    topic: `${branch}/safe_mode`,
    good: { ts: 1735818000, safe_mode_active: true, reason: 'manual' },
    required: ['safe_mode_active'],
    text: 'reason',
    boolean: 'safe_mode_active',
  },
  {
    name: 'an answer to a system command',
    topic: `${branch}/system/response`,
    good: { command: 'reboot', success: true, message: 'ok' },
    required: ['command', 'success'],
    text: 'message',
    boolean: 'success',
  },
  {
    name: 'an answer on the firmware’s own topic',
    topic: `${branch}/system/command/response`,
    good: { command: 'status', success: false },
    required: ['command', 'success'],
    text: 'message',
    boolean: 'success',
  },
  {
    name: 'an answer of a sensor',
    topic: `${branch}/sensor/4/response`,
    good: { request_id: 'r1', gpio: 4, command: 'measure', success: true },
    required: ['success'],
    number: 'gpio',
    text: 'request_id',
    boolean: 'success',
  },
  {
    name: 'an actuator',
    topic: `${branch}/actuator/7/status`,
    good: { ...seedStatus, gpio: 7 },
    required: ['esp_id', 'gpio', 'actuator_type', 'state', 'value'],
    number: 'value',
    text: 'last_command',
  },
  {
    name: 'a response of an actuator',
    topic: `${branch}/actuator/25/response`,
    good: { ...seedResponse },
    required: ['esp_id', 'gpio', 'command', 'success'],
    number: 'duration',
    text: 'message',
    boolean: 'success',
  },
  {
    name: 'an alert',
    topic: `${branch}/actuator/25/alert`,
    good: { ...seedAlert },
    required: ['esp_id', 'gpio', 'alert_type'],
    number: 'gpio',
    text: 'message',
  },
  {
    name: 'an acknowledged emergency stop',
    topic: `${branch}/actuator/emergency/ack`,
    good: { ts: 1735818000, esp_id: DEVICE, command: 'emergency_stop', gpio_count: 2, outcome: 'executed' },
    number: 'gpio_count',
    text: 'outcome',
  },
  {
    name: 'a confirmed recovery',
    topic: `${branch}/actuator/recovery_confirm`,
    good: { ts: 1735818000, esp_id: DEVICE, command: 'clear_emergency', state: 'cleared' },
    number: 'seq',
    text: 'state',
  },
  {
    name: 'a config response',
    topic: `${branch}/config_response`,
    good: { ...seedConfigResponse, ts: 1735818000, failures: [{ type: 'sensor', gpio: 4 }] },
    required: ['status', 'type'],
    number: 'count',
    text: 'message',
    boolean: 'failures_truncated',
  },
  {
    name: 'an answer about the zone',
    topic: `${branch}/zone/ack`,
    good: { status: 'zone_assigned', ts: 1735818000, zone_id: 'tent', correlation_id: ZONE_ASKED },
    required: ['status'],
    number: 'seq',
    text: 'message',
    before: asked,
  },
  {
    name: 'an answer about a subzone',
    topic: `${branch}/subzone/ack`,
    good: {
      status: 'subzone_assigned',
      ts: 1735818000,
      subzone_id: 'bench_1',
      correlation_id: SUBZONE_ASKED,
    },
    required: ['status', 'subzone_id'],
    number: 'seq',
    text: 'reason_code',
    before: asked,
  },
  {
    name: 'how a subzone is',
    topic: `${branch}/subzone/status`,
    good: { ts: 1735818000, subzone_id: 'bench_1', active: true, sensors_active: 2, safe_mode: false },
    required: ['subzone_id'],
    number: 'seq',
    boolean: 'safe_mode',
  },
  {
    name: 'what became of credentials',
    topic: `${branch}/mqtt/auth_status`,
    good: { ts: 1735818000, success: false, mode: 'authenticated', error: 'refused' },
    required: ['success'],
    text: 'error',
    boolean: 'success',
  },
  {
    name: 'old discovery',
    topic: 'kaiser/god/discovery/esp32_nodes',
    good: { esp_id: DEVICE, hardware_type: 'ESP32_WROOM', ip_address: '10.0.0.9' },
    required: ['esp_id'],
    number: 'heap_free',
    text: 'ip_address',
  },
]

const not = (code: Refusal, detail: RegExp) => ({ code, detail })
const fine = { code: undefined }
const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`

/** All of them. */
export function hostile({ good, required = [], number, text, boolean }: Specimen): Hostile[] {
  const json = JSON.stringify(good)
  const open = json.slice(0, -1)
  const changed = (change: object): string => JSON.stringify({ ...good, ...change })
  const without = (field: string): string =>
    JSON.stringify(Object.fromEntries(Object.entries(good).filter(([name]) => name !== field)))
  const all: Hostile[] = [
    { name: 'nothing but white space', payload: '  ', ...not('payload_not_json', /./) },
    { name: 'half of it', payload: json.slice(0, -4), ...not('payload_not_json', /./) },
    { name: 'a list', payload: `[${json}]`, ...not('payload_invalid', /object/) },
    { name: 'null', payload: 'null', ...not('payload_invalid', /object/) },
    { name: 'a number', payload: '4', ...not('payload_invalid', /object/) },
    { name: 'text', payload: '"on"', ...not('payload_invalid', /object/) },
    { name: 'a byte order mark', payload: `\uFEFF${json}`, ...not('payload_not_json', /./) },
    {
      name: 'UTF-16',
      payload: Buffer.from(json, 'utf16le'),
      ...not('payload_not_json', /./),
    },
    {
      name: 'an unknown field nested 10,000 levels',
      payload: `${open},"deep":${nested(10_000)}}`,
      ...not('payload_too_large', /bytes/),
    },
    { name: 'an unknown field nested 7,000 levels', payload: `${open},"deep":${nested(7_000)}}`, ...fine },
    {
      name: 'a __proto__ of its own',
      payload: `${open},"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}`,
      ...fine,
    },
    { name: 'an ancient clock', payload: changed({ ts: 12 }), ...fine },
    { name: 'a future clock', payload: changed({ ts: 4_102_444_800 }), ...fine },
    { name: 'a clock that is text', payload: changed({ ts: '1735818000' }), ...not('payload_invalid', /ts/) },
  ]
  for (const field of required)
    all.push({ name: `no ${field}`, payload: without(field), ...not('payload_invalid', new RegExp(field)) })
  if (number) {
    const wrong = not('payload_invalid', new RegExp(number))
    all.push(
      { name: `${number} as text`, payload: changed({ [number]: '4' }), ...wrong },
      { name: `${number} as yes`, payload: changed({ [number]: true }), ...wrong },
      {
        name: `${number} 1e400`,
        payload: changed({ [number]: 271_828 }).replace('271828', '1e400'),
        ...wrong,
      },
      {
        name: `${number} NaN`,
        payload: changed({ [number]: 271_828 }).replace('271828', 'NaN'),
        ...not('payload_not_json', /./),
      },
    )
  }
  if (text)
    all.push(
      {
        name: `${text} as a number`,
        payload: changed({ [text]: 7 }),
        ...not('payload_invalid', new RegExp(text)),
      },
      {
        name: `${text} of 5,000 letters`,
        payload: changed({ [text]: 'x'.repeat(5_000) }),
        ...not('payload_invalid', new RegExp(text)),
      },
      {
        name: `${text} with half a surrogate pair`,
        payload: changed({ [text]: 'SURROGATE' }).replace('SURROGATE', '\\ud800'),
        ...fine,
      },
      {
        name: `${text} in Latin-1`,
        payload: Buffer.from(changed({ [text]: 'Grün °' }), 'latin1'),
        ...fine,
      },
      { name: `${text} null`, payload: changed({ [text]: null }), ...fine },
    )
  if (boolean)
    all.push({
      name: `${boolean} as 1`,
      payload: changed({ [boolean]: 1 }),
      ...not('payload_invalid', new RegExp(boolean)),
    })
  if ('gpio' in good)
    all.push(
      { name: 'a negative gpio', payload: changed({ gpio: -4 }), ...not('payload_invalid', /gpio/) },
      { name: 'a gpio of 4.5', payload: changed({ gpio: 4.5 }), ...not('payload_invalid', /gpio/) },
      {
        name: 'another gpio than the topic’s',
        payload: changed({ gpio: 5 }),
        ...not('device_mismatch', /gpio/),
      },
    )
  if ('esp_id' in good)
    all.push({
      name: 'an esp_id with a slash',
      payload: changed({ esp_id: 'ESP/1' }),
      ...not('payload_invalid', /esp_id/),
    })
  return all
}
