/** What the broker remembers and the rows of a message: one transaction, one fate, and nothing said to be on disk that is not. */
import SQLite from 'better-sqlite3'
import t, { type Test } from 'tap'
import { Member } from '../../storage/group.js'
import type { Rowed } from '../../storage/mqtt-state.js'
import { openStore, type Store } from '../../storage/store.js'
import { directory } from '../support/app.js'
import { reading } from './open.js'

const opened = (t: Test): { store: Store; counts: () => { ids: number; readings: number } } => {
  const path = `${directory(t)}/kaiser.db`
  const store = openStore({ path, now: Date.now, monotonic: () => performance.now() })
  t.teardown(() => store.close())
  const db = new SQLite(path, { readonly: true })
  t.teardown(() => db.close())
  return {
    store,
    counts: () =>
      db
        .prepare(
          'SELECT (SELECT count(*) FROM mqtt_incoming) AS ids, (SELECT count(*) FROM readings) AS readings',
        )
        .get() as { ids: number; readings: number },
  }
}

const idOf = (packet_id: number, withdrawn?: () => void): Rowed => ({
  table: 'mqtt_incoming',
  key: () => ({ client_id: 'c', packet_id }),
  row: () => ({ client_id: 'c', packet_id }),
  written: false,
  ...(withdrawn && { withdrawn }),
})

const insert = (store: Store, n: number): number =>
  store.readings.insert(
    reading({ esp_id: 'ESP_1', timestamp: n, received_at: n, raw_value: n, processed_value: n }),
  )

/** A member that says what it hears. */
class Ear extends Member {
  readonly #hear: (what: string) => void
  constructor(hear: (what: string) => void) {
    super()
    this.#hear = hear
  }
  committed(): void {
    this.#hear('committed')
  }
  durable(): void {
    this.#hear('durable')
  }
  held(): void {}
  expired(): void {
    this.#hear('expired')
  }
  failed(): void {
    this.#hear('failed')
  }
}

const settled = (store: Store): Promise<void> =>
  new Promise((resolve, reject) =>
    store.mqttState.settle({ durable: resolve, expired: () => reject(new Error('expired')) }),
  )

t.test('an id and its message are committed together, however many wait', async (t) => {
  const { store, counts } = opened(t)
  const seen: { ids: number; readings: number }[] = []

  for (let n = 1; n <= 1_000; n++)
    store.group.join(new Ear((what) => what === 'committed' && n % 50 === 0 && seen.push(counts())), () => {
      store.mqttState.together(() => store.mqttState.note(idOf(n)))
      insert(store, n)
    })
  await settled(store)

  t.ok(seen.length > 5)
  for (const { ids, readings } of seen) t.equal(ids, readings)
  t.strictSame(counts(), { ids: 1_000, readings: 1_000 })
})

t.test('an id is withdrawn with the rows of a message that fails', async (t) => {
  const { store, counts } = opened(t)
  const heard: string[] = []

  store.group.join(new Ear((what) => heard.push(what)), () => {
    store.mqttState.together(() => store.mqttState.note(idOf(7, () => heard.push('withdrawn'))))
    insert(store, 1)
    throw new Error('the handler has a bug')
  })
  await settled(store)

  t.strictSame(heard.slice(0, 2), ['withdrawn', 'failed'])
  t.strictSame(counts(), { ids: 0, readings: 0 })
})

t.test('what is noted while others of the same commit are told is on disk when that is said', async (t) => {
  const { store, counts } = opened(t)
  let said: Promise<void> | undefined

  store.group.join(
    new Ear((what) => {
      if (what !== 'committed') return
      store.mqttState.note(idOf(2))
      said = settled(store)
    }),
    () => insert(store, 1),
  )
  // The batch that is open when the commit begins.
  store.mqttState.note(idOf(1))
  await settled(store)
  await said

  t.strictSame(counts(), { ids: 2, readings: 1 })
})

t.test('those who only wait share a place, and do not fill the queue of those who have rows', async (t) => {
  const { store } = opened(t)

  let told = 0
  for (let n = 0; n < 30_000; n++)
    store.mqttState.settle({ durable: () => told++, expired: () => t.fail('expired') })
  t.equal(store.group.full, false)
  t.ok(store.group.waiting < 10)
  await settled(store)
  t.equal(told, 30_000)
})
