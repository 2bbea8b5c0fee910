/**
 * Every topic kaiser knows, and the only place where one is spelled. A row is a template whose `{levels}`
 * become the fields of a match. The direction of a row decides who may publish it, and that a message to a
 * device is known although no handler waits for it. Sources: protocol.md §1.1, §1.2; the seed §1.2.
 */

/** What devices say. Each row gets one handler; rows without one yet are refused as `topic_unrouted`. */
export const fromDevice = {
  sensorData: 'kaiser/{kaiser_id}/esp/{esp_id}/sensor/{gpio}/data',
  sensorBatch: 'kaiser/{kaiser_id}/esp/{esp_id}/sensor/batch',
  heartbeat: 'kaiser/{kaiser_id}/esp/{esp_id}/system/heartbeat',
  heartbeatShort: 'kaiser/{kaiser_id}/esp/{esp_id}/heartbeat',
  heartbeatMetrics: 'kaiser/{kaiser_id}/esp/{esp_id}/system/heartbeat_metrics',
  sessionAnnounce: 'kaiser/{kaiser_id}/esp/{esp_id}/session/announce',
  will: 'kaiser/{kaiser_id}/esp/{esp_id}/system/will',
  systemError: 'kaiser/{kaiser_id}/esp/{esp_id}/system/error',
  diagnostics: 'kaiser/{kaiser_id}/esp/{esp_id}/system/diagnostics',
  deviceStatus: 'kaiser/{kaiser_id}/esp/{esp_id}/status',
  safeMode: 'kaiser/{kaiser_id}/esp/{esp_id}/safe_mode',
  systemResponse: 'kaiser/{kaiser_id}/esp/{esp_id}/system/response',
  commandResponse: 'kaiser/{kaiser_id}/esp/{esp_id}/system/command/response',
  sensorResponse: 'kaiser/{kaiser_id}/esp/{esp_id}/sensor/{gpio}/response',
  actuatorStatus: 'kaiser/{kaiser_id}/esp/{esp_id}/actuator/{gpio}/status',
  actuatorResponse: 'kaiser/{kaiser_id}/esp/{esp_id}/actuator/{gpio}/response',
  actuatorAlert: 'kaiser/{kaiser_id}/esp/{esp_id}/actuator/{gpio}/alert',
  emergencyAck: 'kaiser/{kaiser_id}/esp/{esp_id}/actuator/emergency/ack',
  recoveryConfirm: 'kaiser/{kaiser_id}/esp/{esp_id}/actuator/recovery_confirm',
  configResponse: 'kaiser/{kaiser_id}/esp/{esp_id}/config_response',
  zoneAck: 'kaiser/{kaiser_id}/esp/{esp_id}/zone/ack',
  subzoneAck: 'kaiser/{kaiser_id}/esp/{esp_id}/subzone/ack',
  subzoneStatus: 'kaiser/{kaiser_id}/esp/{esp_id}/subzone/status',
  authStatus: 'kaiser/{kaiser_id}/esp/{esp_id}/mqtt/auth_status',
  discoveryNodes: 'kaiser/{kaiser_id}/discovery/esp32_nodes',
} as const

/** What devices are told. Nobody handles these in kaiser; the broker forwards them. */
export const toDevice = {
  actuatorCommand: 'kaiser/{kaiser_id}/esp/{esp_id}/actuator/{gpio}/command',
  actuatorEmergency: 'kaiser/{kaiser_id}/esp/{esp_id}/actuator/emergency',
  broadcastEmergency: 'kaiser/broadcast/emergency',
  broadcastUpdate: 'kaiser/broadcast/system_update',
  broadcastAll: 'kaiser/broadcast/all',
  broadcastIpChange: 'kaiser/broadcast/ip_change',
  broadcastZone: 'kaiser/broadcast/zone/{zone_id}',
  sensorCommand: 'kaiser/{kaiser_id}/esp/{esp_id}/sensor/{gpio}/command',
  sensorProcessed: 'kaiser/{kaiser_id}/esp/{esp_id}/sensor/{gpio}/processed',
  config: 'kaiser/{kaiser_id}/esp/{esp_id}/config',
  configSensor: 'kaiser/{kaiser_id}/esp/{esp_id}/config/sensor/{gpio}',
  configActuator: 'kaiser/{kaiser_id}/esp/{esp_id}/config/actuator/{gpio}',
  configPart: 'kaiser/{kaiser_id}/esp/{esp_id}/config_part',
  systemCommand: 'kaiser/{kaiser_id}/esp/{esp_id}/system/command',
  heartbeatAck: 'kaiser/{kaiser_id}/esp/{esp_id}/system/heartbeat/ack',
  zoneAssign: 'kaiser/{kaiser_id}/esp/{esp_id}/zone/assign',
  subzoneAssign: 'kaiser/{kaiser_id}/esp/{esp_id}/subzone/assign',
  subzoneRemove: 'kaiser/{kaiser_id}/esp/{esp_id}/subzone/remove',
  subzoneSafe: 'kaiser/{kaiser_id}/esp/{esp_id}/subzone/safe',
  authUpdate: 'kaiser/{kaiser_id}/esp/{esp_id}/mqtt/auth_update',
  libraryStart: 'kaiser/{kaiser_id}/esp/{esp_id}/library/download_start',
  libraryChunk: 'kaiser/{kaiser_id}/esp/{esp_id}/library/chunk',
  libraryComplete: 'kaiser/{kaiser_id}/esp/{esp_id}/library/download_complete',
  serverStatus: 'kaiser/{kaiser_id}/server/status',
} as const

