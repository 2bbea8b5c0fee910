/**
 * The guest list: opens the store, makes the rooms, and introduces them to one another. The only file that
 * knows every room; it reads top to bottom and decides nothing. Building it touches no port.
 */
import { boundsOf } from '../broker/bounds.js'
import { type Broker, createBroker } from '../broker/broker.js'
import { createMessageLog } from '../broker/message-log.js'
import { createHub, type Hub } from '../realtime/hub.js'
import { createLogLines } from '../realtime/log-lines.js'
import type { Rest } from '../realtime/rest.js'
import { createSnapshot } from '../realtime/snapshot.js'
import type { Actuators } from '../routing/actuators.js'
import { createArrivals } from '../routing/arrivals.js'
import { switchOff } from '../routing/effect.js'
import type { Evaluation } from '../routing/evaluate.js'
import { createFindings, type Findings } from '../routing/findings.js'
import { createGate } from '../routing/gate.js'
import { createRefusalLog } from '../routing/refusal-log.js'
import { createRetention } from '../routing/retention.js'
import { createRevocation } from '../routing/revocation.js'
import { createStats, type Stats } from '../routing/stats.js'
import { createSystemAudit } from '../routing/system-audit.js'
import type { Fleet } from '../sim/fleet.js'
import type { Store } from '../storage/store.js'
import type { AppOptions } from './app-options.js'
import { serveControl } from './control.js'
import { openDataDirectory } from './data-directory.js'
import { createDoors, type Ports } from './doors.js'
import { createEntrance } from './entrance.js'
import { createHealth } from './health.js'
import { openHeldStore } from './held-store.js'
import { createMayRead, sayMessages } from './messages.js'
import { createMind } from './mind.js'
import { createMocks } from './mocks.js'
import { sayOnMqtt } from './mqtt-events.js'
import { type Announce, createNews } from './news.js'
import { createReport } from './report.js'
import { createRestApi } from './rest.js'
import { createServerStatus } from './server-status.js'
import { createSystem } from './system-figures.js'
import { openServing } from './tls/serving.js'
import { version } from './version.js'

export type { AppOptions } from './app-options.js'
export type { Ports } from './doors.js'

