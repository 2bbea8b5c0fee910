/**
 * What of a device's content it can be told at all. An item that is too large for its buffer alone, and a rule that
 * cannot work, are left out, and that is written where people look: in the config, the findings, the audit.
 */
import type { ActuatorConfig } from '../../storage/actuator-configs.js'
import type { Device } from '../../storage/devices.js'
import type { SensorConfig } from '../../storage/sensor-configs.js'
import type { Store } from '../../storage/store.js'
import type { DeviceAudit } from '../audit.js'
import type { Findings } from '../findings.js'
import { type Content, type Contents, type Item, KINDS } from './content.js'
import type { OfflineRule } from './offline-rules.js'
import { tooLarge } from './size.js'

export interface Fit {
  /** What it can be told. */
  readonly content: Content
  /** What it cannot, with the sentence about it. */
  readonly oversized: ReadonlyMap<Item<SensorConfig | ActuatorConfig | OfflineRule>, string>
}

export interface Fitting {
  of(device: Device): Fit
  /** Writes down what is left out. Inside the group. */
  record(device: Device, fit: Fit, now: number): void
}

export interface FittingOptions {
  store: Pick<Store, 'sensorConfigs' | 'actuatorConfigs'>
  contents: Contents
  topicOf: (esp_id: string) => string
  audit: DeviceAudit
  findings: Findings
}

const isRule = (config: SensorConfig | ActuatorConfig | OfflineRule): config is OfflineRule =>
  'actuator_gpio' in config

export function createFitting({ store, contents, topicOf, audit, findings }: FittingOptions): Fitting {
  const fail = (config: SensorConfig | ActuatorConfig, config_error: string, now: number): void => {
    if (config.config_status === 'failed' && config.config_error === config_error) return
    const changes = { config_status: 'failed', config_error } as const
    if ('sensor_type' in config) store.sensorConfigs.update(config, changes, now)
    else store.actuatorConfigs.update(config, changes, now)
  }

  return {
    of(device) {
      const content = contents.of(device)
      const topic = topicOf(device.device_id)
      const oversized = new Map<Item<SensorConfig | ActuatorConfig | OfflineRule>, string>()
      for (const kind of KINDS)
        for (const item of content[kind]) {
          const sentence = tooLarge(device, topic, item)
          if (sentence) oversized.set(item, sentence)
        }
      if (oversized.size === 0) return { content, oversized }
      const fits = (item: Item<SensorConfig | ActuatorConfig | OfflineRule>) => !oversized.has(item)
      return {
        content: {
          sensors: content.sensors.filter(fits),
          actuators: content.actuators.filter(fits),
          offline_rules: content.offline_rules.filter(fits),
          stripped: content.stripped,
        },
        oversized,
      }
    },

    record({ device_id }, { content, oversized }, now) {
      const stripped = [...content.stripped]
      for (const [{ config }, sentence] of oversized)
        if (isRule(config)) stripped.push({ rule: config, reason: sentence })
        else fail(config, sentence, now)
      if (oversized.size === 0) findings.clear('config_too_large', device_id)
      else
        findings.note('config_too_large', device_id, now, {
          left_out: oversized.size,
          why: [...oversized.values()][0],
        })
      if (stripped.length === 0) return
      audit.record(
        {
          event_type: 'config_offline_rules_stripped',
          severity: 'warning',
          source_type: 'system',
          source_id: device_id,
          status: 'success',
          message: `${stripped.length} offline rules of ${device_id} were left out`,
          details: { stripped },
        },
        now,
      )
    },
  }
}