/** What only kaiser itself may say: the realtime events, mirrored for MQTT dashboards. */
export const fromServer = {
  event: 'kaiser/{kaiser_id}/event/{event}',
} as const

type LevelNames<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | LevelNames<Rest>
  : never

/** The levels a template names: `gpio` is a number, everything else a string. */
export type Levels<T extends string> = { [K in LevelNames<T>]: K extends 'gpio' ? number : string }

/** A device id: one level of letters, digits, `_` and `-`, 1 to 50 characters, case-sensitive. */
export const ESP_ID = /^[A-Za-z0-9_-]{1,50}$/

const isGpio = (level: string): boolean => /^\d{1,3}$/.test(level) && Number(level) <= 255

type Segment = { literal: string } | { name: string }

const parsed = new Map<string, readonly Segment[]>()

/** Templates are few and asked for with every message. */
function segments(template: string): readonly Segment[] {
  let known = parsed.get(template)
  if (!known) {
    known = template
      .split('/')
      .map((part) =>
        part.startsWith('{') && part.endsWith('}') ? { name: part.slice(1, -1) } : { literal: part },
      )
    parsed.set(template, known)
  }
  return known
}

/** Compiles a template once; the matcher returns the levels, or undefined when the topic is another one. */
export function matcher<T extends string>(template: T): (topic: string) => Levels<T> | undefined {
  const wanted = segments(template)
  return (topic) => {
    const parts = topic.split('/')
    if (parts.length !== wanted.length) return undefined
    const levels: Record<string, string | number> = {}
    for (let i = 0; i < wanted.length; i++) {
      const segment = wanted[i]!
      const part = parts[i]!
      if ('literal' in segment) {
        if (segment.literal !== part) return undefined
      } else if (segment.name === 'gpio') {
        if (!isGpio(part)) return undefined
        levels.gpio = Number(part)
      } else {
        if (!ESP_ID.test(part)) return undefined
        levels[segment.name] = part
      }
    }
    return levels as Levels<T>
  }
}

/** The literal topic of a template. Throws a RangeError when a level breaks the grammar of its name. */
export function format<T extends string>(template: T, levels: Levels<T>): string {
  return segments(template)
    .map((segment) => {
      if ('literal' in segment) return segment.literal
      const level = String((levels as Record<string, string | number>)[segment.name])
      const valid = segment.name === 'gpio' ? isGpio(level) : ESP_ID.test(level)
      if (!valid) throw new RangeError(`"${level}" is not a valid ${segment.name} for ${template}`)
      return level
    })
    .join('/')
}

/** The topic filter that subscribes to every topic of a template. */
export const filterOf = (template: string): string => template.replaceAll(/\{[^}]+\}/g, '+')

const SLASH = 47
const PLUS = 43
const HASH = 35

/** Does a literal topic match a filter? Asked of every filter of every receiver, so it makes nothing. [MQTT-4.7] */
export function matchesFilter(filter: string, topic: string): boolean {
  let at = 0
  for (let i = 0; i < filter.length; i++) {
    const wanted = filter.charCodeAt(i)
    if (wanted === HASH) return true
    if (wanted === PLUS) {
      while (at < topic.length && topic.charCodeAt(at) !== SLASH) at++
    } else if (at < topic.length && topic.charCodeAt(at) === wanted) at++
    // `a/#` matches `a` too. [MQTT-4.7.1-2]
    else return at === topic.length && filter.endsWith('/#') && i === filter.length - 2
  }
  return at === topic.length
}

/** Is there a topic that both filters match? */
export function overlaps(one: string, other: string): boolean {
  const [these, those] = [one.split('/'), other.split('/')]
  for (let i = 0; ; i++) {
    const [a, b] = [these[i], those[i]]
    if (a === '#' || b === '#' || (a === undefined && b === undefined)) return true
    if (a === undefined || b === undefined) return false
    if (a !== b && a !== '+' && b !== '+') return false
  }
}

const DEVICES = Object.values(fromDevice).map((template) => matcher<string>(template))

/** Is it something that a device says? */
export const isSaidByDevice = (topic: string): boolean => DEVICES.some((match) => match(topic) !== undefined)

const TELEMETRY = [
  fromDevice.sensorData,
  fromDevice.sensorBatch,
  fromDevice.heartbeat,
  fromDevice.heartbeatShort,
  fromDevice.heartbeatMetrics,
  fromDevice.diagnostics,
].map((template) => matcher(template))

/** Is it one of many of its kind, the next of which is already on its way? Such messages make room for others. */
export const isTelemetry = (topic: string): boolean => TELEMETRY.some((match) => match(topic) !== undefined)
