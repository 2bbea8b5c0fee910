/**
 * What a sound row of the broker's tables looks like. STRICT holds the types of what we write; this is for what
 * a broken disk, a half copied file or somebody's hand has made of it: such a row must never reach a client.
 */
import type { Tables } from './tables.js'

export type MqttTable = Extract<keyof Tables, `mqtt_${string}`> & Exclude<keyof Tables, 'mqtt_quarantine'>

type Check = (value: unknown) => boolean

/** One table: which columns name a row, and what each column may hold. */
export interface Shape {
  readonly key: readonly string[]
  readonly columns: Readonly<Record<string, Check>>
}

/** A string as MQTT writes it: no U+0000, at most 65,535 bytes. [MQTT-1.5.3-2] */
const text: Check = (value) =>
  typeof value === 'string' && !value.includes('\u0000') && Buffer.byteLength(value) <= 65_535
const word: Check = (value) => text(value) && value !== ''
const topicName: Check = (value) => word(value) && !/[+#]/.test(value as string)
/** `#` stands last and alone in its level, `+` alone in its level. [MQTT-4.7.1-2] [MQTT-4.7.1-3] */
const filter: Check = (value) =>
  word(value) &&
  (value as string)
    .split('/')
    .every(
      (level, i, levels) =>
        !/[+#]/.test(level) || level === '+' || (level === '#' && i === levels.length - 1),
    )
const bytes: Check = (value) => value instanceof Uint8Array
const within =
  (least: number, most: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
const qos = within(0, 2)
const flag = within(0, 1)
const id = within(1, Number.MAX_SAFE_INTEGER)
const time = within(0, Number.MAX_SAFE_INTEGER)
const json: Check = (value) => {
  try {
    return typeof JSON.parse(value as string) === 'object'
  } catch {
    return false
  }
}
/** [MQTT-2.3.1-1] */
const packetId = within(1, 65_535)
const maybe =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)

export const SHAPES: Readonly<Record<MqttTable, Shape>> = {
  mqtt_sessions: {
    key: ['client_id'],
    columns: { client_id: word, owner: text, disconnected_at: maybe(time) },
  },
  mqtt_subscriptions: {
    key: ['client_id', 'filter'],
    columns: { client_id: word, filter, qos, nl: maybe(flag), rap: maybe(flag), rh: maybe(qos) },
  },
  mqtt_messages: { key: ['id'], columns: { id, topic: topicName, payload: bytes, received_at: time } },
  mqtt_queue: {
    key: ['id'],
    columns: { id, client_id: word, message_id: maybe(id), qos: within(1, 2), packet_id: maybe(packetId) },
  },
  mqtt_incoming: { key: ['client_id', 'packet_id'], columns: { client_id: word, packet_id: packetId } },
  mqtt_retained: { key: ['topic'], columns: { topic: topicName, payload: bytes, qos, stored_at: time } },
  mqtt_wills: {
    key: ['client_id'],
    columns: { client_id: word, topic: topicName, payload: bytes, qos, retain: flag },
  },
  mqtt_aside: {
    key: ['client_id', 'name'],
    columns: { client_id: text, name: word, seq: id, put_at: time, packet: json },
  },
}

/** Why a row cannot be used; undefined when it can. */
export function unsound({ columns }: Shape, row: Readonly<Record<string, unknown>>): string | undefined {
  for (const [column, check] of Object.entries(columns))
    if (!check(row[column])) return `${column} cannot be ${String(row[column]).slice(0, 40)}`
  return undefined
}
