/**
 * Telling a device what somebody changed about it over REST: whether it fits is found out before anything is stored,
 * and that it could not be sent changes nothing about what was.
 */
import type { Configuration } from '../routing/configuration/configuration.js'
import type { ConfigPush } from '../routing/configuration/messages.js'
import type { ActuatorConfig } from '../storage/actuator-configs.js'
import type { Device } from '../storage/devices.js'
import type { SensorConfig } from '../storage/sensor-configs.js'
import type { Store } from '../storage/store.js'
import { Problem } from './problem.js'
import { byUser, type Doer } from './user-audit.js'

/** Throws Problem (413) when the device could not be told this config. Inside the group, which takes it back. */
export function mustFit(configuration: Configuration, device: Device, config: SensorConfig | ActuatorConfig) {
  const sentence = config.enabled === 1 ? configuration.tooLarge(device, config) : undefined
  if (sentence) throw new Problem('config_too_large', sentence)
}

/** Says it, and writes down who did. */
export function tellConfig(
  { store, configuration, now }: { store: Store; configuration: Configuration; now: () => number },
  doer: Doer,
  push: ConfigPush | undefined,
): void {
  if (!push) return
  const sent = configuration.send(push)
  const entry = byUser(doer, {
    event_type: sent ? 'config_published' : 'config_failed',
    source_id: push.esp_id,
    status: sent ? 'success' : 'failed',
    details: { ...push.details, issued_by: doer.user?.username },
    correlation_id: push.correlation_id,
  })
  store.auditLogs.note({ ...entry, source_type: 'api' }, now())
}
