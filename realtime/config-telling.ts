/**
 * Telling a device what somebody changed about it over REST: whether it is meant and fits is found out before anything
 * is stored, and that it could not be sent changes nothing about what was.
 */
import type { Configuration } from '../routing/configuration/configuration.js'
import type { ConfigPush } from '../routing/configuration/messages.js'
import type { ActuatorConfig } from '../storage/actuator-configs.js'
import type { Device } from '../storage/devices.js'
import type { SensorConfig } from '../storage/sensor-configs.js'
import type { Store } from '../storage/store.js'
import { Problem } from './problem.js'
import { byUser, type Doer } from './user-audit.js'
import { wrongField } from './validate.js'

/** What a path names as well as a body. */
interface Place {
  esp_id: string
  gpio: number
}

/** Throws Problem (422) when the body says another place than the path. */
export function samePlace(
  path: Place,
  body: { [Name in keyof Place]?: Place[Name] | null | undefined },
): void {
  for (const name of ['esp_id', 'gpio'] as const)
    if (body[name] != null && body[name] !== path[name])
      throw wrongField(name, `must be ${path[name]}, as in the path`, body[name], 'body', {
        code: 'address_in_path',
        facts: { value: path[name] },
      })
}

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