export interface App {
  readonly store: Store
  readonly broker: Broker
  readonly hub: Hub
  readonly api: Rest
  readonly stats: Stats
  readonly evaluation: Evaluation
  readonly actuators: Actuators
  readonly findings: Findings
  readonly mocks: Fleet
  /** Opens the ports. Throws PortError; resolves with the ports when everything accepts. */
  listen(): Promise<Ports>
  /** Looks whether the certificate changed, without waiting for the next time. */
  reload(): Promise<void>
  /** Walks back in reverse; safe to call twice. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** How long the last messages of devices may take to arrive when kaiser stops, ms. */
const LAST_WORDS = 50

/** Opens the store of the data directory and makes everything else. Throws DataDirectoryError and UsageError. */
export async function createApp(options: AppOptions): Promise<App> {
  const { config, log } = options
  const now = options.now ?? Date.now
  const { monotonic = () => performance.now(), every } = options
  const started = monotonic()
  const kaiser_id = config['kaiser-id']
  const serving = openServing(config, now, options.certificatePoll)

  const stats = createStats(monotonic)
  const refusalLog = createRefusalLog(log)
  const report = createReport(stats, refusalLog)
  const announce: Announce = (event_type, message, details = {}) =>
    hub.emit({ type: 'system_event', data: { event_type, message, details } })
  const findings = createFindings()
  const news = createNews({ log, report, announce, findings, audit: () => systemAudit, now })

  const directory = openDataDirectory(config.data)
  const held = openHeldStore(directory, {
    now,
    monotonic,
    onCommit: (ms) => stats.latency.db_write.record(ms),
    onSync: (ms) => stats.latency.sync.record(ms),
    onError: (error) => report('storage_unavailable', 'maintenance', { err: error }),
    onMqttError: (error) => report('sessions_damaged', 'mqtt', { err: error }),
    ...(options.hold !== undefined && { hold: options.hold }),
    ...(options.backlog !== undefined && { backlog: options.backlog }),
    ...(options.uuid && { uuid: options.uuid }),
    onState: news.storage,
  })
  const { store } = held

  const hub: Hub = createHub({
    now,
    monotonic,
    onBroadcast: (ms) => stats.latency.broadcast.record(ms),
    failed: (error, what) => report('socket_failed', what, { err: error }),
  })
  const leftOut = (): void => stats.tolerate('audit_left_out')
  const systemAudit = createSystemAudit(store.auditLogs, now, leftOut)
  const bounds = { ...boundsOf(config), ...options.bounds }
  const messages = createMessageLog({ bounds, now })
  const retention = createRetention({ store, now, monotonic, every })
  const mind = createMind({
    store,
    kaiser_id,
    discovery: config.discovery,
    voice: {
      publish: (message) => broker.publish(message),
      hears: (topic) => broker.hears(topic),
      tell: (esp_id, message, life) => broker.tell(esp_id, message, life),
      present: (esp_id) => broker.present(esp_id),
      hearsItself: (esp_id, topic) => broker.hearsItself(esp_id, topic),
    },
    emit: hub.emit,
    stats,
    refusalLog,
    report,
    trace: messages.trace,
    findings,
    leftOut,
    sensorTypes: directory.sensors,
    sensorTypeFailed: news.sensorTypeFailed,
    extraHandlers: options.extraHandlers,
    now,
    monotonic,
    every,
  })
  const { actuators, act, expiry, library, perform, recomputations, userTypes } = mind
  const { tokens, pairing, identify, refusedLogins } = createEntrance({
    store,
    kaiser_id,
    allowAnonymous: config['allow-anonymous'],
    secret: directory.secret(),
    tell: (esp_id, message) =>
      broker.confide((identity) => 'esp_id' in identity && identity.esp_id === esp_id, message),
    say: hub.emit,
    report,
    leftOut,
    now,
    monotonic,
  })
  const broker: Broker = await createBroker({
    receive: mind.dispatch.receive,
    report,
    arrived: createArrivals({ findings, reconnected: mind.reconnected, announce, now }),
    otherPorts: () => ({ mqtts_port: doors.mqtts?.port, http_port: doors.http_port }),
    kaiser_id,
    now,
    monotonic,
    identify,
    listening(identity) {
      if (identity.kind === 'pairing') pairing.listening(identity.esp_id)
    },
    heard: mind.heard,
    subscribed: mind.subscribed,
    gate: createGate(kaiser_id),
    ...(config.redis !== undefined && {
      redis: {
        url: config.redis,
        changed: news.redis,
        ...(options.redisBackoff && { backoff: options.redisBackoff }),
      },
    }),
    version,
    sysInterval: config['sys-interval'],
    bounds,
    log: messages,
    store: store.mqttState,
    sessionExpiry: config['session-expiry'],
    ...(options.willGrace !== undefined && { willGrace: options.willGrace }),
    boundHit: news.boundHit,
  })

  const { publish } = broker
  const serverStatus = createServerStatus({ kaiser_id, publish, shared: config.redis !== undefined, now })
  sayMessages(messages, hub, report)
  sayOnMqtt({ hub, broker, kaiser_id, report })
  const revocation = createRevocation({ store, disconnect: broker.disconnect, now })
  const health = createHealth({
    store,
    broker,
    hub,
    stats,
    version,
    uptime: () => (monotonic() - started) / 1000,
    mqtt: () => (doors.mqtt?.accepting ? { host: config.host, port: doors.mqtt.port } : undefined),
    tls: () => serving?.state(),
  })
  const system = createSystem({ store, broker, stats, version, now, monotonic })
  const mocks = createMocks({ store, broker, mind, kaiser_id, log, announce, report, now })
  const api = createRestApi({
    config,
    store,
    mind,
    broker,
    hub,
    tokens,
    pairing,
    findings,
    fleet: mocks.fleet,
    retention,
    messages: messages.messages,
    mayRead: createMayRead(kaiser_id),
    look: health.look,
    figures: system.figures,
    logLines: options.logLines ?? createLogLines(),
    mqttPort: () => doors.mqtt?.port ?? null,
    mqttsPort: () => doors.mqtts?.port ?? null,
    refusedLogins,
    checkAnswers: options.checkAnswers ?? false,
    version,
    report,
    now,
    monotonic,
  })
  const doors = createDoors({
    config,
    broker,
    hub,
    tokens,
    normalise: library.normalise,
    snapshot: createSnapshot({ store, kaiser_id, now }),
    api,
    serving,
    report,
    died(door, error) {
      report('listener_failed', door, { err: error })
      systemAudit.mqttFailed(error.message)
    },
    now,
    monotonic,
  })
  let control: { close(): Promise<void> } | undefined
  let closing: Promise<void> | undefined

  const close = async (): Promise<void> => {
    announce('stop', 'kaiser stops')
    if (doors.mqtt) systemAudit.stopped(version)
    await mocks.fleet.close()
    await control?.close()
    if (doors.mqtt) await serverStatus.offline()
    await doors.close()
    serving?.close()
    await new Promise((resolve) => setTimeout(resolve, doors.mqtt ? LAST_WORDS : 0))
    mind.rest()
    revocation.close()
    await expiry.close()
    await userTypes.close()
    await broker.close()
    await retention.close()
    await recomputations.close()
    await store.group.close()
    await doors.end()
    health.close()
    system.close()
    refusalLog.close()
    stats.close()
    await held.close()
  }

  const app: App = {
    store,
    broker,
    hub,
    api,
    stats,
    evaluation: mind.evaluation,
    actuators,
    findings,
    mocks: mocks.fleet,
    async listen() {
      // Before the first reading comes, so that none of a known type is kept raw.
      await userTypes.start()
      // Timers that ran out while nobody ran are applied before anybody may act.
      actuators.start()
      await serverStatus.online()
      const ports = await doors.open()
      control = await serveControl(
        directory.socket,
        {
          store,
          now,
          secret: directory.secret,
          say: hub.emit,
          pairing,
          brake: { actuators, act },
          switchOff: (esp_id, reason) => perform(switchOff(esp_id, null, reason), true),
        },
        (wants, take) => hub.reflect({ wants, take: (_type, text) => take(text) }),
        mocks.attach,
      ).catch((error) => {
        // The server can do without it; the command line then says that the directory is in use.
        log.warn({ err: error }, 'No control socket; the command line cannot reach this server')
        return undefined
      })
      await mocks.recover(config.demo)
      announce('start', `kaiser ${version} is ready`)
      news.damaged(store.mqttState.damage)
      systemAudit.started(version)
      retention.start()
      void expiry.sweep()
      serving?.start({ take: doors.renew, ...news.certificate })
      return ports
    },
    reload: async () => serving?.look(),
    close() {
      closing ??= close()
      return closing
    },
    [Symbol.asyncDispose]: () => app.close(),
  }
  return app
}
