/**
 * How a device learns what it is made of: sensors, actuators and offline rules, when somebody changes them, when it
 * is back, and when its heartbeat shows that it has something else. Made inside the group, said after the commit, at
 * QoS 1, not retained, to a device that is there and listens; one that is not is told when it is back.
 */
import type { ActuatorConfig } from '../../storage/actuator-configs.js'
import type { Device } from '../../storage/devices.js'
import type { SensorConfig } from '../../storage/sensor-configs.js'
import type { Store } from '../../storage/store.js'
import type { DeviceAudit } from '../audit.js'
import type { ConfigResponse } from '../contract/actuator-payloads.js'
import type { Heartbeat } from '../contract/payloads.js'
import { format, toDevice } from '../contract/topics.js'
import { isThere } from '../device-commands.js'
import type { Effect } from '../effect.js'
import type { Findings } from '../findings.js'
import { isKnown } from '../registry.js'
import type { Library } from '../sensors/library.js'
import { isVirtual } from '../sensors/wiring.js'
import { createContents, fingerprintOf } from './content.js'
import { driftOf } from './drift.js'
import { createFitting, type Fit } from './fitting.js'
import { createGenerations } from './generation.js'
import { type ConfigPush, type ConfigReason, messagesOf } from './messages.js'
import type { OfflineRulesOf } from './offline-rules.js'
import { createPatience } from './patience.js'
import { createRefused, type Refused } from './refused.js'
import { bufferOf, tooLarge } from './size.js'
import { type Asked, createTold } from './told.js'

export interface Configuration {
  /** Makes what the device is to be told now; undefined when it is not online. Inside the group. */
  push(device_id: string, reason_code: ConfigReason, now: number): ConfigPush | undefined
  /** Says it. False when nobody listens. After the commit; never throws. */
  send(push: ConfigPush): boolean
  /** Says what nobody asked for, and writes that down. */
  deliver(push: ConfigPush): void
  /** Why the device could not be told this config; undefined when it can. */
  tooLarge(device: Device, config: SensorConfig | ActuatorConfig): string | undefined
  /** It has come back: it may be told at once, one time. */
  back(device_id: string): void
  /** It listens again: what it has not answered. Inside the group. */
  returned(device_id: string, now: number): readonly Effect[]
  /** There is something to tell it, and it does not listen. */
  isUnheard(device_id: string): boolean
  /** A heartbeat of a known device. Inside the group. */
  heard(device: Device, said: Heartbeat, now: number): readonly Effect[]
  /** What an answer is about; undefined: everything that waits. */
  asked(device: Device, type: string, answer: ConfigResponse): Asked | undefined
  /** What the device did not take is a finding until it has. Inside the group. */
  readonly answered: Refused['answered']
  /** A config as the device would be told now. */
  textOf(device: Device, config: SensorConfig | ActuatorConfig): string
}

export interface ConfigurationOptions {
  store: Store
  library: Library
  kaiser_id: string
  offlineRulesOf: OfflineRulesOf
  audit: DeviceAudit
  findings: Findings
  /** Says something to a device now; false when nobody listens. */
  tell: (esp_id: string, message: { topic: string; payload: string }) => boolean
  /** Does the device listen to this topic, or, where it has no connection of its own, anybody? */
  hears: (esp_id: string, topic: string) => boolean
  /** ms since 1970 */
  now: () => number
}

const NOTHING: readonly Effect[] = Object.freeze([])

