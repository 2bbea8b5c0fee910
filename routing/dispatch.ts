/**
 * The hot path: bytes → route → JSON → check → device → handler inside the group → effects. One synchronous
 * stack per message; it never throws, never waits, and answers each message exactly once, in order of arrival
 * per client, when its rows are on disk. Refusals are values; a handler that throws harms nobody else.
 */
import type { TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import type { Device } from '../storage/devices.js'
import type { Store } from '../storage/store.js'
import { createFacts } from './actuators/facts.js'
import { createKeep } from './actuators/report-limit.js'
import type { Actuators } from './actuators.js'
import type { DeviceAudit } from './audit.js'
import type { Configuration } from './configuration/configuration.js'
import { codes, type Refusal } from './contract/codes.js'
import type { TurnedDown } from './contract/identities.js'
import { hardwareTypeOf } from './data-source.js'
import { Delivery, type Desk, type Incoming, type Sender, type Settle } from './delivery.js'
import { MOST_DEVICES } from './discovery.js'
import type { Effect } from './effect.js'
import { createConfirm } from './emergency/confirm.js'
import type { Findings } from './findings.js'
import type { Context, Discovery, Handler, Message } from './handler.js'
import type { Instruments } from './instruments.js'
import type { Presence } from './presence.js'
import type { RefusalLog } from './refusal-log.js'
import { createListingLimit, isKnown } from './registry.js'
import { createRouter, type Route } from './router.js'
import type { Stats } from './stats.js'
import { isFresh } from './time.js'
import { follow, NO_TRACE, type Outcome, type Trace } from './trace.js'
import { createTurnedDown } from './turned-down.js'
import { wellFormed } from './well-formed.js'
import type { Zoning } from './zones/zoning.js'

/** Largest payload that is parsed, bytes (protocol.md §1.7). */
export const MAX_PAYLOAD = 16_384

export interface DispatchOptions {
  store: Store
  handlers: Readonly<Record<string, Handler>>
  /** What people may say on topics that devices obey. */
  operators: Readonly<Record<string, Handler>>
  kaiser_id: string
  discovery: Discovery
  stats: Stats
  refusalLog: RefusalLog
  findings: Findings
  audit: DeviceAudit
  actuators: Actuators
  presence: Presence
  instruments: Instruments
  zoning: Zoning
  configuration: Configuration
  perform: Desk['perform']
  /** Follows each message. */
  trace?: Trace | undefined
  /** ms since 1970 */
  now: () => number
  /** ms */
  monotonic: () => number
}

export interface Dispatch {
  /**
   * Takes a message; `settle` is called once: with nothing to acknowledge it, with an error to close.
   * Returns the delivery when a handler or a refusal came of it.
   */
  receive(message: Incoming, sender: Sender, settle: Settle): Delivery | undefined
}

type Handled = Extract<Route, { kind: 'handled' }>

const NOTHING: readonly Effect[] = Object.freeze([])
const KNOWN_FOREIGNERS = 1_000
/** What becomes of messages that nobody handles here. */
const PASSED = {
  handled: 'forwarded',
  unrouted: 'forwarded',
  known: 'forwarded',
  foreign: 'kaiser_foreign',
  outside: 'not_ours',
} as const satisfies Record<Route['kind'], Outcome>

export function createDispatch(options: DispatchOptions): Dispatch {
  const { store, stats, refusalLog, findings, trace = NO_TRACE, now, monotonic } = options
  const router = createRouter(options.handlers, options.kaiser_id)
  const meant = createRouter(options.operators, options.kaiser_id)
  const validators = new Map<Handler, Validator>()
  for (const handler of [...Object.values(options.handlers), ...Object.values(options.operators)])
    validators.set(handler, Compile(handler.payload as TSchema))
  const context: Context = {
    store,
    kaiser_id: options.kaiser_id,
    discovery: options.discovery,
    tolerate(what, esp_id, at) {
      stats.tolerate(what)
      findings.note(what, esp_id, at)
    },
    findings,
    audit: options.audit,
    book: options.actuators.book,
    actuators: options.actuators,
    facts: createFacts(store),
    confirm: createConfirm(store),
    keep: createKeep(store.actuatorHistory, () => stats.tolerate('reports_left_out')),
    presence: options.presence,
    instruments: options.instruments,
    zoning: options.zoning,
    configuration: options.configuration,
    duplicate: stats.duplicate,
    admit: createListingLimit(),
  }
  const foreigners = new Set<string>()
  const turnedDown = createTurnedDown(options.audit)

  /** Counts, logs and keeps a message that is not used. Runs inside the group. */
  const keep = (
    delivery: Delivery,
    code: Refusal | 'handler_failed',
    detail: string,
    fields: object,
  ): void => {
    const { message, sender, esp_id } = delivery
    const { topic, payload, qos } = message
    const { client_id } = sender
    stats.count(code, true)
    const said_by = message.by ?? message.turned_down?.by
    refusalLog.write(code, esp_id ?? client_id, { topic, client_id, ...(said_by && { said_by }), ...fields })
    const { id } = store.rejects.insert({
      received_at: delivery.received_at,
      topic,
      payload,
      qos,
      code,
      detail,
      esp_id,
      client_id,
      said_by,
    })
    if (message.trace) trace.refused(message.trace, code, id)
  }

  const refuse = (delivery: Delivery, code: Refusal, detail: string): typeof NOTHING => {
    keep(delivery, code, detail, { detail })
    delivery.code = code
    return NOTHING
  }

  const desk: Desk = {
    perform: options.perform,
    evaluateLate(effect) {
      if (isFresh(effect.reading.timestamp, now())) options.perform(effect, true)
    },
    committed({ message }, stored) {
      if (message.trace) trace.committed(message.trace, stored)
    },
    settled({ message, started }, acknowledged) {
      stats.latency.ack.record(monotonic() - started)
      if (message.trace && acknowledged) trace.acknowledged(message.trace)
    },
    failed(delivery, error) {
      keep(
        delivery,
        'handler_failed',
        error instanceof Error ? (error.stack ?? error.message) : String(error),
        { err: error },
      )
    },
  }

  /** The device a message is from; with discovery `auto` a stranger's first valid message registers it. */
  const deviceOf = (esp_id: string | null, at: number): Device | undefined => {
    if (esp_id === null) return undefined
    const device = store.devices.find(esp_id)
    if (device || options.discovery !== 'auto' || store.devices.count >= MOST_DEVICES) return device
    return store.devices.insert(
      esp_id,
      {
        hardware_type: hardwareTypeOf(esp_id),
        status: 'approved',
        discovered_at: at,
        approved_at: at,
        approved_by: 'discovery',
      },
      at,
    )
  }

  const handle = (delivery: Delivery, { handler, levels }: Handled): readonly Effect[] => {
    const { message, esp_id, received_at } = delivery
    if (message.payload.length > MAX_PAYLOAD)
      return refuse(delivery, 'payload_too_large', `${message.payload.length} bytes; at most ${MAX_PAYLOAD}`)

    let payload: unknown
    try {
      payload = JSON.parse(wellFormed(text(message.payload)))
    } catch (error) {
      return refuse(delivery, 'payload_not_json', (error as Error).message)
    }
    const validator = validators.get(handler)!
    if (!validator.Check(payload)) return refuse(delivery, 'payload_invalid', complaint(validator, payload))
    const invalid = handler.invalid?.(payload as never)
    if (invalid) return refuse(delivery, 'payload_invalid', invalid)
    const contradiction = contradicts(payload as Record<string, unknown>, levels)
    if (contradiction) return refuse(delivery, 'device_mismatch', contradiction)

    const device = deviceOf(esp_id, received_at)
    if (handler.knownDevice && !device && options.discovery === 'auto')
      return refuse(delivery, 'devices_full', `${esp_id} is not registered: ${MOST_DEVICES} devices are`)
    if (handler.knownDevice && !isKnown(device))
      return refuse(delivery, 'device_unknown', whyUnknown(esp_id, device))

    const result = handler.handle(context, {
      topic: message.topic,
      levels,
      payload,
      device,
      received_at,
      address: delivery.sender.address,
      taken_over: delivery.sender.taken_over === true,
      by: message.by,
    } satisfies Message<string, unknown> as never)
    if ('code' in result) {
      refuse(delivery, result.code, result.detail)
      return result.effects ?? NOTHING
    }
    stats.processed()
    return result
  }

  const deliver = (message: Incoming, sender: Sender, settle: Settle, esp_id: string | null): Delivery =>
    new Delivery(desk, message, sender, esp_id, settle, now(), monotonic())

  /** A message that needs no row keeps its place behind what the same client is still waiting for. */
  const pass = (message: Incoming, sender: Sender, settle: Settle): void => {
    if (message.qos === 0) {
      message.also?.()
      return settle()
    }
    if (sender.waiting === 0 && !message.also) {
      if (message.trace) trace.acknowledged(message.trace)
      return settle()
    }
    if (message.also && store.group.full) return turnAway(message, sender, settle)
    const delivery = deliver(message, sender, settle, null)
    store.group.join(delivery, () => delivery.keep())
  }

  const foreign = (kaiser_id: string, topic: string): void => {
    stats.count('kaiser_foreign')
    if (foreigners.has(kaiser_id) || foreigners.size >= KNOWN_FOREIGNERS) return
    foreigners.add(kaiser_id)
    refusalLog.write('kaiser_foreign', kaiser_id, { topic })
  }

  /** Somebody wanted to say what devices obey: it is written down, told, and acknowledged in its turn. */
  const turnDown = (message: Incoming, sender: Sender, settle: Settle, down: TurnedDown): Delivery => {
    const delivery = deliver(message, sender, settle, null)
    store.group.join(delivery, () => {
      delivery.keep()
      refuse(delivery, down.code, `${down.by}: ${down.detail}`)
      delivery.effects = turnedDown(message.topic, sender, down, delivery.received_at)
    })
    if (message.trace) follow(trace, message.trace, delivery)
    delivery.answer()
    return delivery
  }

  const turnAway = (message: Incoming, sender: Sender, settle: Settle): void => {
    stats.count('backlog_full', true)
    refusalLog.write('backlog_full', sender.client_id, { topic: message.topic })
    if (message.trace) trace.became(message.trace, 'backlog_full')
    settle(message.qos === 0 ? undefined : new Error(codes.backlog_full.sentence))
  }

  return {
    receive(message, sender, settle) {
      if (message.turned_down) {
        if (store.group.full) return void turnAway(message, sender, settle)
        return turnDown(message, sender, settle, message.turned_down)
      }
      const route = (message.by === undefined ? router : meant).route(message.topic)
      if (route.kind === 'foreign') foreign(route.kaiser_id, message.topic)
      // An empty payload clears a retained message; it is none itself. A command that says nothing is a mistake.
      const clears = message.payload.length === 0 && (message.retain || message.by === undefined)
      if ((route.kind !== 'handled' && route.kind !== 'unrouted') || clears) {
        if (message.trace) trace.became(message.trace, PASSED[route.kind])
        return void pass(message, sender, settle)
      }
      const urgent = route.kind === 'handled' && route.handler.urgent === true
      if (urgent ? store.group.brimful : store.group.full) return void turnAway(message, sender, settle)

      const esp_id = route.kind === 'handled' ? ((route.levels.esp_id as string | undefined) ?? null) : null
      const delivery = deliver(message, sender, settle, esp_id)
      store.group.join(delivery, () => {
        delivery.keep()
        if (route.kind === 'handled') delivery.effects = handle(delivery, route)
        else refuse(delivery, 'topic_unrouted', 'no handler for this topic')
      })
      if (message.trace) follow(trace, message.trace, delivery)
      delivery.answer()
      stats.latency.handler.record(monotonic() - delivery.started)
      return delivery
    },
  }
}

const text = (payload: Uint8Array): string =>
  Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8')

/** Why a payload does not fit its schema: the first field and what is wrong with it. */
function complaint(validator: Validator, payload: unknown): string {
  const [first] = validator.Errors(payload)
  if (!first) return 'does not fit the schema'
  const field = first.instancePath.slice(1).replaceAll('/', '.')
  return field ? `${field} ${first.message}` : first.message
}

/** The topic is authoritative; a payload that says otherwise is not believed at all. */
function contradicts(payload: Record<string, unknown>, levels: Handled['levels']): string | undefined {
  for (const level of ['esp_id', 'gpio'] as const) {
    const said = payload[level]
    if (said != null && levels[level] !== undefined && said !== levels[level])
      return `${level} is ${said} in the payload and ${levels[level]} in the topic`
  }
  return undefined
}

const whyUnknown = (esp_id: string | null, device: Device | undefined): string => {
  if (!device) return `${esp_id} is not registered`
  return `${esp_id} is ${device.status === 'rejected' ? 'rejected' : 'waiting for approval'}`
}
