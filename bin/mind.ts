/**
 * The mind of the house, composed: everything of routing that acts on messages, devices, sensors and actuators. It
 * speaks through a voice that is the broker's, and is handed in, because the broker needs the mind first.
 */
import type { Hub } from '../realtime/hub.js'
import { createExpiry } from '../routing/actuators/expiry.js'
import { type Actuators, createActuators } from '../routing/actuators.js'
import { createDeviceAudit } from '../routing/audit.js'
import { climateOf } from '../routing/climate.js'
import { createConfiguration } from '../routing/configuration/configuration.js'
import { createOfflineRulesOf } from '../routing/configuration/offline-rules.js'
import type { Report } from '../routing/contract/codes.js'
import { format, toDevice } from '../routing/contract/topics.js'
import { createDeviceCommands, type Publish } from '../routing/device-commands.js'
import { createDispatch } from '../routing/dispatch.js'
import { createEvaluation } from '../routing/evaluate.js'
import type { Every } from '../routing/every.js'
import type { Findings } from '../routing/findings.js'
import type { Discovery, Handler } from '../routing/handler.js'
import { handlers } from '../routing/handlers/index.js'
import { createInstruments } from '../routing/instruments.js'
import { createLateConversion } from '../routing/late-conversion.js'
import { createListening } from '../routing/listening.js'
import { operators } from '../routing/operators/index.js'
import { createPresence } from '../routing/presence.js'
import { createRecomputations } from '../routing/recompute.js'
import type { RefusalLog } from '../routing/refusal-log.js'
import { createSensorCommands } from '../routing/sensor-commands.js'
import { createLibrary } from '../routing/sensors/library.js'
import { createUserTypes, type UserTypesOptions } from '../routing/sensors/user-types.js'
import { createAct, createSpeak, type Perform } from '../routing/speech.js'
import type { Stats } from '../routing/stats.js'
import type { Tell } from '../routing/tell.js'
import type { Trace } from '../routing/trace.js'
import { createPlaceOf } from '../routing/zones/place.js'
import { createZoning } from '../routing/zones/zoning.js'
import type { Store } from '../storage/store.js'
import { createPerform } from './perform.js'

/** How the mind speaks on MQTT. */
export interface Voice {
  publish: Publish
  /** Does anybody listen to this topic? */
  hears: (topic: string) => boolean
  tell: Tell
  /** Has the device a connection of its own that obeys? */
  present: (esp_id: string) => boolean
  /** Does the device listen to this topic, or, where it has no connection of its own, anybody? */
  hearsItself: (esp_id: string, topic: string) => boolean
}

export interface MindOptions {
  store: Store
  kaiser_id: string
  discovery: Discovery
  voice: Voice
  emit: Hub['emit']
  stats: Stats
  refusalLog: RefusalLog
  report: Report
  /** Follows each message. */
  trace?: Trace
  findings: Findings
  /** An entry of the audit was left out. */
  leftOut: () => void
  /** The directory of sensor types that people bring. */
  sensorTypes: string
  sensorTypeFailed: UserTypesOptions['failed']
  /** Does what is to be done, in place of what would be done with it; for tests that look at it. */
  perform?: Perform | undefined
  /** More handlers, for tests. */
  extraHandlers?: Readonly<Record<string, Handler>> | undefined
  /** ms since 1970 */
  now: () => number
  /** ms */
  monotonic: () => number
  /** What wakes it again and again. */
  every?: Every | undefined
}

const NOBODY_WAITS = { written() {}, acknowledged() {} }

export type Mind = ReturnType<typeof createMind>

