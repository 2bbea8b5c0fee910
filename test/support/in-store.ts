/**
 * Routing without its doors: the real dispatch over a real database in memory, with a clock that the test
 * moves. What would be said is collected instead of sent.
 */
import SQLite from 'better-sqlite3'
import pino from 'pino'
import type { CommandBook } from '../../routing/actuators/book.js'
import { type Actuators, createActuators } from '../../routing/actuators.js'
import { createDeviceAudit } from '../../routing/audit.js'
import { climateOf } from '../../routing/climate.js'
import { type Configuration, createConfiguration } from '../../routing/configuration/configuration.js'
import { createOfflineRulesOf } from '../../routing/configuration/offline-rules.js'
import type { Delivery } from '../../routing/delivery.js'
import { createDispatch, type Dispatch } from '../../routing/dispatch.js'
import type { Effect } from '../../routing/effect.js'
import { createFindings, type Findings } from '../../routing/findings.js'
import type { Discovery, Handler } from '../../routing/handler.js'
import { handlers } from '../../routing/handlers/index.js'
import { createInstruments } from '../../routing/instruments.js'
import { operators } from '../../routing/operators/index.js'
import { createPresence, type Presence } from '../../routing/presence.js'
import { createRefusalLog } from '../../routing/refusal-log.js'
import { register } from '../../routing/registry.js'
import { createLibrary } from '../../routing/sensors/library.js'
import { createSpeak } from '../../routing/speech.js'
import { createStats } from '../../routing/stats.js'
import { createPlaceOf } from '../../routing/zones/place.js'
import { createZoning, type Zoning } from '../../routing/zones/zoning.js'
import { openStore, type Store } from '../../storage/store.js'
import { directory, type Teardown } from './app.js'
import { DEVICE, NOW, type Sample } from './samples.js'

export interface Result {
  code: string
  effects: Effect[]
  error: Error | undefined
}

export interface Told {
  topic: string
  payload: Record<string, unknown>
}

export interface InStore {
  store: Store
  /** Hands a message in and waits until it is answered. */
  receive(
    message: Pick<Sample, 'topic' | 'payload'>,
    qos?: number,
    sender?: { taken_over?: boolean },
  ): Promise<Result>
  /** The rows of a query, read by another connection. */
  rows(sql: string): unknown[]
  readonly logged: Record<string, unknown>[]
  readonly stats: ReturnType<typeof createStats>
  /** The dispatch itself. */
  readonly raw: Dispatch['receive']
  readonly findings: Findings
  readonly presence: Presence
  readonly book: CommandBook
  readonly actuators: Actuators
  /** What devices were told to do. */
  readonly commanded: { esp_id: string; topic: string; payload: string }[]
  /** What was said so far without a message. */
  readonly said: () => Effect[]
  clock: { now: number }
  /** Do devices listen to what they are told? */
  hearing: { on: boolean }
  readonly zoning: Zoning
  readonly configuration: Configuration
  /** What devices were told of their configuration. */
  readonly told: readonly Told[]
  readonly dir: string
  close(): Promise<void>
}

export async function inStore(
  t: Teardown,
  options: {
    discovery?: Discovery
    handlers?: Record<string, Handler>
    devices?: string[]
    dir?: string
    /** ms since 1970 */
    now?: number
  } = {},
): Promise<InStore> {
  const hearing = { on: true }
  const clock = { now: options.now ?? NOW }
  const dir = options.dir ?? directory(t)
  const path = `${dir}/kaiser.db`
  const monotonic = () => performance.now()
  const store = openStore({ path, now: () => clock.now, monotonic })
  t.teardown(() => store.close())
  const logged: Record<string, unknown>[] = []
  const refusalLog = createRefusalLog(
    pino({ level: 'debug' }, { write: (line: string) => void logged.push(JSON.parse(line)) }),
  )
  t.teardown(() => refusalLog.close())
  const stats = createStats(monotonic)
  t.teardown(() => stats.close())
  let said: Effect[] = []
  const findings = createFindings()
  const audit = createDeviceAudit(store.auditLogs, () => stats.tolerate('audit_left_out'))
  const speak = createSpeak(
    store.group,
    (effect) => void said.push(effect),
    (error) => {
      throw error
    },
  )
  const zoning = createZoning({ store, kaiser_id: 'god', hears: () => hearing.on, audit, findings })
  const presence = createPresence({
    store,
    kaiser_id: 'god',
    findings,
    audit,
    speak,
    now: () => clock.now,
  })
  t.teardown(() => presence.close())
  const library = createLibrary()
  const told: Told[] = []
  const configuration = createConfiguration({
    store,
    library,
    kaiser_id: 'god',
    offlineRulesOf: createOfflineRulesOf({ store, library }),
    audit,
    findings,
    tell(_, { topic, payload }) {
      told.push({ topic, payload: JSON.parse(payload) as Record<string, unknown> })
      return hearing.on
    },
    hears: () => hearing.on,
    now: () => clock.now,
  })
  const commanded: InStore['commanded'] = []
  const actuators = createActuators({
    store,
    kaiser_id: 'god',
    tell: (esp_id, message) => {
      if (hearing.on) commanded.push({ esp_id, ...message })
      return hearing.on
    },
    reachable: () => hearing.on,
    normalise: library.normalise,
    sensorsOfRules: () => [],
    audit,
    report: (code) => stats.count(code),
    speak,
    now: () => clock.now,
    monotonic: () => clock.now,
  })
  const instruments = createInstruments(
    library,
    store.sensorConfigs,
    climateOf(store, library),
    createPlaceOf(store),
  )
  const dispatch = createDispatch({
    store,
    handlers: options.handlers ?? handlers,
    operators,
    kaiser_id: 'god',
    discovery: options.discovery ?? 'off',
    stats,
    refusalLog,
    findings,
    audit,
    actuators,
    presence,
    instruments,
    zoning,
    configuration,
    perform: (effect) => void said.push(effect),
    now: () => clock.now,
    monotonic,
  })
  await store.group.run(() => {
    for (const device_id of options.devices ?? [DEVICE, 'MOCK_001'])
      if (!store.devices.find(device_id)) register(store, device_id, {}, 'test', clock.now)
  })

  return {
    store,
    logged,
    stats,
    raw: dispatch.receive,
    findings,
    presence,
    book: actuators.book,
    actuators,
    commanded,
    said: () => said,
    clock,
    hearing,
    zoning,
    configuration,
    told,
    dir,
    close: () => store.close(),
    async receive({ topic, payload }, qos = 1, from = {}) {
      said = []
      const sender = { client_id: 'client', address: '127.0.0.1', waiting: 0, readOn() {}, ...from }
      let code = 'passed'
      const error = await new Promise<Error | undefined>((resolve) => {
        let delivery: Delivery | undefined
        delivery = dispatch.receive({ topic, payload: Buffer.from(payload), qos }, sender, (failed) => {
          code = delivery?.code ?? 'passed'
          resolve(failed)
        })
      })
      return { code, effects: said, error }
    },
    rows(sql) {
      const db = new SQLite(path, { readonly: true })
      try {
        return db.prepare(sql).all()
      } finally {
        db.close()
      }
    },
  }
}
