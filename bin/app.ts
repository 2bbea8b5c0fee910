/**
 * The guest list: opens the store, makes the rooms, and introduces them to one another. The only file that
 * knows every room; it reads top to bottom and decides nothing. Building it touches no port.
 */
import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { type Bounds, boundsOf } from '../broker/bounds.js'
import { type Broker, createBroker } from '../broker/broker.js'
import { createSecure } from '../broker/secure.js'
import { openTunnel } from '../broker/websocket.js'
import { createApi } from '../realtime/api/index.js'
import { loadAssets } from '../realtime/assets.js'
import { createDenials } from '../realtime/denials.js'
import { createHub, type Hub } from '../realtime/hub.js'
import type { Rest } from '../realtime/rest.js'
import { createServer } from '../realtime/server.js'
import { createTokens } from '../realtime/tokens.js'
import type { Actuators } from '../routing/actuators/actuators.js'
import { createArrivals } from '../routing/arrivals.js'
import { createDeviceAudit } from '../routing/audit.js'
import { createAuditStatistics } from '../routing/audit-statistics.js'
import type { CodeName } from '../routing/contract/codes.js'
import { events } from '../routing/contract/events.js'
import { format, fromServer } from '../routing/contract/topics.js'
import { decisionEvent } from '../routing/decision-event.js'
import { createDeviceCommands } from '../routing/device-commands.js'
import { espErrorCodes } from '../routing/esp-error-codes.js'
import type { Evaluation } from '../routing/evaluate.js'
import { createFindings, type Findings } from '../routing/findings.js'
import { createGate } from '../routing/gate.js'
import { type Handler, switchOff } from '../routing/handler.js'
import { createIdentify } from '../routing/identify.js'
import { createPairing } from '../routing/pairing.js'
import { createRefusalLog } from '../routing/refusal-log.js'
import { createRetention } from '../routing/retention.js'
import { createRevocation } from '../routing/revocation.js'
import { createStats, type Stats } from '../routing/stats.js'
import { createSystemAudit } from '../routing/system-audit.js'
import { openStore, type Store } from '../storage/store.js'
import type { StartConfig } from './config.js'
import { type Follow, serveControl } from './control.js'
import { openDataDirectory } from './data-directory.js'
import { openDemo } from './demo.js'
import { createDoors, type Ports } from './doors.js'
import { createHandIn } from './hand-in.js'
import { createHealth, DELAY_RESOLUTION_MS } from './health.js'
import { createMind } from './mind.js'
import { type Announce, createNews } from './news.js'
import { createRedisNews } from './redis-news.js'
import { createServerStatus } from './server-status.js'
import { openServing } from './tls/serving.js'

export type { Ports } from './doors.js'

export interface AppOptions {
  config: StartConfig
  log: Logger
  /** ms since 1970 */
  now?: () => number
  /** More handlers, for tests. */
  extraHandlers?: Readonly<Record<string, Handler>>
  bounds?: Partial<Bounds>
  /** Storage limits, for tests: how long an acknowledgement is held (ms), how many wait. */
  hold?: number
  backlog?: number
  /** For tests: the first and the longest wait between two attempts to reach Redis, ms. */
  redisBackoff?: readonly [first: number, last: number]
  /** How often the files of the certificate are looked at, ms. */
  certificatePoll?: number
  /** How long clients have to come back before the Wills of a killed kaiser are published, ms. */
  willGrace?: number
  /** For tests: REST answers are compared with their schemas. */
  checkAnswers?: boolean
}

