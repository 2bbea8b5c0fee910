/**
 * How a mock says that it is alive and how it does: heartbeat, diagnostics, state, Will, and that it has connected.
 * The original's mocks have the fields of the seed first. protocol.md §2.6, §2.10, §9
 */
import { format, fromDevice } from '../routing/contract/topics.js'
import { type Board, said } from './board.js'
import type { OutboxCounts, Outgoing } from './outbox.js'
import type { WiredBoard } from './wired-board.js'

/** Largest PUBLISH a configuration may take, bytes. protocol.md §1.7 */
export const CONFIG_BUFFER = 4_096

const seconds = (ms: number): number => Math.max(0, Math.floor(ms / 1000))
const between = (random: () => number, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1))

export const uptimeOf = ({ state, clock }: Board): number => seconds(clock.now() - state.booted_at)
export const bootOf = ({ esp_id, state }: WiredBoard): string =>
  `${esp_id}-${state.boots}-${seconds(state.booted_at)}`

/** What was told to it counts; where nobody told it anything, what it has. */
const countOf = (told: object | null, own: readonly unknown[]): number =>
  told ? Object.keys(told).length : own.length

export function heartbeatOf(board: WiredBoard): Record<string, unknown> {
  const { esp_id, state, random, time, config, sensors, outputs, kaiser_id } = board
  const { zone, pushed } = state
  return {
    esp_id,
    ts: seconds(time.ms),
    uptime: uptimeOf(board),
    heap_free: between(random, 40_000, 50_000),
    wifi_rssi: between(random, -60, -40),
    sensor_count: countOf(pushed.sensors, sensors.all),
    actuator_count: countOf(pushed.actuators, outputs.all),
    zone_id: zone?.zone_id ?? '',
    master_zone_id: zone?.master_zone_id || kaiser_id,
    zone_assigned: zone !== null,
    system_state: state.system_state,
    error_count: state.errors,
    boot_sequence_id: bootOf(board),
    reset_reason: state.reset_reason,
    ...(config.payload === 'native' && {
      boot_count: state.boots,
      time_valid: time.valid,
      hardware_type: 'ESP32_WROOM',
    }),
    ...(pushed.config_fingerprint && { config_fingerprint: pushed.config_fingerprint }),
  }
}

export function diagnosticsOf(board: WiredBoard): Record<string, unknown> {
  const { state, random, sensors, outputs, up } = board
  return {
    ...said(board),
    heap_free: between(random, 40_000, 50_000),
    heap_min_free: 38_000,
    heap_fragmentation: between(random, 5, 20),
    wifi_rssi: between(random, -60, -40),
    uptime_seconds: uptimeOf(board),
    error_count: state.errors,
    wifi_connected: true,
    mqtt_connected: up,
    sensor_count: sensors.all.length,
    actuator_count: outputs.all.length,
    system_state: state.system_state,
    boot_reason: state.reset_reason,
    boot_sequence_id: bootOf(board),
    mqtt_cb_state: 'CLOSED',
    mqtt_cb_failures: 0,
    wdt_mode: 'PRODUCTION',
    wdt_timeouts_24h: 0,
  }
}

export function statusOf(board: WiredBoard): Record<string, unknown> {
  const { state, random, sensors, outputs, up } = board
  return {
    ...said(board),
    system_state: state.system_state,
    webserver_active: false,
    wifi_connected: true,
    wifi_ssid: 'mock',
    mqtt_connected: up,
    zone_configured: state.zone !== null,
    zone_id: state.zone?.zone_id ?? '',
    master_zone_id: state.zone?.master_zone_id ?? '',
    sensors_configured: sensors.all.length,
    actuators_configured: outputs.all.length,
    heap_free: between(random, 40_000, 50_000),
    uptime: uptimeOf(board),
  }
}

/** The counters of the firmware's own queue. */
export const metricsOf = (
  board: WiredBoard,
  { fill, high_water, shed, dropped, too_large }: OutboxCounts,
) => ({
  ...said(board),
  publish_queue_fill: fill,
  publish_queue_hwm: high_water,
  publish_queue_shed_count: shed,
  publish_queue_drop_count: dropped + too_large,
})

export const announcementOf = (board: WiredBoard) => ({
  ...said(board),
  handover_epoch: 1,
  reason: board.state.connects === 1 ? 'boot' : 'reconnect',
  ts_ms: Math.round(board.time.ms),
  connect_seq: board.state.connects,
  boot_sequence_id: bootOf(board),
})

/** Left with the broker. protocol.md §1.1 U12 */
export const willOf = ({
  esp_id,
  kaiser_id,
  time,
}: Pick<WiredBoard, 'esp_id' | 'kaiser_id' | 'time'>): Outgoing => ({
  topic: format(fromDevice.will, { kaiser_id, esp_id }),
  payload: JSON.stringify({
    status: 'offline',
    esp_id,
    reason: 'unexpected_disconnect',
    timestamp: seconds(time.ms),
  }),
  qos: 1,
  retain: true,
})
