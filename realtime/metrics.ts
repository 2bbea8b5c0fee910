/**
 * kaiser's figures for Prometheus: a table of metrics, and the text they are written as, exposition format
 * 0.0.4. https://prometheus.io/docs/instrumenting/exposition_formats/ The first names are the original's.
 */
import { STATES } from '../routing/contract/actuator-payloads.js'
import type { Finding } from '../routing/findings.js'
import type { ActuatorState } from '../storage/actuator-states.js'
import type { Device } from '../storage/devices.js'
import { STATUSES, type Status, statusOf } from './device-body.js'
import type { Detailed, Health } from './health-body.js'

type Labels = Readonly<Record<string, string>>
interface Sample {
  value: number
  labels?: Labels
}
interface Metric {
  name: string
  type: 'gauge' | 'counter'
  help: string
  samples: readonly Sample[]
}

/** What the figures are made of. */
export interface Figures {
  health: Health
  detailed: Detailed
  devices: readonly Device[]
  sensors: number
  findings: readonly Finding[]
  actuators: readonly ActuatorState[]
  /** Commands on their way. */
  commands: number
  /** Stops that are latched. */
  emergency_stops: number
  /** Reports of unknown devices that made room for newer ones. */
  strange_reports_dropped: number
}

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

const gauge = (name: string, help: string, samples: number | readonly Sample[]): Metric => ({
  name,
  type: 'gauge',
  help,
  samples: typeof samples === 'number' ? [{ value: samples }] : samples,
})
const counter = (name: string, help: string, samples: number | readonly Sample[]): Metric => ({
  ...gauge(name, help, samples),
  type: 'counter',
})

