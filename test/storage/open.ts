/**
 * A store in a directory of its own, with a wall clock that the test moves; a reading to begin with; and
 * an outsider who opens the same file, as people do with sqlite3.
 */
import SQLite, { type Database } from 'better-sqlite3'
import type { Reading } from '../../storage/readings.js'
import { openStore, type Store, type StoreOptions } from '../../storage/store.js'
import { directory, type Teardown } from '../support/app.js'

export const NOON = Date.UTC(2025, 5, 1, 12)

export interface Opened {
  store: Store
  readonly path: string
  readonly clock: { now: number }
  /** What maintenance complained about. */
  readonly errors: Error[]
  /** Inserts in one group; resolves when on disk with the id `insert` gave each, 0 for a duplicate. */
  insert(...readings: Partial<Reading>[]): Promise<number[]>
  /** The rows of a query, read by somebody else. */
  rows<Row>(sql: string): Row[]
  /** Closes and opens again. */
  reopen(): Promise<void>
}

export async function open(
  t: Teardown,
  options: Partial<StoreOptions> & { dir?: string } = {},
): Promise<Opened> {
  const { dir, ...rest } = options
  const path = `${dir ?? directory(t)}/kaiser.db`
  const clock = { now: NOON }
  const errors: Error[] = []
  const start = (): Store =>
    openStore({
      path,
      now: () => clock.now,
      monotonic: () => performance.now(),
      onError: (error) => errors.push(error as Error),
      ...rest,
    })
  const opened: Opened = {
    store: start(),
    path,
    clock,
    errors,
    insert: (...readings) =>
      opened.store.group.run(() =>
        readings.map((fields) =>
          opened.store.readings.insert(reading({ received_at: clock.now, ...fields })),
        ),
      ),
    rows<Row>(sql: string) {
      const db = outsider(t, path)
      const found = db.prepare(sql).all() as Row[]
      db.close()
      return found
    },
    async reopen() {
      await opened.store.close()
      opened.store = start()
    },
  }
  t.teardown(() => opened.store.close())
  return opened
}

/** Somebody else's connection to a database; it waits for nobody. */
export function outsider(t: Teardown, path: string): Database {
  const db = new SQLite(path, { timeout: 0 })
  t.teardown(() => db.close())
  return db
}

/** A DS18B20 on GPIO 4 that measured 21.5 °C at noon. */
export const reading = (fields: Partial<Reading> = {}): Reading => ({
  esp_id: 'ESP_12AB34CD',
  gpio: 4,
  sensor_type: 'ds18b20',
  address: '',
  timestamp: NOON,
  time_source: 'device',
  received_at: NOON,
  raw_value: 21.5,
  processed_value: 21.5,
  unit: '°C',
  quality: 'good',
  processing_mode: 'local',
  seq: null,
  boot: 0,
  zone_id: null,
  subzone_id: null,
  data_source: 'production',
  ...fields,
})

/** Resolves when `condition` holds; throws when it takes longer than any loaded machine needs. */
export async function until(condition: () => boolean, what = condition.toString()): Promise<void> {
  const patience = performance.now() + 20_000
  while (!condition()) {
    if (performance.now() > patience) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