export function createMind(options: MindOptions) {
  const {
    store,
    kaiser_id,
    voice,
    emit,
    stats,
    refusalLog,
    report,
    findings,
    leftOut,
    now,
    monotonic,
    every,
  } = options
  const evaluation = createEvaluation(monotonic, (error, reading) =>
    report('rule_failed', reading.esp_id, { err: error, gpio: reading.gpio }),
  )
  const really = createPerform({
    emit,
    publish: voice.publish,
    evaluate: evaluation.evaluate,
    convert: (request) => lateConversion(request),
    configure: (push) => configuration.deliver(push),
    switchOff: (request) => actuators.switchOff(request),
    sendCommand: (correlation_id, stored) => actuators.sendCommand(correlation_id, stored),
    stopActuators: (request) => actuators.stopActuators(request),
    sayOff: (correlation_id) => actuators.sayOff(correlation_id),
    sendStop: (stop_id, esp_id) => actuators.sendStop(stop_id, esp_id),
    failed: (effect, error) =>
      report(effect.kind === 'publish' ? 'publish_failed' : 'internal_error', effect.kind, { err: error }),
  })
  const { perform = really } = options
  const audit = createDeviceAudit(store.auditLogs, leftOut)
  /** It has a connection of its own that obeys, or it is there and somebody hears what it is told. */
  const reachable = (esp_id: string): boolean =>
    voice.present(esp_id) ||
    (store.devices.find(esp_id)?.status === 'online' &&
      voice.hears(format(toDevice.actuatorCommand, { kaiser_id, esp_id, gpio: 0 })))
  const speak = createSpeak(store.group, perform, (error) =>
    report('internal_error', 'presence', { err: error }),
  )
  const act = createAct(store.group, perform)
  const library = createLibrary()
  const userTypes = createUserTypes({
    directory: options.sensorTypes,
    added: (description) => library.add({ ...description, remote: true }),
    removed: (type) => void library.remove(type),
    failed: options.sensorTypeFailed,
    monotonic,
  })
  const instruments = createInstruments(
    library,
    store.sensorConfigs,
    climateOf(store, library),
    createPlaceOf(store),
  )
  const lateConversion = createLateConversion({
    store,
    instruments,
    kaiser_id,
    speak,
    convert: userTypes.convert,
  })
  const recomputations = createRecomputations({
    store,
    library,
    now,
    failed: (error) => report('internal_error', 'recompute', { err: error }),
  })
  const actuators: Actuators = createActuators({
    store,
    kaiser_id,
    tell: voice.tell,
    reachable,
    normalise: library.normalise,
    // There are no rules yet that drive one.
    sensorsOfRules: () => [],
    audit,
    report,
    speak,
    now,
    monotonic,
    every,
  })
  const expiry = createExpiry({
    store,
    book: actuators.book,
    speak,
    failed: (error) => report('storage_unavailable', 'actuator_history', { err: error }),
    now,
    monotonic,
    every,
  })
  const { publish, hears } = voice
  const deviceCommands = createDeviceCommands({ kaiser_id, publish, hears, uuid: store.uuid })
  const sensorCommands = createSensorCommands({ kaiser_id, publish, hears, uuid: store.uuid })
  const configuration = createConfiguration({
    store,
    library,
    kaiser_id,
    offlineRulesOf: createOfflineRulesOf({ store, library }),
    audit,
    findings,
    tell: (esp_id, message) => voice.tell(esp_id, message, NOBODY_WAITS),
    hears: voice.hearsItself,
    now,
  })
  const zoning = createZoning({
    store,
    kaiser_id,
    hears: voice.hears,
    audit,
    findings,
  })
  const presence = createPresence({
    store,
    kaiser_id,
    findings,
    audit,
    speak,
    now,
    every,
    returned(device) {
      configuration.back(device.device_id)
      setImmediate(() => speak(() => zoning.returned(device.device_id, now())))
      setImmediate(() => speak(() => configuration.returned(device.device_id, now())))
    },
  })
  const { present } = voice
  const listening = createListening({ store, actuators, configuration, present, speak, now, every })
  const dispatch = createDispatch({
    store,
    handlers: { ...handlers, ...options.extraHandlers },
    operators,
    kaiser_id,
    discovery: options.discovery,
    stats,
    refusalLog,
    findings,
    audit,
    actuators,
    presence,
    instruments,
    zoning,
    configuration,
    perform,
    trace: options.trace,
    now,
    monotonic,
  })

  return {
    evaluation,
    perform,
    act,
    library,
    userTypes,
    instruments,
    recomputations,
    actuators,
    expiry,
    deviceCommands,
    sensorCommands,
    configuration,
    zoning,
    presence,
    dispatch,
    /** A device has a new connection. */
    reconnected(esp_id: string): void {
      presence.reconnected(esp_id)
      configuration.back(esp_id)
    },
    heard: listening.heard,
    subscribed: listening.subscribed,
    /** Nobody is watched any more. */
    rest(): void {
      listening.close()
      presence.close()
      actuators.close()
    },
  }
}