export interface App {
  readonly store: Store
  readonly broker: Broker
  readonly hub: Hub
  readonly api: Rest
  readonly stats: Stats
  readonly evaluation: Evaluation
  readonly actuators: Actuators
  readonly findings: Findings
  /** Opens the ports. Throws PortError; resolves with the ports when everything accepts. */
  listen(): Promise<Ports>
  /** Looks whether the certificate changed, without waiting for the next time. */
  reload(): Promise<void>
  /** Walks back in reverse; safe to call twice. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const packageFile = new URL('../../package.json', import.meta.url)
const version = (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version
const dashboard = fileURLToPath(new URL('../dashboard', import.meta.url))

/** How long the last messages of devices may take to arrive when kaiser stops, ms. */
const LAST_WORDS = 50

/** A device answers a configuration itself. */
export async function createApp(options: AppOptions): Promise<App> {
  const { config, log } = options
  const now = options.now ?? Date.now
  const monotonic = (): number => performance.now()
  const started = monotonic()
  const kaiser_id = config['kaiser-id']
  const serving = openServing(config, now, options.certificatePoll)

  const stats = createStats(monotonic)
  const refusalLog = createRefusalLog(log)
  const report = (code: CodeName, who: string, fields: object): void => {
    stats.count(code)
    refusalLog.write(code, who, fields)
  }
  const announce: Announce = (event_type, message, details = {}) =>
    hub.emit({ type: 'system_event', data: { event_type, message, details } })
  const findings = createFindings()
  const news = createNews({ log, report, announce, findings, audit: () => systemAudit, now })

  const eventTopics: Readonly<Record<string, string>> = Object.fromEntries(
    Object.keys(events).map((event) => [event, format(fromServer.event, { kaiser_id, event })]),
  )

  const directory = openDataDirectory(config.data)
  const lock = directory.lock()
  let store: Store
  try {
    store = openStore({
      path: directory.database,
      now,
      monotonic,
      onCommit: (ms) => stats.latency.db_write.record(ms),
      onSync: (ms) => stats.latency.sync.record(ms),
      onError: (error) => report('storage_unavailable', 'maintenance', { err: error }),
      onMqttError: (error) => report('sessions_damaged', 'mqtt', { err: error }),
      ...(options.hold !== undefined && { hold: options.hold }),
      ...(options.backlog !== undefined && { backlog: options.backlog }),
      onState: news.storage,
    })
  } catch (error) {
    lock.release()
    throw error
  }

  const hub: Hub = createHub({
    now,
    monotonic,
    onBroadcast: (ms) => stats.latency.broadcast.record(ms),
    failed: (error, what) => report('socket_failed', what, { err: error }),
  })
  const leftOut = (): void => stats.tolerate('audit_left_out')
  const systemAudit = createSystemAudit(store.auditLogs, now, leftOut)
  const retention = createRetention({ store, now, monotonic })
  const mind = createMind({
    store,
    kaiser_id,
    discovery: config.discovery,
    voice: {
      publish: (message) => broker.publish(message),
      hears: (topic) => broker.hears(topic),
      tell: (esp_id, message, life) => broker.tell(esp_id, message, life),
      present: (esp_id) => broker.present(esp_id),
    },
    emit: hub.emit,
    stats,
    refusalLog,
    report,
    findings,
    leftOut,
    sensorTypes: directory.sensors,
    sensorTypeFailed: news.sensorTypeFailed,
    extraHandlers: options.extraHandlers,
    now,
    monotonic,
  })
  const { actuators, act, expiry, library, perform, recomputations, userTypes } = mind
  const tokens = createTokens({
    secret: directory.secret(),
    userOf: store.users.get,
    revoked: store.revokedTokens.find,
    now,
  })
  const loginAudit = createDeviceAudit({ insert: store.auditLogs.note }, leftOut)
  const pairing = createPairing({
    store,
    kaiser_id,
    tell: (esp_id, message) =>
      broker.confide((identity) => 'esp_id' in identity && identity.esp_id === esp_id, message),
    say: (event) => hub.emit(event),
    note: (entry) => store.auditLogs.note(entry, now()),
    failed: (error) => report('internal_error', 'pairing', { err: error }),
    now,
  })
  const identify = createIdentify({
    store,
    pairing,
    allowAnonymous: config['allow-anonymous'],
    tokenOwner: (token) => tokens.verifyNow(token, 'access'),
    report,
    record: (entry) => loginAudit.record(entry, now()),
    monotonic,
  })
  const broker: Broker = await createBroker({
    receive: mind.dispatch.receive,
    report,
    arrived: createArrivals({
      findings,
      reconnected: mind.reconnected,
      announce,
      now,
    }),
    otherPorts: () => ({ mqtts_port: doors.mqtts?.port, http_port: doors.http_port }),
    kaiser_id,
    now,
    monotonic,
    identify,
    listening(identity) {
      if (identity.kind === 'pairing') pairing.listening(identity.esp_id)
    },
    heard: mind.heard,
    gate: createGate(kaiser_id),
    ...(config.redis !== undefined && {
      redis: {
        url: config.redis,
        changed: createRedisNews({ log, report, announce, audit: systemAudit }),
        ...(options.redisBackoff && { backoff: options.redisBackoff }),
      },
    }),
    version,
    sysInterval: config['sys-interval'],
    bounds: { ...boundsOf(config), ...options.bounds },
    store: store.mqttState,
    sessionExpiry: config['session-expiry'],
    ...(options.willGrace !== undefined && { willGrace: options.willGrace }),
    boundHit: news.boundHit,
  })

  const serverStatus = createServerStatus({
    kaiser_id,
    publish: broker.publish,
    shared: config.redis !== undefined,
    now,
  })

  // Events are said on MQTT too, where somebody subscribes.
  hub.reflect({
    wants: (type) => broker.hears(eventTopics[type]!),
    take(type, payload) {
      broker
        .publish({ topic: eventTopics[type]!, payload, qos: 0, retain: false })
        .catch((error) => report('publish_failed', type, { err: error }))
    },
  })
  const revocation = createRevocation({ store, disconnect: broker.disconnect, now })
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS })
  delay.enable()
  const api = createApi({
    store,
    tokens,
    now,
    monotonic,
    tls: config['mqtts-port'] !== undefined,
    mqttAuth: !config['allow-anonymous'],
    mqttPort: () => doors.mqtt?.port ?? null,
    retry: createHandIn(store, mind.dispatch, now),
    checkAnswers: options.checkAnswers ?? false,
    restRate: config['rest-rate'],
    version,
    look: createHealth({
      store,
      broker,
      hub,
      stats,
      delay,
      version,
      uptime: () => (monotonic() - started) / 1000,
      mqtt: () => (doors.mqtt?.accepting ? { host: config.host, port: doors.mqtt.port } : undefined),
      tls: () => serving?.state(),
    }),
    findings,
    boundStates: broker.boundStates,
    brokerClients: broker.clients,
    kick: broker.kick,
    retained: broker.retained,
    clearRetained: (topic) => broker.publish({ topic, payload: '', qos: 0, retain: true }),
    retention,
    auditStatistics: createAuditStatistics(store, retention, monotonic),
    espErrorCodes,
    deviceCommands: createDeviceCommands({
      kaiser_id,
      publish: (message) => broker.publish(message),
      hears: (topic) => broker.hears(topic),
    }),
    library,
    instruments: mind.instruments,
    zoning: mind.zoning,
    say: (effects) => {
      for (const effect of effects) perform(effect, true)
    },
    convertRemote: userTypes.convert,
    recomputations,
    sensorCommands: mind.sensorCommands,
    configuration: mind.configuration,
    actuators,
    act,
    denied: createDenials(store.auditLogs, now, monotonic),
    decided: (device, by) => hub.emit(decisionEvent(device, by)),
    pairing,
    handOver: pairing.handOver,
    failed: (error) => report('internal_error', 'http', { err: error }),
  })
  const server = createServer({
    hub,
    tokens,
    rate: config['ws-rate'],
    normalise: library.normalise,
    monotonic,
    misunderstood: (client_id, detail) => report('frame_invalid', client_id, { detail }),
    fetch: (request, env) => api.fetch(request, env),
    assets: loadAssets(dashboard),
    openTunnel: (socket, address) =>
      openTunnel(socket, broker.bounds.inbound_bytes, (stream) =>
        broker.attach(stream, { address, secure: serving !== undefined }),
      ),
    ...(serving && { certificate: { cert: serving.files['tls-cert'], key: serving.files['tls-key'] } }),
    failed: (error) => report('internal_error', 'http', { err: error }),
  })

  const secure =
    serving &&
    createSecure({
      credentials: serving.pair,
      handshakeTimeout: broker.bounds.connect_timeout,
      admit: broker.admit,
      secured: broker.attach,
      failed: (address, detail) => report('tls_failed', address ?? '', { address, detail }),
    })

  const doors = createDoors({
    config,
    attach: broker.attach,
    server,
    secure,
    failed(door, error) {
      report('listener_failed', door, { err: error })
      systemAudit.mqttFailed(error.message)
    },
  })
  const follow: Follow = (wants, take) => hub.reflect({ wants, take: (_type, text) => take(text) })

  let control: { close(): Promise<void> } | undefined
  let demo: { stop(): Promise<void> } | undefined
  let closing: Promise<void> | undefined

  const close = async (): Promise<void> => {
    announce('stop', 'kaiser stops')
    if (doors.mqtt) systemAudit.stopped(version)
    await demo?.stop()
    await control?.close()
    if (doors.mqtt) await serverStatus.offline()
    await doors.close()
    serving?.close()
    secure?.close()
    await new Promise((resolve) => setTimeout(resolve, doors.mqtt ? LAST_WORDS : 0))
    mind.rest()
    revocation.close()
    await expiry.close()
    await userTypes.close()
    await broker.close()
    await retention.close()
    await recomputations.close()
    await store.group.close()
    await server.close()
    delay.disable()
    refusalLog.close()
    stats.close()
    await store.close()
    lock.release()
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
        follow,
      ).catch((error) => {
        // The server can do without it; the command line then says that the directory is in use.
        log.warn({ err: error }, 'No control socket; the command line cannot reach this server')
        return undefined
      })
      if (config.demo) demo = await openDemo({ store, broker, kaiser_id, now })
      announce('start', `kaiser ${version} is ready`)
      news.damaged(store.mqttState.damage)
      systemAudit.started(version)
      retention.start()
      void expiry.sweep()
      serving?.start({
        take(pair) {
          server.renew()
          secure?.renew(pair)
        },
        ...news.certificate,
      })
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
