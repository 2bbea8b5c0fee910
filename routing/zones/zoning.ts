/**
 * Zones and subzones as one thing for those who use them: what people order, what devices answer, what their
 * heartbeats say, and what is told to a device that is back.
 */
import type { Store } from '../../storage/store.js'
import type { DeviceAudit } from '../audit.js'
import type { Effect } from '../effect.js'
import type { Findings } from '../findings.js'
import { type Acknowledgements, createAcknowledgements } from './acknowledgements.js'
import { createZoneAssignments, type ZoneAssignments } from './assignments.js'
import { createHeard, type Heard } from './drift.js'
import { createSubzoneAnswers, type SubzoneAnswers } from './subzone-answers.js'
import { createDeviceSubzones, type DeviceSubzones } from './subzones.js'
import { type CountOf, createWire, type WireOptions } from './wire.js'

export interface Zoning {
  readonly kaiser_id: string
  readonly zones: Pick<ZoneAssignments, 'assign' | 'acknowledge'>
  readonly subzones: Pick<DeviceSubzones, 'assign' | 'remove' | 'safe'> & SubzoneAnswers
  /** Who waits for an answer. */
  readonly acknowledgements: Pick<Acknowledgements, 'wait'>
  readonly countOf: CountOf
  /** A heartbeat of a known device. Inside the group. */
  readonly heard: Heard
  /** The device is back: what it has not answered. Inside the group. */
  returned(device_id: string, now: number): readonly Effect[]
}

export interface ZoningOptions extends Omit<WireOptions, 'countOf'> {
  store: Store
  audit: DeviceAudit
  findings: Findings
}

export function createZoning(options: ZoningOptions): Zoning {
  const { store, audit, findings, kaiser_id, hears } = options
  const countOf = createCountOf(store)
  const wire = createWire({ kaiser_id, hears, countOf })
  const acknowledgements = createAcknowledgements()
  const subzones = createDeviceSubzones(store, wire, acknowledgements)
  const zones = createZoneAssignments({
    store,
    kaiser_id,
    wire,
    subzones,
    acknowledgements,
    audit,
    findings,
  })
  return {
    kaiser_id,
    zones,
    subzones: { ...subzones, ...createSubzoneAnswers(store, acknowledgements, audit, findings) },
    acknowledgements,
    countOf,
    heard: createHeard(store, zones, findings),
    returned(device_id, now) {
      const device = store.devices.find(device_id)
      return device ? zones.offer(device, now, true) : []
    },
  }
}

/** Sensors that were heard on the gpios of a subzone, and actuators as people configured them. */
const createCountOf =
  (store: Pick<Store, 'sensors' | 'actuatorConfigs'>): CountOf =>
  ({ esp_id, assigned_gpios }) => ({
    sensor_count: store.sensors.select({ esp_id }).filter(({ gpio }) => assigned_gpios.includes(gpio)).length,
    actuator_count: store.actuatorConfigs.list(esp_id).filter(({ gpio }) => assigned_gpios.includes(gpio))
      .length,
  })
