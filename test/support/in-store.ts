/**
 * The mind without its doors: as kaiser composes it, over a real database in memory, with a clock that the test
 * moves. What is to be done is collected instead of done, and nothing happens by itself.
 */
import SQLite from 'better-sqlite3'
import pino from 'pino'
import { createMind } from '../../bin/mind.js'
import type { CommandBook } from '../../routing/actuators/book.js'
import type { Actuators } from '../../routing/actuators.js'
import type { Configuration } from '../../routing/configuration/configuration.js'
import type { Delivery } from '../../routing/delivery.js'
import type { Dispatch } from '../../routing/dispatch.js'
import type { Effect } from '../../routing/effect.js'
import { createFindings, type Findings } from '../../routing/findings.js'
import type { Discovery, Handler } from '../../routing/handler.js'
import type { Presence } from '../../routing/presence.js'
import { createRefusalLog } from '../../routing/refusal-log.js'
import { register } from '../../routing/registry.js'
import { createStats } from '../../routing/stats.js'
import type { Zoning } from '../../routing/zones/zoning.js'
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
  const told: Told[] = []
  const commanded: InStore['commanded'] = []
  const mind = createMind({
    store,
    kaiser_id: 'god',
    discovery: options.discovery ?? 'off',
    voice: {
      async publish() {},
      hears: () => hearing.on,
      tell(esp_id, { topic, payload }) {
        if (topic.endsWith('/config')) told.push({ topic, payload: JSON.parse(payload) })
        else if (hearing.on) commanded.push({ esp_id, topic, payload })
        return hearing.on
      },
      present: () => hearing.on,
      hearsItself: () => hearing.on,
    },
    emit() {},
    perform: (effect) => void said.push(effect),
    stats,
    refusalLog,
    report(code, _who, fields) {
      if (code === 'internal_error') throw (fields as { err: unknown }).err
      stats.count(code)
    },
    findings,
    leftOut: () => stats.tolerate('audit_left_out'),
    sensorTypes: dir,
    sensorTypeFailed() {},
    extraHandlers: options.handlers,
    now: () => clock.now,
    monotonic: () => clock.now,
    // Nothing happens but what the test does.
    every: () => ({ stop() {} }),
  })
  t.teardown(() => mind.rest())
  const { actuators, configuration, dispatch, presence, zoning } = mind
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
