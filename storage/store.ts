/**
 * The memory of the house: one database, one open group, and the tables as small objects. Everything that
 * writes goes through the group; everything that reads finds what is queued too, because it is in memory.
 */
import { randomUUID } from 'node:crypto'
import { closeSync, fdatasync, openSync } from 'node:fs'
import { type ActuatorConfigs, createActuatorConfigs } from './actuator-configs.js'
import { type ActuatorHistory, createActuatorHistory } from './actuator-history.js'
import { type ActuatorRuns, createActuatorRuns } from './actuator-runs.js'
import { type ActuatorStates, createActuatorStates } from './actuator-states.js'
import { type ActuatorTimers, createActuatorTimers } from './actuator-timers.js'
import { type AuditLogs, createAuditLogs } from './audit-logs.js'
import type { StorageState } from './breaker.js'
import { type Calibrations, createCalibrations } from './calibrations.js'
import { openDatabase, schema } from './database.js'
import { createDeviceHealth, type DeviceHealth } from './device-health.js'
import { createDevices, type Devices } from './devices.js'
import { createEmergencyDevices, type EmergencyDevices } from './emergency-devices.js'
import { createEmergencyStops, type EmergencyStops } from './emergency-stops.js'
import { Group } from './group.js'
import { createMaintenance, type Maintenance } from './maintenance.js'
import { createMarks, type MarkReads } from './marks.js'
import { createMocks, type Mocks } from './mocks.js'
import { createMqttState, type MqttState } from './mqtt-state.js'
import { createPlacements, type Placements } from './placements.js'
import { createReadings, type Readings } from './readings.js'
import { createRejects, type Rejects } from './rejects.js'
import { createRevokedTokens, type RevokedTokens } from './revoked-tokens.js'
import { createSensorConfigs, type SensorConfigs } from './sensor-configs.js'
import { createSensors, type Sensors } from './sensors.js'
import { createSettings, type Settings } from './settings.js'
import { createSubzones, type Subzones } from './subzones.js'
import { createUsers, type Users } from './users.js'
import { createZones, type Zones } from './zones.js'

export type { StorageState } from './breaker.js'

export interface StoreOptions {
  /** File of the database, or ':memory:'. */
  path: string
  /** Wall clock, ms since 1970. */
  now: () => number
  /** Monotonic clock, ms. */
  monotonic: () => number
  onState?: (state: StorageState, error: unknown) => void
  onCommit?: (ms: number, members: number) => void
  onSync?: (ms: number) => void
  onError?: (error: unknown) => void
  /** A row of the broker's state could not be written, although the disk is fine. */
  onMqttError?: (error: unknown) => void
  backlog?: number
  hold?: number
  /** Where ids come from; whoever wants to see a run again has a source of its own. */
  uuid?: () => string
}

export interface Store {
  readonly path: string
  /** The version of SQLite. */
  readonly sqlite: string
  /** An id for something new. */
  readonly uuid: () => string
  readonly group: Group
  readonly devices: Devices
  readonly deviceHealth: DeviceHealth
  readonly sensors: Sensors
  readonly sensorConfigs: SensorConfigs
  readonly calibrations: Calibrations
  readonly actuatorConfigs: ActuatorConfigs
  readonly actuatorStates: ActuatorStates
  readonly actuatorHistory: ActuatorHistory
  readonly actuatorTimers: ActuatorTimers
  readonly actuatorRuns: ActuatorRuns
  readonly emergencyStops: EmergencyStops
  readonly emergencyDevices: EmergencyDevices
  readonly mocks: Mocks
  readonly zones: Zones
  readonly subzones: Subzones
  readonly placements: Placements
  readonly readings: Readings
  readonly rejects: Rejects
  readonly users: Users
  readonly revokedTokens: RevokedTokens
  readonly settings: Settings
  readonly auditLogs: AuditLogs
  readonly marks: MarkReads
  readonly mqttState: MqttState
  readonly maintenance: Maintenance | undefined
  close(): Promise<void>
}

/** Opens the store. Throws StorageError with a sentence for people when the file cannot be used. */
export function openStore(options: StoreOptions): Store {
  const db = openDatabase(options.path)
  const { uuid = randomUUID } = options
  const inMemory = options.path === ':memory:'
  // The log is a file of its own: unlike the database file it may be opened and closed beside SQLite, which
  // keeps its POSIX locks on the database. https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
  const log = inMemory ? undefined : openSync(`${options.path}-wal`, 'r+')

  let maintenance: Maintenance | undefined
  const group = new Group({
    db,
    sync: (done) => (log === undefined ? process.nextTick(done, null) : fdatasync(log, done)),
    rescue: () => (maintenance ? maintenance.rescue() : Promise.resolve()),
    monotonic: options.monotonic,
    onState: options.onState ?? (() => {}),
    ...(options.onCommit && { onCommit: options.onCommit }),
    ...(options.onSync && { onSync: options.onSync }),
    ...(options.backlog !== undefined && { backlog: options.backlog }),
    ...(options.hold !== undefined && { hold: options.hold }),
  })
  const devices = createDevices(db, group, uuid)
  const deviceHealth = createDeviceHealth(db, group)
  const sensors = createSensors(db, group)
  const sensorConfigs = createSensorConfigs(db, group, uuid)
  const calibrations = createCalibrations(db, group)
  const emergencyDevices = createEmergencyDevices(db, group)
  const zones = createZones(db, group)
  const subzones = createSubzones(db, group)
  const placements = createPlacements(db, group)
  const readings = createReadings(db, group, sensors)
  const rejects = createRejects(db, group)
  const users = createUsers(db, group)
  const revokedTokens = createRevokedTokens(db, group, options.now)
  const settings = createSettings(db, group)
  const auditLogs = createAuditLogs(db, group, options.monotonic)
  const onError = options.onError ?? (() => {})
  const mqttState = createMqttState({
    db,
    group,
    schema: schema(),
    now: options.now,
    monotonic: options.monotonic,
    onError: options.onMqttError ?? onError,
  })
  if (!inMemory)
    maintenance = createMaintenance({
      path: options.path,
      db,
      group,
      readings,
      onError,
    })

  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await group.close()
    await maintenance?.close()
    if (log !== undefined) closeSync(log)
    db.close()
  }

  return {
    path: options.path,
    sqlite: String(db.prepare('SELECT sqlite_version()').pluck().get()),
    uuid,
    group,
    devices,
    deviceHealth,
    sensors,
    sensorConfigs,
    calibrations,
    actuatorConfigs: createActuatorConfigs(db, group, uuid),
    actuatorStates: createActuatorStates(db, group),
    actuatorHistory: createActuatorHistory(db, group),
    actuatorTimers: createActuatorTimers(db, group),
    actuatorRuns: createActuatorRuns(db, group),
    emergencyStops: createEmergencyStops(db, group, emergencyDevices.forget),
    emergencyDevices,
    mocks: createMocks(db, group),
    zones,
    subzones,
    placements,
    readings,
    rejects,
    users,
    revokedTokens,
    settings,
    auditLogs,
    marks: createMarks(db),
    mqttState,
    maintenance,
    close: () => {
      closing ??= close()
      return closing
    },
  }
}
