/** The list of routes, nothing else. */
import { description } from '../openapi.js'
import type { OrderingOptions } from '../ordering.js'
import { createRest, type Rest, type RestOptions } from '../rest.js'
import type { Resource } from '../route.js'
import { type ActuatorCommandsOptions, actuatorCommands } from './actuator-commands.js'
import { type ActuatorConfigsOptions, actuatorConfigs } from './actuator-configs.js'
import { actuatorStates } from './actuator-states.js'
import { type ActuatorStatusOptions, actuatorStatus } from './actuator-status.js'
import { type AuditOptions, audit } from './audit.js'
import { type AuditRetentionOptions, auditRetention } from './audit-retention.js'
import { type AuthOptions, auth } from './auth.js'
import { type BrokerBoundsOptions, brokerBounds } from './broker-bounds.js'
import { type BrokerClientsOptions, brokerClients } from './broker-clients.js'
import { type BrokerRetainedOptions, brokerRetained } from './broker-retained.js'
import { type CalibrationsOptions, calibrations } from './calibrations.js'
import { type DeviceArrivalOptions, deviceArrival } from './device-arrival.js'
import { type DeviceCommandsOptions, deviceCommands } from './device-commands.js'
import { type DeviceDecisionsOptions, deviceDecisions } from './device-decisions.js'
import { deviceHealth } from './device-health.js'
import { type DevicesOptions, devices } from './devices.js'
import { type EmergencyOptions, emergency } from './emergency.js'
import { type ErrorsOptions, errors } from './errors.js'
import { findings } from './findings.js'
import { type HealthOptions, health } from './health.js'
import { type MockEspOptions, mockEsp } from './mock-esp/index.js'
import { type MqttMessagesOptions, mqttMessages } from './mqtt-messages.js'
import { type PairingApiOptions, pairing } from './pairing.js'
import { type RecomputationsOptions, recomputations } from './recomputations.js'
import { type RejectsOptions, rejects } from './rejects.js'
import { type SensorConfigsOptions, sensorConfigs } from './sensor-configs.js'
import { type SensorDataOptions, sensorData } from './sensor-data.js'
import { type SensorMarksOptions, sensorMarks } from './sensor-marks.js'
import { type SensorMeasureOptions, sensorMeasure } from './sensor-measure.js'
import { type SensorProcessingOptions, sensorProcessing } from './sensor-processing.js'
import { type SensorSeriesOptions, sensorSeries } from './sensor-series.js'
import { type SensorStatisticsOptions, sensorStatistics } from './sensor-statistics.js'
import { type ServerLogOptions, serverLog } from './server-log.js'
import { type SiteOptions, site } from './site.js'
import { subzones } from './subzones.js'
import { type SystemApiOptions, system } from './system.js'
import { type UsersOptions, users } from './users.js'
import { zones } from './zones.js'

export type ApiOptions = RestOptions &
  AuthOptions &
  UsersOptions &
  DevicesOptions &
  DeviceDecisionsOptions &
  DeviceArrivalOptions &
  DeviceCommandsOptions &
  PairingApiOptions &
  SensorDataOptions &
  SensorSeriesOptions &
  SensorMarksOptions &
  SensorStatisticsOptions &
  SensorConfigsOptions &
  SensorMeasureOptions &
  ActuatorConfigsOptions &
  ActuatorCommandsOptions &
  ActuatorStatusOptions &
  EmergencyOptions &
  CalibrationsOptions &
  RecomputationsOptions &
  SensorProcessingOptions &
  ErrorsOptions &
  AuditOptions &
  AuditRetentionOptions &
  BrokerBoundsOptions &
  BrokerClientsOptions &
  BrokerRetainedOptions &
  HealthOptions &
  SiteOptions &
  SystemApiOptions &
  ServerLogOptions &
  RejectsOptions &
  MqttMessagesOptions &
  MockEspOptions &
  OrderingOptions

/** Every resource under /api/v1, in the order of the API page. */
export const resources = (options: ApiOptions): readonly Resource[] => {
  const all: Resource[] = [
    auth(options),
    users(options),
    devices(options),
    deviceDecisions(options),
    deviceHealth(options),
    deviceArrival(options),
    deviceCommands(options),
    pairing(options),
    zones(options),
    subzones(options),
    // Words before parameters: what else lies below /sensors comes before these.
    sensorData(options),
    sensorSeries(options),
    sensorMarks(options),
    sensorStatistics(options),
    sensorProcessing(options),
    calibrations(options),
    recomputations(options),
    sensorConfigs(options),
    sensorMeasure(options),
    // Words before parameters here too.
    actuatorCommands(options),
    actuatorStatus(options),
    emergency(options),
    actuatorStates(options),
    actuatorConfigs(options),
    findings(options),
    errors(options),
    audit(options),
    auditRetention(options),
    health(options),
    system(options),
    serverLog(options),
    site(options),
    rejects(options),
    mqttMessages(options),
    brokerClients(options),
    brokerRetained(options),
    brokerBounds(options),
    mockEsp(options),
    description(() => all, options.version),
  ]
  return all
}

export const createApi = (options: ApiOptions): Rest => createRest(resources(options), options)