export function createConfiguration(options: ConfigurationOptions): Configuration {
  const { store, kaiser_id, audit, findings, tell, hears, now } = options
  const topicOf = (esp_id: string): string => format(toDevice.config, { kaiser_id, esp_id })
  const contents = createContents(options)
  const fitting = createFitting({ store, contents, topicOf, audit, findings })
  const generations = createGenerations(store.devices)
  const patience = createPatience()
  const told = createTold()
  store.devices.watch((before, after) => {
    if (after || !before) return
    patience.forget(before.device_id)
    told.forget(before.device_id)
  })

  const make = (
    device: Device,
    fit: Fit,
    reason_code: ConfigReason,
    at: number,
    again: boolean,
  ): ConfigPush => {
    const { device_id: esp_id } = device
    fitting.record(device, fit, at)
    refused.review(device, waits(fit), at)
    const push = messagesOf(fit.content, {
      esp_id,
      topic: topicOf(esp_id),
      reason_code,
      buffer: bufferOf(device),
      generation: (messages) => generations.take(store.devices.find(esp_id) ?? device, messages, at),
      uuid: store.uuid,
      now: at,
    })
    for (const { correlation_id, part } of push.messages) told.remember(esp_id, correlation_id, part)
    patience.told(esp_id, push.fingerprint, at, again)
    return push
  }

  const itemOf = (device: Device, config: SensorConfig | ActuatorConfig) =>
    'sensor_type' in config ? contents.sensor(device, config) : contents.actuator(device, config)

  const refused = createRefused({
    store,
    findings,
    fits: (device, config) =>
      tooLarge(device, topicOf(device.device_id), itemOf(device, config)) === undefined,
  })

  const waits = ({ content }: Fit): boolean =>
    [...content.sensors, ...content.actuators].some(({ config }) => config.config_status === 'pending')

  /** The kinds people configured something of. */
  const configured = (device_id: string) => ({
    sensors: store.sensorConfigs.list(device_id).some(({ sensor_type }) => !isVirtual(sensor_type)),
    actuators: store.actuatorConfigs.count(device_id) > 0,
  })

  const again = (device: Device, fit: Fit, reason: ConfigReason, at: number): readonly Effect[] => {
    if (!patience.may(device.device_id, fingerprintOf(fit.content), at)) return NOTHING
    return [{ kind: 'configure', push: make(device, fit, reason, at, true), at_once: false }]
  }

  const send: Configuration['send'] = ({ esp_id, topic, messages }) => {
    const sent = messages.every(({ payload }) => tell(esp_id, { topic, payload }))
    if (!sent) patience.missed(esp_id)
    return sent
  }

  return {
    send,
    push(device_id, reason_code, at) {
      const device = store.devices.find(device_id)
      return device && isThere(device) ? make(device, fitting.of(device), reason_code, at, false) : undefined
    },
    deliver(push) {
      const sent = send(push)
      store.auditLogs.note(
        {
          event_type: sent ? 'config_published' : 'config_failed',
          severity: sent ? 'info' : 'warning',
          source_type: 'system',
          source_id: push.esp_id,
          status: sent ? 'success' : 'failed',
          details: push.details,
          correlation_id: push.correlation_id,
        },
        now(),
      )
    },
    tooLarge: (device, config) => tooLarge(device, topicOf(device.device_id), itemOf(device, config)),
    back(device_id) {
      // Who comes and goes all the time would be told all the time.
      if (store.devices.find(device_id)?.flapping_since == null) patience.back(device_id)
    },
    returned(device_id, at) {
      const device = store.devices.find(device_id)
      if (!isKnown(device) || !hears(device_id, topicOf(device_id))) return NOTHING
      const fit = fitting.of(device)
      return waits(fit) ? again(device, fit, 'device_online', at) : NOTHING
    },
    isUnheard(device_id) {
      const device = store.devices.find(device_id)
      return isKnown(device) && !hears(device_id, topicOf(device_id)) && waits(fitting.of(device))
    },
    heard(device, said, at) {
      const { device_id } = device
      const some = configured(device_id)
      if (!some.sensors && !some.actuators && !generations.any(device)) return NOTHING
      const fit = fitting.of(device)
      const drift = driftOf(fit.content, said, some)
      if (drift) findings.note('config_differs', device_id, at, { ...drift })
      else findings.clear('config_differs', device_id)
      refused.review(device, waits(fit), at)
      if ((!drift && !waits(fit)) || !hears(device_id, topicOf(device_id))) return NOTHING
      return again(device, fit, drift ? 'config_drift' : 'config_unanswered', at)
    },
    answered: refused.answered,
    asked: ({ device_id }, type, answer) => told.asked(device_id, type, answer),
    textOf: (device, config) => itemOf(device, config).text,
  }
}
