/** The REST API, composed: what its routes ask of the other rooms, handed to them. It decides nothing. */
import type { Broker } from '../broker/broker.js'
import { type ApiOptions, createApi } from '../realtime/api/index.js'
import { createDenials } from '../realtime/denials.js'
import type { Hub } from '../realtime/hub.js'
import type { Rest } from '../realtime/rest.js'
import { createAuditStatistics } from '../routing/audit-statistics.js'
import type { Report } from '../routing/contract/codes.js'
import { decisionEvent } from '../routing/decision-event.js'
import { espErrorCodes } from '../routing/esp-error-codes.js'
import type { StartConfig } from './config.js'
import { createHandIn } from './hand-in.js'
import type { Mind } from './mind.js'
import { addresses } from './tls/names.js'

export interface RestApiOptions
  extends Pick<
    ApiOptions,
    | 'store'
    | 'tokens'
    | 'pairing'
    | 'findings'
    | 'fleet'
    | 'retention'
    | 'messages'
    | 'mayRead'
    | 'look'
    | 'figures'
    | 'logLines'
    | 'mqttPort'
    | 'mqttsPort'
    | 'refusedLogins'
    | 'checkAnswers'
    | 'version'
    | 'now'
    | 'monotonic'
  > {
  config: Pick<StartConfig, 'mqtts-port' | 'allow-anonymous' | 'rest-rate' | 'cors-origin' | 'kaiser-id'>
  mind: Mind
  broker: Broker
  hub: Pick<Hub, 'emit'>
  report: Report
}

export function createRestApi(options: RestApiOptions): Rest {
  const { config, mind, broker, hub, report, ...rooms } = options
  const { store, pairing, retention, now, monotonic } = rooms
  return createApi({
    ...rooms,
    tls: config['mqtts-port'] !== undefined,
    mqttAuth: !config['allow-anonymous'],
    kaiser_id: config['kaiser-id'],
    addresses,
    restRate: config['rest-rate'],
    corsOrigins: config['cors-origin'],
    retry: createHandIn(store, mind.dispatch, now),
    boundStates: broker.boundStates,
    brokerClients: broker.clients,
    kick: broker.kick,
    retained: broker.retained,
    clearRetained: (topic) => broker.publish({ topic, payload: '', qos: 0, retain: true }),
    auditStatistics: createAuditStatistics(store, retention, monotonic),
    espErrorCodes,
    deviceCommands: mind.deviceCommands,
    library: mind.library,
    instruments: mind.instruments,
    zoning: mind.zoning,
    say: (effects) => {
      for (const effect of effects) mind.perform(effect, true)
    },
    convertRemote: mind.userTypes.convert,
    recomputations: mind.recomputations,
    sensorCommands: mind.sensorCommands,
    configuration: mind.configuration,
    actuators: mind.actuators,
    act: mind.act,
    denied: createDenials(store.auditLogs, now, monotonic),
    decided: (device, by) => hub.emit(decisionEvent(device, by)),
    handOver: pairing.handOver,
    failed: (error) => report('internal_error', 'http', { err: error }),
  })
}