/** One sample per entry, labelled with its key. */
const by = (label: string, counts: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(counts).map(([key, value]) => ({ value, labels: { [label]: key } }))

const count = <K extends string>(keys: readonly K[], found: readonly K[]): Record<K, number> => {
  const counts = Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>
  for (const key of found) counts[key] = (counts[key] ?? 0) + 1
  return counts
}

const latencies = ({ subscriber: { latency } }: Detailed): Sample[] =>
  Object.entries(latency).flatMap(([stage, { p50_ms, p99_ms, max_ms }]) =>
    [
      ['0.5', p50_ms],
      ['0.99', p99_ms],
      ['1', max_ms],
    ].map(([quantile, ms]) => ({ value: Number(ms) / 1000, labels: { stage, quantile: String(quantile) } })),
  )

const directions = ({ received, sent }: Detailed['mqtt'], what: keyof Detailed['mqtt']['sent']): Sample[] =>
  by('direction', { received: received[what], sent: sent[what] })

const MEBIBYTE = 1_048_576
const GIBIBYTE = 1_073_741_824

function metrics(figures: Figures): Metric[] {
  const { health, detailed, devices, sensors, findings, actuators } = figures
  const { subscriber, database, mqtt, websocket, event_loop, system } = detailed
  const statuses = count<Status>(STATUSES, devices.map(statusOf))
  const known = devices.length - statuses.pending_approval - statuses.rejected
  return [
    gauge('god_kaiser_uptime_seconds', 'Since the start', health.uptime_seconds),
    gauge('god_kaiser_mqtt_connected', 'Devices can connect', Number(health.checks.mqtt)),
    gauge('god_kaiser_esp_total', 'Devices that were let in', known),
    gauge('god_kaiser_esp_online', 'Devices that are online', statuses.online),
    gauge('god_kaiser_esp_offline', 'Devices that are offline', statuses.offline),
    gauge('god_kaiser_cpu_percent', 'Of all processors of the machine', system.cpu_percent),
    gauge('god_kaiser_memory_percent', 'Of the memory of the machine', system.memory_percent),

    gauge('kaiser_info', 'Which kaiser this is', [{ value: 1, labels: { version: health.version } }]),
    gauge('kaiser_devices', 'Devices by status', by('status', statuses)),
    gauge('kaiser_sensors', 'Sensors ever heard of', sensors),
    gauge(
      'kaiser_actuators',
      'Actuators by the state they were reported in last',
      by(
        'state',
        count<string>(
          [...STATES],
          actuators.map(({ state }) => state),
        ),
      ),
    ),
    gauge(
      'kaiser_actuators_doubtful',
      'Actuators nobody knows the state of: their device is away, or has not spoken of them',
      actuators.filter(({ stale_since }) => stale_since !== null).length,
    ),
    gauge('kaiser_commands_unfinished', 'Commands on their way', figures.commands),
    gauge('kaiser_emergency_stops', 'Emergency stops that are latched', figures.emergency_stops),
    counter(
      'kaiser_strange_reports_dropped_total',
      'Reports of unknown devices that made room for newer ones',
      figures.strange_reports_dropped,
    ),
    gauge(
      'kaiser_findings',
      'Devices worth a look, by reason',
      by('kind', count([], findings.map(({ kind }) => kind) as string[])),
    ),
    counter(
      'kaiser_messages_processed_total',
      'Messages of devices that were used',
      subscriber.messages_processed,
    ),
    counter(
      'kaiser_messages_failed_total',
      'Messages of devices that were not used',
      subscriber.messages_failed,
    ),
    counter('kaiser_duplicates_total', 'Readings that arrived again', subscriber.duplicates),
    counter('kaiser_codes_total', 'Refusals and faults by code', by('code', detailed.codes)),
    counter(
      'kaiser_tolerated_total',
      'What was accepted although it was not right',
      by('what', subscriber.tolerated),
    ),
    gauge('kaiser_latency_seconds', 'Of the last one to two minutes, by stage', latencies(detailed)),
    gauge('kaiser_event_loop_delay_seconds', 'How late the event loop is', [
      { value: event_loop.delay_p50_ms / 1000, labels: { quantile: '0.5' } },
      { value: event_loop.delay_p99_ms / 1000, labels: { quantile: '0.99' } },
      { value: event_loop.delay_max_ms / 1000, labels: { quantile: '1' } },
    ]),
    gauge(
      'kaiser_storage_state',
      'State of the circuit breaker: 1 for the one it is in',
      by('state', count(['ok', 'failing', 'open'], [database.state])),
    ),
    gauge('kaiser_storage_waiting', 'Messages that wait for a commit or for the disk', database.waiting),
    gauge('kaiser_intake_rows', 'Readings that are not in the history yet', database.intake_rows),
    gauge('kaiser_mqtt_connections', 'MQTT connections', mqtt.connections),
    gauge(
      'kaiser_mqtt_unauthenticated',
      'MQTT connections that have not said who they are',
      mqtt.unauthenticated,
    ),
    counter('kaiser_mqtt_received_total', 'MQTT messages received', mqtt.messages_received),
    counter('kaiser_mqtt_published_total', 'MQTT messages published by kaiser', mqtt.messages_published),
    counter('kaiser_mqtt_dropped_total', 'What a bound made the broker drop', by('what', mqtt.dropped)),
    counter('kaiser_mqtt_bound_hits_total', 'How often each bound was hit', by('bound', mqtt.bound_hits)),
    counter('kaiser_mqtt_packets_total', 'MQTT packets', directions(mqtt, 'packets')),
    counter('kaiser_mqtt_bytes_total', 'Bytes of MQTT', directions(mqtt, 'bytes')),
    counter('kaiser_mqtt_publishes_total', 'PUBLISH packets', directions(mqtt, 'publishes')),
    gauge(
      'kaiser_mqtt_clients',
      'MQTT clients that said who they are',
      mqtt.connections - mqtt.unauthenticated,
    ),
    gauge('kaiser_websocket_clients', 'Realtime sockets', websocket.active_connections),
    counter('kaiser_websocket_frames_total', 'Realtime frames sent', websocket.total_messages_sent),
    gauge('kaiser_memory_bytes', 'Memory of this process', system.memory_used_mb * MEBIBYTE),
    gauge('kaiser_disk_free_bytes', 'Free space where the database is', system.disk_free_gb * GIBIBYTE),
  ]
}

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

const labelled = (labels: Labels = {}): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

/** All figures as text. A metric without samples is still declared. */
export const exposition = (figures: Figures): string =>
  metrics(figures)
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(({ value, labels }) => `${name}${labelled(labels)} ${value}`),
    ])
    .join('\n')
    .concat('\n')
