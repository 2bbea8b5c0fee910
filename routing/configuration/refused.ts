/**
 * What a device refused of its configuration stays a finding, with each item and its reason, until the device has
 * taken it, or it is gone or changed and taken. Each config remembers its own refusal, so that a restart forgets none.
 */
import type { ActuatorConfig } from '../../storage/actuator-configs.js'
import type { Device } from '../../storage/devices.js'
import type { SensorConfig } from '../../storage/sensor-configs.js'
import type { Store } from '../../storage/store.js'
import type { ConfigResponse } from '../contract/actuator-payloads.js'
import type { Findings } from '../findings.js'
import { type Failure, reasonOf, statusOf } from './answered.js'

export interface RefusedItem {
  readonly kind: string
  readonly gpio: number | null
  /** As people configured it; null for what they did not. */
  readonly type: string | null
  readonly reason: string
}

export interface Refused {
  /** The device has answered, and that is written down. Inside the group. */
  answered(device: Device, answer: ConfigResponse, failures: readonly Failure[], now: number): void
  /** What was refused may be gone, or not be known since a restart; `waits`: something was not answered yet. */
  review(device: Device, waits: boolean, now: number): void
}

export interface RefusedOptions {
  store: Pick<Store, 'sensorConfigs' | 'actuatorConfigs'>
  findings: Findings
  /** What was never told because it does not fit was not refused by the device. */
  fits: (device: Device, config: SensorConfig | ActuatorConfig) => boolean
}

const KIND = 'config_refused'

export function createRefused({ store, findings, fits }: RefusedOptions): Refused {
  const { sensorConfigs, actuatorConfigs } = store
  const itemOf = (config: SensorConfig | ActuatorConfig): RefusedItem => ({
    ...('sensor_type' in config
      ? { kind: 'sensor', type: config.sensor_type }
      : { kind: 'actuator', type: config.actuator_type }),
    gpio: config.gpio,
    reason: config.config_error ?? 'the device refused it',
  })
  const failed = (device: Device): RefusedItem[] =>
    [...sensorConfigs.list(device.device_id), ...actuatorConfigs.list(device.device_id)]
      .filter((config) => config.config_status === 'failed' && config.enabled === 1 && fits(device, config))
      .map(itemOf)

  return {
    answered(device, answer, failures, now) {
      const { device_id } = device
      const items = failed(device)
      const isNamed = ({ type, gpio }: Failure): boolean =>
        items.some((item) => item.kind === type && item.gpio === gpio)
      // What nobody configured here, and the device knows of all the same.
      const others = failures
        .filter((failure) => !isNamed(failure))
        .map((failure) => ({ kind: failure.type, gpio: failure.gpio, type: null, reason: reasonOf(failure) }))
      const status = statusOf(answer)
      const { message = null, correlation_id = null } = answer
      if (status !== 'success')
        findings.note(KIND, device_id, now, { items: [...items, ...others], status, message, correlation_id })
      else if (items.length === 0) findings.clear(KIND, device_id)
      // One kind was taken; what was refused of the other one still is.
      else findings.amend(KIND, device_id, { items })
    },

    review(device, waits, now) {
      const { device_id } = device
      const items = failed(device)
      if (items.length === 0) {
        if (!waits) findings.clear(KIND, device_id)
      } else if (!findings.amend(KIND, device_id, { items })) findings.note(KIND, device_id, now, { items })
    },
  }
}
