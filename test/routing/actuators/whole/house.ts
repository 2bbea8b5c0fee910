/**
 * One life of kaiser between two starts: the mind as the application composes it over a real database file, with
 * wires instead of a broker and clocks that the test moves. It is killed by copying what is on disk at that moment
 * and never hearing of it again.
 */
import { copyFileSync, mkdirSync, statSync, truncateSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pino from 'pino'
import { createMind, type Mind } from '../../../../bin/mind.js'
import type { Event } from '../../../../routing/contract/events.js'
import { createFindings } from '../../../../routing/findings.js'
import { createRefusalLog } from '../../../../routing/refusal-log.js'
import { createStats } from '../../../../routing/stats.js'
import { openStore, type Store } from '../../../../storage/store.js'
import type { Time } from './time.js'
import type { Peer, Wire } from './wire.js'

/** Who hears what happens. */
export interface Ears {
  /** A device was told something: it is on its way. */
  told(esp_id: string, topic: string, payload: string): void
  /** kaiser takes this from a device now. */
  arriving(esp_id: string, topic: string, payload: string): void
  /** That message is on disk. */
  kept(esp_id: string, topic: string, payload: string): void
  announced(event: Event): void
  /** Something is wrong with kaiser itself. */
  failed(error: unknown): void
}

export interface House extends Peer {
  readonly store: Store
  readonly actuators: Mind['actuators']
  readonly act: Mind['act']
  /** Somebody with an operator's rights publishes; resolves with what became of it, when that is on disk. */
  operate(topic: string, payload: object): { done: Promise<string> }
  /** What happens once a second. */
  look(): void
  /** What happens every ten seconds. */
  lookForSilence(): void
  /** One turn of the event loop: what is queued is committed, not synced. */
  turn(): Promise<void>
  /** Until everything is on disk. */
  settled(): Promise<void>
  /** Ends at once; returns the database as a new process finds it. `power`: what was not synced is lost. */
  kill(power: boolean): string
  /** Lets go of what a dead process would not hold. */
  bury(): Promise<void>
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const silent = createRefusalLog(pino({ level: 'silent' }))
const BROADCAST = 'kaiser/broadcast/emergency'

export interface HouseOptions {
  readonly path: string
  readonly time: Time
  readonly wires: ReadonlyMap<string, Wire>
  readonly ears: Ears
}

export function openHouse({ path, time, wires, ears }: HouseOptions): House {
  time.begin()
  let alive = true
  const now = (): number => time.wall
  const monotonic = (): number => performance.now()
  const store = openStore({ path, now, monotonic })
  const stats = createStats(monotonic)
  const mind = createMind({
    store,
    kaiser_id: 'god',
    discovery: 'off',
    voice: {
      async publish({ topic, payload }) {
        if (!alive || topic !== BROADCAST) return
        for (const [esp_id, wire] of wires) if (wire.tell(topic, payload)) ears.told(esp_id, topic, payload)
      },
      hears: () => false,
      tell(esp_id, { topic, payload }, life) {
        const told = alive && wires.get(esp_id)!.tell(topic, payload, life)
        if (told) ears.told(esp_id, topic, payload)
        return told
      },
      present: (esp_id) => wires.get(esp_id)?.listening ?? false,
      hearsItself: () => false,
    },
    emit(event) {
      if (alive) ears.announced(event)
    },
    stats,
    refusalLog: silent,
    report(code, _who, fields) {
      if (code === 'internal_error' || code === 'storage_unavailable') ears.failed(fields)
    },
    findings: createFindings(),
    leftOut() {},
    sensorTypes: dirname(path),
    sensorTypeFailed() {},
    now,
    monotonic: () => time.monotonic,
  })
  const { actuators, expiry, presence, dispatch } = mind
  // Its timers run by a clock that no test can move.
  void expiry.close()
  presence.close()

  const log = `${path}-wal`
  let synced = statSync(log).size
  const sender = (client_id: string) => ({ client_id, address: '127.0.0.1', waiting: 0, readOn() {} })
  const look = (): void => {
    // What it does once a second.
    actuators.start()
    actuators.close()
    expiry.look()
  }
  look()

  return {
    store,
    actuators,
    act: mind.act,
    receive(esp_id, topic, payload) {
      ears.arriving(esp_id, topic, payload)
      dispatch.receive({ topic, payload: Buffer.from(payload), qos: 1 }, sender(esp_id), (error) => {
        if (error) ears.failed(error)
        else if (alive) ears.kept(esp_id, topic, payload)
      })
    },
    operate(topic, payload) {
      const message = { topic, payload: Buffer.from(JSON.stringify(payload)), qos: 1, by: 'ada' }
      return {
        done: new Promise((resolve, reject) => {
          const delivery = dispatch.receive(message, sender('operator'), (error) => {
            if (error) reject(error)
            else if (alive) resolve(delivery?.code ?? 'passed')
          })
        }),
      }
    },
    connected(esp_id, again) {
      if (again) mind.reconnected(esp_id)
    },
    heard: mind.heard,
    look,
    lookForSilence: presence.look,
    turn,
    async settled() {
      do await turn()
      while (store.group.waiting > 0)
      synced = statSync(log).size
    },
    kill(power) {
      alive = false
      const next = join(dirname(dirname(path)), String(Number(dirname(path).split('/').at(-1)) + 1))
      mkdirSync(next)
      copyFileSync(path, join(next, 'kaiser.db'))
      copyFileSync(log, join(next, 'kaiser.db-wal'))
      if (power && synced < statSync(log).size) truncateSync(join(next, 'kaiser.db-wal'), synced)
      return join(next, 'kaiser.db')
    },
    async bury() {
      alive = false
      stats.close()
      await store.close()
    },
  }
}
