/**
 * From a message to its effect: the rows it became, the command it belongs to with its stages, what realtime heard of
 * it. Nothing is guessed: rows are those that were written while the message was handled, messages belong together
 * that say so. What cannot be known is listed as unknown, with the reason.
 */
import Type, { type Static } from 'typebox'
import { MqttMessageEvent as Message, type MqttMessageEvent } from '../routing/contract/mqtt-message.js'
import type { MessageLog, WrittenRow } from '../routing/trace.js'
import type { Store } from '../storage/store.js'
import { CommandBody, type Commanded, commandBody } from './actuator-command-body.js'
import { HistoryEntry, historyEntry } from './actuator-status-body.js'
import { AuditBody, auditBody } from './audit-body.js'
import { type Readable, search } from './message-search.js'
import { createReadingText, ReadingBody } from './reading-body.js'
import { RejectBody, rejectBody } from './reject-body.js'
import { nullable, Time } from './shapes.js'
import { iso } from './web.js'

/** Messages of one command that are named. */
const MOST_RELATED = 100

const PARTS = ['rows', 'readings', 'events', 'commands'] as const

export const EffectsBody = Type.Object({
  success: Type.Literal(true),
  message: Message,
  readings: Type.Array(ReadingBody),
  health_sample: nullable(
    Type.Object({
      timestamp: Time,
      health_status: nullable(Type.String()),
      heap_free: nullable(Type.Integer({ description: 'bytes' })),
      wifi_rssi: nullable(Type.Integer({ description: 'dBm' })),
      uptime: nullable(Type.Integer({ description: 's' })),
    }),
  ),
  actuator_history: Type.Array(HistoryEntry),
  audit: Type.Array(AuditBody),
  reject: nullable(RejectBody),
  commands: Type.Array(CommandBody, {
    description: 'those it carries, answers or ended, each with its stages',
  }),
  related: Type.Array(Message, {
    description: `other messages with its correlation_id or that of its commands, oldest first, ${MOST_RELATED} at most`,
  }),
  events: Type.Array(Type.String(), { description: 'types of events that realtime heard because of it' }),
  rule_runs: Type.Array(Type.Unknown(), { description: 'empty while kaiser has no rules' }),
  unknown: Type.Array(Type.Object({ part: Type.Enum([...PARTS]), why: Type.String() }), {
    description: 'what cannot be known of it',
  }),
})
type Effects = Static<typeof EffectsBody>

export interface EffectsOptions {
  store: Store
  messages: MessageLog
}

/** Rows of a message that are still there. */
function written({ store }: EffectsOptions, { esp_id }: MqttMessageEvent, rows: readonly WrittenRow[]) {
  const textOf = createReadingText()
  const of = (table: WrittenRow['table']): WrittenRow[] => rows.filter((row) => row.table === table)
  const readings = of('sensor_data').flatMap(({ id, of: sensor_id, at }) => {
    const reading = store.readings.find(sensor_id, { timestamp: at, id })
    return reading ? [JSON.parse(textOf(reading)) as Effects['readings'][number]] : []
  })
  const [sampled] = of('device_health')
  const sample =
    sampled &&
    esp_id !== null &&
    store.deviceHealth.list(esp_id, sampled.at).find(({ timestamp }) => timestamp === sampled.at)
  const history = [...new Set(of('actuator_history').map(({ id }) => id))].flatMap(
    (id) => store.actuatorHistory.numbered(id) ?? [],
  )
  const audit = of('audit_logs').flatMap(({ id }) => store.auditLogs.find(id) ?? [])
  const health_sample = sample
    ? {
        timestamp: iso(sample.timestamp)!,
        health_status: sample.health_status,
        heap_free: sample.heap_free,
        wifi_rssi: sample.wifi_rssi,
        uptime: sample.uptime,
      }
    : null
  return { readings, health_sample, history, audit: audit.map(auditBody) }
}

/** What cannot be known, and why. */
function unknownOf(
  message: MqttMessageEvent,
  rows: readonly WrittenRow[],
  effects: Omit<Effects, 'unknown'>,
) {
  const unknown: Effects['unknown'] = []
  const { type, outcome, correlation_id } = message
  const isReading = type === 'sensor_data' || type === 'sensor_batch'
  if (outcome === 'waiting')
    unknown.push({ part: 'rows', why: 'storage has not taken them yet; what waits is not shown' })
  if (outcome === 'repeated')
    unknown.push({ part: 'rows', why: 'it came twice (QoS 2); what was written came of the first' })
  if (outcome === 'handled' && isReading && !rows.some(({ table }) => table === 'sensor_data'))
    unknown.push({
      part: 'readings',
      why: 'it was stored before: an earlier message brought the same reading',
    })
  const found = effects.readings.length + effects.actuator_history.length + effects.audit.length
  const noted = rows.filter(({ table }) => table !== 'device_health').length
  if (outcome !== 'waiting' && found < noted)
    unknown.push({
      part: 'rows',
      why: `${noted - found} of ${noted} rows are not there any more, or not yet`,
    })
  if (outcome === 'handled' && isReading && effects.readings.length > 0 && effects.events.length === 0)
    unknown.push({ part: 'events', why: 'its value is converted later; what is told then is not noted here' })
  if (outcome === 'handler_failed')
    unknown.push({ part: 'events', why: 'its handler failed; what was told before that is not noted' })
  const isUsed = outcome === 'handled' || outcome === 'sent'
  if (isUsed && correlation_id !== null && type?.startsWith('actuator_') && effects.commands.length === 0)
    unknown.push({
      part: 'commands',
      why: `command ${correlation_id} is not, or not any more, in the history`,
    })
  return unknown
}

/** Everything that is known to have come of a message. `mayRead` says which other messages may be named. */
export async function effectsOf(
  options: EffectsOptions,
  message: MqttMessageEvent,
  mayRead: Readable,
): Promise<Effects> {
  const { store, messages } = options
  const rows = messages.rows(message.id)
  const events = [...messages.events(message.id)]
  const { history, ...rest } = written(options, message, rows)
  const named = new Map<string, Commanded>()
  for (const row of history) if (row.correlation_id !== null) named.set(row.correlation_id, row as Commanded)
  const { correlation_id, reject_id } = message
  const own =
    correlation_id === null
      ? undefined
      : (store.actuatorHistory.find(correlation_id) ?? store.actuatorHistory.row(correlation_id))
  if (own) named.set(own.correlation_id!, own as Commanded)

  const related: MqttMessageEvent[] = []
  for (const word of new Set([...(correlation_id === null ? [] : [correlation_id]), ...named.keys()]))
    for await (const found of search(messages, { q: word }, mayRead, [messages.oldest, messages.newest]))
      if ('id' in found && found.correlation_id === word && found.id !== message.id)
        if (related.push(found) >= MOST_RELATED) break
  const reject = reject_id === null ? undefined : store.rejects.find(reject_id)
  const effects = {
    success: true as const,
    message,
    ...rest,
    actuator_history: history.map(historyEntry),
    reject: reject ? rejectBody(reject, message.id) : null,
    commands: [...named.values()].map(commandBody),
    related: related.sort((a, b) => a.id - b.id),
    events,
    rule_runs: [],
  }
  return { ...effects, unknown: unknownOf(message, rows, effects) }
}
